"""What was lost, left behind or is due is found in the tables."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from ingestion import schedule
from ingestion.models import (
    Delivery,
    Document,
    Integration,
    ItemState,
    Metric,
    Purge,
    Run,
    RunItem,
    RunState,
    Trigger,
)
from ingestion.pipeline.plan import plan_run
from ingestion.runs import request_run
from ingestion.services import disconnect, pause, sync_now
from tests.ingestion.conftest import unattended
from tests.queue import Drain
from tests.repositories import Repository

LONG_AGO = timedelta(days=400)


@pytest.fixture
def changed(source: Integration, repository: Repository) -> Integration:
    """Return the source after a commit that it does not know of yet."""
    repository.commit({"a.md": "# A\n", "b.md": "# B\n"})
    return source


def test_a_queued_run_whose_message_was_lost_is_woken(changed: Integration, worker: Drain) -> None:
    with unattended():
        run = sync_now(integration=changed)
    schedule.tick()
    worker()
    run.refresh_from_db()
    assert run.state == RunState.COMPLETED


def test_a_run_whose_planner_died_is_planned_again(changed: Integration, worker: Drain) -> None:
    with unattended():
        run = sync_now(integration=changed)
    gone = timezone.now() - timedelta(seconds=1)
    Run.objects.filter(pk=run.pk).update(state=RunState.RUNNING, started_at=gone, lease_expires_at=gone)
    schedule.tick()
    worker()
    run.refresh_from_db()
    assert (run.state, run.added) == (RunState.COMPLETED, 2)


@pytest.mark.parametrize("dead", [True, False])
def test_the_items_of_a_dead_worker_are_taken_over_and_those_of_a_living_one_are_not(
    changed: Integration, worker: Drain, dead: bool
) -> None:
    with unattended():
        run = sync_now(integration=changed)
        plan_run(run.pk)
    expires = timezone.now() + timedelta(seconds=-1 if dead else 600)
    items = RunItem.objects.filter(run=run)
    items.update(state=ItemState.LEASED, attempts=F("attempts") + 1, lease_expires_at=expires)
    schedule.tick()
    worker()
    run.refresh_from_db()
    assert run.state == (RunState.COMPLETED if dead else RunState.RUNNING)
    assert Document.objects.filter(key="a.md").exists() is dead


def test_a_run_that_nobody_finished_is_finished(changed: Integration, worker: Drain) -> None:
    with unattended():
        run = sync_now(integration=changed)
        plan_run(run.pk)
    RunItem.objects.filter(run=run).update(state=ItemState.DONE, settled_at=timezone.now())
    schedule.tick()
    worker()
    run.refresh_from_db()
    assert run.state == RunState.COMPLETED


def test_due_sources_sync_and_paused_ones_do_not(changed: Integration, worker: Drain) -> None:
    changed.refresh_from_db()
    assert changed.next_sync_at is not None
    assert changed.next_sync_at > timezone.now()
    Integration.objects.update(next_sync_at=timezone.now())
    schedule.tick()
    worker()
    assert Run.objects.filter(trigger=Trigger.PERIODIC, state=RunState.COMPLETED).count() == 1
    changed.refresh_from_db()
    assert changed.next_sync_at > timezone.now()
    pause(integration=changed)
    Integration.objects.update(next_sync_at=timezone.now())
    schedule.tick()
    worker()
    assert Run.objects.filter(trigger=Trigger.PERIODIC).count() == 1


def test_a_failed_periodic_sync_is_due_again(
    changed: Integration, repository: Repository, worker: Drain
) -> None:
    repository.commit({"lightfast.yml": "version: 2\n"})
    Integration.objects.update(next_sync_at=timezone.now())
    schedule.tick()
    worker()
    changed.refresh_from_db()
    assert changed.runs.latest("id").state == RunState.FAILED
    assert changed.next_sync_at is not None


def test_a_run_is_not_begun_before_its_time(changed: Integration, worker: Drain) -> None:
    run = request_run(integration=changed, trigger=Trigger.PUSH, due_at=timezone.now() + timedelta(hours=1))
    plan_run(run.pk)
    schedule.tick()
    worker()
    run.refresh_from_db()
    assert run.state == RunState.QUEUED


def test_a_purge_whose_message_was_lost_is_done(source: Integration, worker: Drain) -> None:
    with unattended():
        disconnect(integration=source)
    schedule.tick()
    worker()
    assert Purge.objects.get().completed_at is not None


def test_old_rows_are_pruned_and_open_ones_kept(source: Integration) -> None:
    long_ago = timezone.now() - LONG_AGO
    for number, state in enumerate(("processed", "received")):
        Delivery.objects.create(provider="git", delivery_id=str(number), event="push", body=b"", state=state)
    Delivery.objects.update(created_at=long_ago)
    Metric.objects.update(recorded_at=long_ago)
    RunItem.objects.update(settled_at=long_ago)
    schedule.prune()
    assert [delivery.state for delivery in Delivery.objects.all()] == ["received"]
    assert not Metric.objects.exists()
    assert not RunItem.objects.exists()
