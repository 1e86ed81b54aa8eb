"""A worker's hold on its work lasts as long as the worker, and what kills workers is given up."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread
from uuid import UUID

import dramatiq
import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django.fixtures import Settings

from ingestion import schedule
from ingestion.models import Document, Integration, ItemState, Run, RunItem, RunState
from ingestion.pipeline.lease import lease_end
from ingestion.pipeline.plan import plan_run
from ingestion.pipeline.process import ALONE_AFTER, MAX_ATTEMPTS, process_batch
from ingestion.services import sync_now
from tests.ingestion.conftest import unattended
from tests.queue import Drain
from tests.repositories import Repository


@pytest.fixture
def planned(source: Integration, repository: Repository) -> Run:
    """Return a run of three documents that no worker knows of."""
    repository.commit({f"{name}.md": f"# {name}\n" for name in "abc"})
    with unattended():
        run = sync_now(integration=source)
        plan_run(run.pk)
    return run


@contextmanager
def elsewhere(work: Callable[[UUID], None], run: Run) -> Iterator[None]:
    """Do something with a run in a thread of its own meanwhile."""

    def do() -> None:
        try:
            work(run.pk)
        finally:
            connection.close()

    thread = Thread(target=do)
    thread.start()
    yield
    thread.join()


def test_a_planner_that_takes_long_keeps_its_run_and_promises_little_ahead(
    source: Integration, repository: Repository, settings: Settings
) -> None:
    settings.LEASE_SECONDS = 0.6
    repository.commit({"a.md": "# A\n"})
    with unattended():
        run = sync_now(integration=source)
        with elsewhere(plan_run, run), transaction.atomic():
            Integration.objects.select_for_update().get(pk=source.pk)  # its plan cannot be written meanwhile
            time.sleep(0.5)
            for _ in range(4):
                time.sleep(0.3)
                run.refresh_from_db()
                assert run.lease_expires_at is not None
                assert timedelta(0) < run.lease_expires_at - timezone.now() <= timedelta(seconds=0.6)
                schedule.tick()
    run.refresh_from_db()
    assert run.attempts == 1 and run.planned_at is not None


def test_a_worker_that_ends_gives_back_its_batch_and_writes_it_no_more(planned: Run, worker: Drain) -> None:
    items = RunItem.objects.filter(run=planned)
    with elsewhere(process_batch, planned), transaction.atomic(), unattended():
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE ingestion_chunk")  # the batch cannot be embedded meanwhile
        while items.filter(state=ItemState.LEASED).count() < 3:
            time.sleep(0.02)
        end_worker()
    assert {(item.state, item.lease_expires_at) for item in items} == {(ItemState.QUEUED, None)}
    assert not Document.objects.filter(key="a.md").exists()
    schedule.tick()
    worker()
    planned.refresh_from_db()
    assert (planned.state, planned.added) == (RunState.COMPLETED, 3)


def test_a_worker_that_ends_gives_back_the_run_it_plans(
    source: Integration, repository: Repository, worker: Drain
) -> None:
    repository.commit({"a.md": "# A\n"})
    with unattended():
        run = sync_now(integration=source)
    with elsewhere(plan_run, run), transaction.atomic():
        Integration.objects.select_for_update().get(pk=source.pk)
        while run.state != RunState.RUNNING:
            time.sleep(0.02)
            run.refresh_from_db()
        end_worker()
    worker()
    run.refresh_from_db()
    assert run.state == RunState.COMPLETED


def test_a_clock_that_is_ahead_neither_puts_a_run_off_nor_holds_it(
    source: Integration, repository: Repository, monkeypatch: pytest.MonkeyPatch, worker: Drain
) -> None:
    repository.commit({"a.md": "# A\n"})
    ahead = timezone.now() + timedelta(hours=1)
    with unattended(), monkeypatch.context() as wrong:
        wrong.setattr(timezone, "now", lambda: ahead)
        run = sync_now(integration=source)
        Run.objects.filter(pk=run.pk).update(lease_expires_at=lease_end() - timedelta(seconds=300))
    schedule.tick()
    worker()
    run.refresh_from_db()
    assert run.state == RunState.COMPLETED


def end_worker() -> None:
    """Do what a worker does last when it is asked to end."""
    broker = dramatiq.get_broker()
    broker.emit_after("worker_shutdown", dramatiq.Worker(broker))


def test_what_ends_its_workers_is_given_up_and_takes_nothing_else_with_it(
    planned: Run, worker: Drain
) -> None:
    deadly = RunItem.objects.filter(run=planned).earliest("id")
    over = timezone.now() - timedelta(seconds=1)
    RunItem.objects.filter(pk=deadly.pk).update(
        state=ItemState.LEASED, attempts=MAX_ATTEMPTS, lease_expires_at=over
    )
    schedule.tick()
    worker()
    planned.refresh_from_db()
    deadly.refresh_from_db()
    assert (planned.state, planned.failed, planned.added) == (RunState.COMPLETED_WITH_ERRORS, 1, 2)
    assert deadly.state == ItemState.FAILED and f"{MAX_ATTEMPTS} workers ended" in deadly.detail


def test_what_came_to_nothing_several_times_is_tried_alone(planned: Run) -> None:
    RunItem.objects.filter(run=planned).update(attempts=ALONE_AFTER - 1)
    last = RunItem.objects.filter(run=planned).latest("id")
    RunItem.objects.filter(pk=last.pk).update(attempts=ALONE_AFTER)
    with unattended():
        process_batch(planned.pk)
        assert RunItem.objects.get(state=ItemState.QUEUED) == last
        process_batch(planned.pk)
    assert not RunItem.objects.filter(state=ItemState.QUEUED).exists()
