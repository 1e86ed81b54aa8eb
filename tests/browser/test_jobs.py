"""A job is followed live, and cancelled while it runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect
from pytest_django.fixtures import Settings

from console.models import User, Workspace
from ingestion.models import Run
from ingestion.pipeline.plan import plan_run
from ingestion.pipeline.process import process_batch
from ingestion.services import cancel, connect
from tests.browser.accessibility import check
from tests.browser.conftest import Open
from tests.ingestion.conftest import unattended
from tests.repositories import Repository

FILES = {f"notes/{n:02}.md": f"# Note {n}\n\nAbout {n}.\n" for n in range(40)}


@pytest.fixture
def run(transactional_db: None, workspace: Workspace, settings: Settings, tmp_path: Path) -> Iterator[Run]:
    """Return a run that is planned, and whose batches come when the test says so."""
    settings.EMBEDDER, settings.BATCH_DOCUMENTS = "null", 10
    repository = Repository(tmp_path / "notes", FILES)
    with unattended():
        source = connect(workspace=workspace, kind="git", resource=str(repository.path), allow_local=True)
        run = source.runs.get()
        plan_run(run.pk)
        yield run


def test_a_job_is_followed_and_cancelled_while_it_runs(open_page: Open, alice: User, run: Run) -> None:
    page = open_page(alice)
    page.goto(f"/acme/core/jobs/{run.pk}/")
    expect(page.get_by_text("0 of 40")).to_be_visible()
    process_batch(run.pk)
    expect(page.get_by_text("10 of 40")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("The job is cancelled")).to_be_visible()
    expect(page.locator("#progress").get_by_text("Cancelled")).to_be_visible()
    process_batch(run.pk)
    run.refresh_from_db()
    assert (run.state, run.settled, run.integration.documents.count()) == ("cancelled", 10, 10)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(2_500)
    assert not asked, "an ended job is not asked for again"


def test_the_list_of_jobs_follows_a_run_to_its_end_and_says_so(
    open_page: Open, alice: User, run: Run
) -> None:
    page = open_page(alice)
    page.goto("/acme/core/jobs/")
    process_batch(run.pk)
    expect(page.get_by_text("10 of 40 done")).to_be_visible()
    Run.objects.filter(pk=run.pk).update(state="completed", finished_at=run.created_at)
    expect(page.get_by_role("status").filter(has_text="Job of notes: completed.")).to_be_attached()
    expect(page.locator(".rows").get_by_text("Completed")).to_be_visible()


def test_the_overview_follows_a_first_sync_and_keeps_what_it_has_loaded(
    open_page: Open, alice: User, run: Run
) -> None:
    page = open_page(alice)
    page.goto("/acme/core/")
    activity = page.locator("#activity").get_by_role("link", name="notes")
    expect(activity).to_be_visible()
    process_batch(run.pk)
    expect(page.get_by_text("10 of 40 done").first).to_be_visible()
    expect(activity).to_be_visible()
    check(page)
    cancel(run=run)
    expect(page.get_by_role("status").filter(has_text="The sync has ended.")).to_be_attached()
    expect(page.locator("#live[hx-trigger]")).to_have_count(0)
