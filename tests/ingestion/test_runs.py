"""Runs: one at a time, cancelled for good, retried where they failed."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django.fixtures import Settings

from console.models import Activity
from ingestion import pipeline, schedule
from ingestion.models import Document, Integration, ItemState, Omission, Run, RunItem, RunState, Trigger
from ingestion.pipeline.finish import finish_run
from ingestion.pipeline.plan import plan_run
from ingestion.pipeline.process import process_batch
from ingestion.runs import request_run
from ingestion.services import cancel, pause, resume, retry_failed, sync_now
from lightfast.lib.errors import UserError
from tests.ingestion.conftest import Sync, unattended
from tests.ingestion.snapshot import snapshot
from tests.queue import Drain
from tests.repositories import Repository


def planned(source: Integration) -> Run:
    """Return a run that is planned, with nobody at work on it."""
    with unattended():
        run = sync_now(integration=source)
        plan_run(run.pk)
    run.refresh_from_db()
    return run


def process(run: Run) -> None:
    """Process one batch and stop there."""
    with unattended():
        process_batch(run.pk)


def test_the_database_allows_one_active_run(source: Integration) -> None:
    values = {"workspace": source.workspace, "integration": source, "due_at": timezone.now()}
    Run.objects.create(trigger=Trigger.MANUAL, **values)
    with pytest.raises(IntegrityError, match="run_one_active"), transaction.atomic():
        Run.objects.create(trigger=Trigger.MANUAL, **values)


def test_asking_again_before_a_run_begins_brings_it_forward(source: Integration) -> None:
    with unattended():
        later = request_run(
            integration=source, trigger=Trigger.PUSH, due_at=timezone.now() + timedelta(hours=1)
        )
        again = sync_now(integration=source, full=True)
    assert again == later
    assert again.full
    assert again.due_at <= timezone.now()


def test_a_change_during_a_run_is_followed_by_one_more(
    source: Integration, repository: Repository, worker: Drain
) -> None:
    repository.commit({"a.md": "# A\n"})
    run = planned(source)
    repository.commit({"b.md": "# B\n"})
    assert request_run(integration=source, trigger=Trigger.PUSH) == run
    assert request_run(integration=source, trigger=Trigger.PUSH) == run
    schedule.tick()
    worker()
    source.refresh_from_db()
    assert source.runs.filter(created_at__gt=run.created_at).count() == 1
    assert Document.objects.filter(integration=source, key="b.md").exists()
    assert not source.dirty


def test_a_cancelled_run_writes_nothing_more(source: Integration, repository: Repository) -> None:
    repository.commit({"a.md": "# A\n"})
    run = planned(source)
    assert cancel(run=run)
    process_batch(run.pk)
    finish_run(run.pk)
    run.refresh_from_db()
    assert run.state == RunState.CANCELLED
    assert run.finished_at is not None
    assert set(RunItem.objects.filter(run=run).values_list("state", flat=True)) == {ItemState.CANCELLED}
    assert not Document.objects.filter(key="a.md").exists()
    assert not cancel(run=run)
    assert Activity.objects.filter(action="run.cancelled").count() == 1


def test_a_batch_in_work_when_the_run_is_cancelled_is_not_written(
    source: Integration, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.commit({"a.md": "# A\n"})
    run = planned(source)
    embed = pipeline.embed.embed
    monkeypatch.setattr(pipeline.process, "embed", lambda *arguments: (cancel(run=run), embed(*arguments))[1])
    process(run)
    assert not Document.objects.filter(key="a.md").exists()


def test_after_a_cancelled_run_the_next_compares_everything(
    source: Integration, repository: Repository, sync: Sync, settings: Settings
) -> None:
    """What the cancelled run wrote may be of a revision that was taken back since."""
    settings.BATCH_DOCUMENTS = 1
    first = repository.git("rev-parse", "HEAD")
    before = snapshot(source)
    repository.commit({"README.md": "# Changed\n", "src/app.py": "changed = 1\n"})
    run = planned(source)
    process(run)
    cancel(run=run)
    assert Document.objects.filter(text="# Changed\n").exists()
    repository.git("reset", "--hard", "--quiet", first)
    source.refresh_from_db()
    assert sync(source).full
    assert snapshot(source) == before


def test_a_document_that_fails_fails_alone_and_is_retried(
    source: Integration, repository: Repository, sync: Sync, worker: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    chunk = pipeline.chunk.chunk

    def refuse(text: str, path: str, *, max_tokens: int) -> object:
        if "poison" in text:
            raise ValueError("this text is poison")
        return chunk(text, path, max_tokens=max_tokens)

    monkeypatch.setattr(pipeline.prepare, "chunk", refuse)
    repository.commit({"bad.md": "poison\n", "good.md": "# Good\n", "README.md": "poison too\n"})
    run = sync(source)
    assert (run.state, run.failed, run.added) == (RunState.COMPLETED_WITH_ERRORS, 2, 1)
    failed = Omission.objects.filter(integration=source, state="failed")
    assert set(failed.values_list("key", flat=True)) == {"bad.md", "README.md"}
    assert "this text is poison" in failed[0].detail
    assert Document.objects.get(integration=source, key="README.md").text.startswith("# Acme")
    source.refresh_from_db()
    assert source.cursor == run.revision

    monkeypatch.undo()
    retry = retry_failed(run=run)
    worker()
    retry.refresh_from_db()
    assert (retry.state, retry.added, retry.changed, retry.full) == (RunState.COMPLETED, 1, 1, False)
    assert not failed.exists()
    assert Document.objects.get(integration=source, key="README.md").text == "poison too\n"


def test_a_paused_source_does_not_sync_and_stays_searchable(
    source: Integration, repository: Repository, worker: Drain
) -> None:
    repository.commit({"a.md": "# A\n"})
    with unattended():
        run = sync_now(integration=source)
    pause(integration=source)
    source.refresh_from_db()
    run.refresh_from_db()
    assert (source.state, run.state) == ("paused", RunState.CANCELLED)
    with pytest.raises(UserError, match="Resume it first"):
        sync_now(integration=source)
    assert Document.objects.filter(integration=source).count() == 2
    resumed = resume(integration=source)
    worker()
    assert resumed is not None
    resumed.refresh_from_db()
    assert (resumed.state, resumed.added) == (RunState.COMPLETED, 1)


def test_actors_may_run_twice_and_late(source: Integration, repository: Repository) -> None:
    repository.commit({"a.md": "# A\n"})
    run = planned(source)
    with unattended():
        plan_run(run.pk)
        process_batch(run.pk)
        process_batch(run.pk)
        finish_run(run.pk)
        after = snapshot(source)
        finish_run(run.pk)
        plan_run(run.pk)
        process_batch(run.pk)
    run.refresh_from_db()
    assert (run.state, run.added) == (RunState.COMPLETED, 1)
    assert snapshot(source) == after


def test_a_finish_that_comes_too_early_waits(source: Integration, repository: Repository) -> None:
    repository.commit({"a.md": "# A\n"})
    run = planned(source)
    cursor = source.cursor
    finish_run(run.pk)
    run.refresh_from_db()
    source.refresh_from_db()
    assert run.state == RunState.RUNNING
    assert source.cursor == cursor
