"""What people see of jobs and do with them."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from console.models import Workspace
from ingestion.models import Integration, Run, RunItem
from ingestion.progress import progress_of, waits_for
from tests.ingestion.conftest import unattended
from tests.pages.conftest import make_items, make_run, make_source

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def nobody_works() -> Iterator[None]:
    with unattended():
        yield


def test_jobs_are_narrowed_by_state_cause_source_and_time(
    source: Integration, workspace: Workspace, as_alice: Client
) -> None:
    other = make_source(workspace, "other")
    make_run(other, state="failed", error="Broken", trigger="push")
    held = make_run(make_source(workspace, "third"), state="running", finished_at=None, hold="budget")

    def found(query: str) -> set[str]:
        return {str(job.integration) for job in as_alice.get(f"/acme/core/jobs/{query}").context["jobs"].rows}

    assert found("") == {"billing", "other", "third"}
    assert found("?state=failed") == found("?trigger=push") == found(f"?integration={other.pk}") == {"other"}
    assert found("?state=active") == found("?state=held") == {str(held.integration)}
    assert found("?since=24h") == {"billing", "other", "third"}
    assert found("?state=nonsense&since=1") == {"billing", "other", "third"}


def test_a_row_asks_for_itself_only_while_its_run_moves_and_tells_the_end(
    source: Integration, as_alice: Client
) -> None:
    run = make_run(source, state="running", finished_at=None, total=4, settled=1, planned={"file": 4})
    address = f"/acme/core/jobs/{run.pk}/row/"
    assert "every 2s" in as_alice.get("/acme/core/jobs/").text
    row = as_alice.get(address, headers=HTMX).text
    assert "every 2s" in row and "announce" not in row
    Run.objects.filter(pk=run.pk).update(state="completed", finished_at=timezone.now())
    row = as_alice.get(address, headers=HTMX).text
    assert "every 2s" not in row and "Job of billing: completed." in row


def test_the_documents_of_a_job_are_found_by_state_change_reason_and_path(run: Run, as_alice: Client) -> None:
    def found(query: str) -> list[str]:
        page = as_alice.get(f"/acme/core/jobs/{run.pk}/{query}")
        return [item.key for item in page.context["items"].rows]

    assert len(found("")) == 4
    assert found("?state=failed") == found("?action=change") == found("?reason=error") == ["bad.py"]
    assert found("?path=FILE1") == ["src/file1.py"]
    assert "No document matches" in as_alice.get(f"/acme/core/jobs/{run.pk}/?path=nowhere").text


def test_the_progress_and_the_documents_come_as_their_own_fragments(run: Run, as_alice: Client) -> None:
    address = f"/acme/core/jobs/{run.pk}/"
    progress = as_alice.get(address, headers={**HTMX, "HX-Target": "progress"}).text
    assert 'id="progress"' in progress and 'id="items"' not in progress
    items = as_alice.get(address, headers={**HTMX, "HX-Target": "items"}).text
    assert 'id="items"' in items and 'id="progress"' not in items


def test_a_running_job_is_cancelled_and_a_failed_document_tried_again(
    source: Integration, as_alice: Client
) -> None:
    run = make_run(source, state="running", finished_at=None)
    answer = as_alice.post(f"/acme/core/jobs/{run.pk}/cancel/", follow=True)
    assert "The job is cancelled" in answer.text and "Cancelled" in answer.text
    assert "had ended already" in as_alice.post(f"/acme/core/jobs/{run.pk}/cancel/", follow=True).text
    answer = as_alice.post(f"/acme/core/jobs/{run.pk}/retry/")
    retry = Run.objects.get(trigger="retry")
    assert answer["Location"] == f"/acme/core/jobs/{retry.pk}/"


def test_a_retry_of_a_paused_source_says_what_to_do(run: Run, as_alice: Client) -> None:
    Integration.objects.update(state="paused")
    answer = as_alice.post(f"/acme/core/jobs/{run.pk}/retry/", follow=True)
    assert "Resume it first" in answer.text


def test_the_time_left_is_told_only_when_the_pace_is_known(source: Integration) -> None:
    now = timezone.now()
    run = make_run(
        source, state="running", finished_at=None, total=1_000, settled=30, planned={"file": 1_000},
        moving_since=now - timedelta(seconds=60),
    )  # fmt: skip
    assert progress_of(run, now).left is None, "three in a hundred tell little"
    run.settled = 250
    assert progress_of(run, now).left == timedelta(seconds=180)
    run.settled_before = 200
    assert progress_of(run, now).left == timedelta(seconds=900), "the pace since it goes on counts"
    assert progress_of(run, now, waiting="The service asks for patience.").left is None
    run.hold = "budget"
    assert progress_of(run, now).left is None


@pytest.mark.parametrize(
    ("values", "stage"),
    [
        ({"state": "queued", "planned_at": None}, "Waiting for a worker"),
        ({"planned_at": None}, "Comparing with the source"),
        ({"settled": 4}, "Indexing documents"),
        ({"settled": 10}, "Finishing: removals, statistics, cursor"),
        ({"hold": "budget"}, "The budget is used up"),
        ({"state": "completed"}, ""),
    ],
)
def test_the_stage_is_the_one_that_the_rows_tell(
    source: Integration, values: dict[str, object], stage: str
) -> None:
    run = Run(
        **{"state": "running", "planned_at": timezone.now(), "planned": {"file": 10}, "total": 12, **values},
        due_at=timezone.now(),
    )
    assert progress_of(run, timezone.now()).stage == stage


def test_what_a_job_waits_for_is_what_its_documents_say(source: Integration) -> None:
    run = make_run(source, state="running", finished_at=None)
    make_items(run, 1)
    assert waits_for(run) == ""
    later = timezone.now() + timedelta(minutes=2)
    RunItem.objects.create(
        run=run, action="add", kind="file", key="a", state="queued", due_at=later, detail="Voyage: slow down."
    )
    assert waits_for(run).startswith("Voyage: slow down. It is tried again at")
    RunItem.objects.create(run=run, action="add", kind="file", key="b", state="leased")
    assert waits_for(run) == ""


def test_all_first_syncs_that_wait_are_started_at_once_with_their_cost_in_sight(
    workspace: Workspace, as_alice: Client
) -> None:
    estimate = {"documents": 10, "bytes": 30_000, "tokens": 10_000, "unsized": 1}
    for name in ("one", "two"):
        source = make_source(workspace, name)
        make_run(
            source, trigger="first", state="running", finished_at=None, hold="confirmation", estimate=estimate
        )
    page = as_alice.get("/acme/core/sources/").text
    assert "2 sources are compared and ready" in page and "about 20,000" in page
    answer = as_alice.post("/acme/core/jobs/confirm/", follow=True)
    assert "2 syncs have begun." in answer.text
    assert not Run.objects.exclude(hold="").exists()
    assert "go-ahead" not in answer.text
