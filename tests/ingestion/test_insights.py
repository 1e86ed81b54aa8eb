"""Insights: what the index and its jobs did over a period."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from console.charts import PERIODS
from console.models import Workspace
from ingestion.insights import Insights, insights_of
from ingestion.models import Integration, Metric, Run, RunState
from ingestion.pipeline.samples import sample, sample_overdue
from tests.ingestion.conftest import Sync
from tests.rows import make_document, make_run, make_source

PAGE = "/acme/core/insights/"


@pytest.fixture
def filled(workspace: Workspace, other_workspace: Workspace) -> Integration:
    """Let a source of Acme have jobs, and one of Evil."""
    source = make_source(workspace)
    Run.objects.all().delete()
    for seconds in range(1, 21):
        make_run(source, seconds=seconds, ago=2, tokens=100)
    make_run(source, RunState.FAILED, seconds=1, ago=30)
    make_run(source, RunState.CANCELLED, ago=24 * 40)
    make_run(make_source(other_workspace), seconds=4_000, tokens=9)
    return source


def _values(found: Insights, title: str, label: str) -> list[float | None]:
    chart = next(chart for chart in found.charts if chart.title == title)
    return list(next(series for series in chart.series if series.label == label).values)


def test_jobs_are_counted_by_outcome_in_their_period(workspace: Workspace, filled: Integration) -> None:
    day = insights_of(workspace, PERIODS["24h"])
    assert (day.jobs, day.good_jobs, day.tokens) == (20, 20, 2_000)
    week = insights_of(workspace, PERIODS["7d"])
    assert (week.jobs, week.good_jobs) == (21, 20)
    assert sum(value or 0 for value in _values(week, "Jobs by outcome", "Failed")) == 1
    assert insights_of(workspace, PERIODS["30d"]).jobs == 21


def test_durations_are_percentiles(workspace: Workspace, filled: Integration) -> None:
    day = insights_of(workspace, PERIODS["24h"])
    half = [
        value for value in _values(day, "How long jobs took", "Half of them at most") if value is not None
    ]
    most = [
        value for value in _values(day, "How long jobs took", "95 % of them at most") if value is not None
    ]
    assert half == [10.5]
    assert most == pytest.approx([19.05])


@pytest.mark.parametrize("period", PERIODS.values(), ids=str)
def test_every_period_ends_now(period: object, workspace: Workspace) -> None:
    assert isinstance(period, type(PERIODS["24h"]))
    for chart in insights_of(workspace, period).charts:
        assert chart.times[0] == period.start
        assert chart.times[-1] <= timezone.now() < chart.times[-1] + period.bucket
        assert len(chart.times) == period.span / period.bucket


def test_sizes_are_those_of_the_last_count(workspace: Workspace, filled: Integration) -> None:
    now = timezone.now()
    for hours, value in ((30, 5), (3, 7)):
        Metric.objects.create(
            workspace=workspace,
            name="workspace_documents",
            value=value,
            recorded_at=now - timedelta(hours=hours),
        )
    values = _values(insights_of(workspace, PERIODS["24h"]), "Documents and chunks", "Documents")
    assert values[:20] == [5] * 20
    assert values[-1] == 7


def test_the_end_of_a_job_counts_the_index(source: Integration, sync: Sync, workspace: Workspace) -> None:
    found = insights_of(workspace, PERIODS["24h"])
    assert (found.documents, found.chunks, found.jobs) == (2, 2, 1)


def test_each_hour_counts_what_was_not_counted(workspace: Workspace, other_workspace: Workspace) -> None:
    make_document(make_source(workspace), "README.md")
    sample_overdue()
    sample_overdue()
    counted = Metric.objects.filter(name="workspace_documents").values_list("workspace", "value")
    assert dict(counted) == {workspace.pk: 1, other_workspace.pk: 0}
    Metric.objects.update(recorded_at=timezone.now() - timedelta(minutes=61))
    sample(workspace.pk)
    sample_overdue()
    assert Metric.objects.filter(name="workspace_documents").count() == 4


def test_the_page_draws_and_tabulates(as_bob: Client, filled: Integration) -> None:
    page = as_bob.get(PAGE, {"period": "24h"}).content.decode()
    assert page.count('data-chart="') == 4
    assert 'data-value="10.5"' in page
    assert 'hx-get="/acme/core/insights/searches/?period=24h"' in page
    assert 'aria-current="page">24 hours' in page
    assert 'aria-current="page">7 days' in as_bob.get(PAGE, {"period": "?"}).content.decode()


def test_an_empty_workspace_is_told_what_comes(as_bob: Client) -> None:
    assert "Nothing to draw yet" in as_bob.get(PAGE).content.decode()


def test_it_needs_a_login_a_place_in_the_team_and_a_read(
    as_bob: Client, as_mallory: Client, workspace: Workspace
) -> None:
    assert Client().get(PAGE)["Location"].startswith("/accounts/login/")
    assert as_mallory.get(PAGE).status_code == 404
    assert as_bob.post(PAGE).status_code == 405


def test_queries_do_not_grow_with_the_jobs(
    as_bob: Client, filled: Integration, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(2):
        with django_assert_num_queries(7):
            as_bob.get(PAGE)
        for _ in range(10):
            make_run(filled)
