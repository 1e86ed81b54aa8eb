"""Insights into searches: how many, how fast, and what people asked for."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from console.charts import PERIODS
from console.models import Workspace
from search.insights import insights_of
from search.models import SearchLog

PAGE = "/acme/core/insights/searches/"


def _search(
    workspace: Workspace, query: str, *, results: int = 3, milliseconds: float = 20, hours: float = 1
) -> None:
    row = SearchLog.objects.create(
        workspace=workspace, query=query, mode="hybrid", results=results, milliseconds=milliseconds
    )
    SearchLog.objects.filter(pk=row.pk).update(created_at=timezone.now() - timedelta(hours=hours))


@pytest.fixture
def asked(workspace: Workspace, other_workspace: Workspace) -> None:
    """Let people search Acme's workspace, and somebody Evil's."""
    for milliseconds in range(1, 21):
        _search(workspace, "webhook signature", milliseconds=milliseconds)
    _search(workspace, " Webhook Signature", results=0, hours=0.5)
    for _ in range(3):
        _search(workspace, "refunds", results=0, hours=30)
    _search(other_workspace, "world domination", results=0)


@pytest.mark.usefixtures("asked")
def test_searches_are_counted_in_their_period(workspace: Workspace) -> None:
    day = insights_of(workspace, PERIODS["24h"])
    assert (day.searches, day.empty) == (21, 1)
    assert insights_of(workspace, PERIODS["7d"]).searches == 24


@pytest.mark.usefixtures("asked")
def test_queries_are_the_same_in_any_case(workspace: Workspace) -> None:
    week = insights_of(workspace, PERIODS["7d"])
    assert [(row["query"].strip(), row["times"]) for row in week.most] == [
        ("Webhook Signature", 21),
        ("refunds", 3),
    ]
    assert [(row["query"].strip(), row["empty"]) for row in week.empties] == [
        ("refunds", 3),
        ("Webhook Signature", 1),
    ]


@pytest.mark.usefixtures("asked")
def test_latency_is_percentiles(workspace: Workspace) -> None:
    chart = insights_of(workspace, PERIODS["24h"]).charts[1]
    most = [value for value in chart.series[1].values if value is not None]
    assert max(most) == pytest.approx(0.01905, rel=0.1)


@pytest.mark.usefixtures("asked")
def test_the_panel_comes_alone_or_as_a_page(as_bob: Client) -> None:
    panel = as_bob.get(PAGE, {"period": "7d"}, headers={"HX-Request": "true"}).content.decode()
    assert "refunds" in panel and "<html" not in panel and "world domination" not in panel
    assert "<html" in as_bob.get(PAGE).content.decode()


def test_a_period_without_searches_and_a_log_that_is_off_are_told(
    as_bob: Client, workspace: Workspace
) -> None:
    assert "Nobody searched in these 7 days" in as_bob.get(PAGE).content.decode()
    Workspace.objects.update(search_log_days=None)
    assert "Searches are not kept" in as_bob.get(PAGE).content.decode()


def test_it_needs_a_login_a_place_in_the_team_and_a_read(
    as_bob: Client, as_mallory: Client, workspace: Workspace
) -> None:
    assert Client().get(PAGE)["Location"].startswith("/accounts/login/")
    assert as_mallory.get(PAGE).status_code == 404
    assert as_bob.post(PAGE).status_code == 405
