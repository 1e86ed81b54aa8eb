"""What must hold when everything has settled, whatever happened before."""

from django.db.models import Count

from console.models import Workspace
from ingestion.models import (
    ACTIVE_STATES,
    OPEN_ITEM_STATES,
    Chunk,
    Delivery,
    DeliveryState,
    Document,
    Integration,
    ItemAction,
    ItemState,
    Purge,
    Run,
    RunItem,
    RunState,
    Vector,
)
from ingestion.pipeline.finish import finish_run
from ingestion.pipeline.plan import plan_run
from ingestion.pipeline.process import process_batch
from ingestion.services import connect
from tests.faults.stage import patiently, wait_until
from tests.ingestion.conftest import unattended
from tests.ingestion.snapshot import snapshot

ENDED_WELL = (RunState.COMPLETED, RunState.COMPLETED_WITH_ERRORS)


def nothing_is_open() -> bool:
    """Tell whether no run, purge or delivery is under way."""
    return not (
        Run.objects.filter(state__in=ACTIVE_STATES).exists()
        or Integration.objects.filter(dirty=True, state="active").exists()
        or Purge.objects.filter(completed_at=None).exists()
        or Delivery.objects.filter(state=DeliveryState.RECEIVED).exists()
    )


def settle() -> None:
    """Wait until nothing is under way, and check what holds for every index."""
    wait_until(nothing_is_open, "every run, purge and delivery has ended")
    patiently(check_rows)


def check_rows() -> None:
    """Check what needs no second index: nothing stuck, nothing doubled, counts that are true."""
    assert not RunItem.objects.filter(state__in=OPEN_ITEM_STATES).exists()
    assert Vector.objects.count() == Chunk.objects.count()
    doubled = (
        Document.objects.values("integration", "kind", "key_digest").annotate(n=Count("pk")).filter(n__gt=1)
    )
    assert not doubled.exists()
    for run in Run.objects.filter(state__in=ENDED_WELL):
        done = RunItem.objects.filter(run=run, state=ItemState.DONE)
        counted = {action: done.filter(action=action).count() for action in ItemAction.values}
        assert counted == {"add": run.added, "change": run.changed, "remove": run.removed}, run.pk
        assert RunItem.objects.filter(run=run, state=ItemState.FAILED).count() == run.failed


def check_against_fresh(integration: Integration, fresh_workspace: Workspace) -> None:
    """Check that an index is what a fresh index of the same source is, row by row, and its cursor the head."""
    with unattended():
        fresh = connect(
            workspace=fresh_workspace,
            kind=integration.kind,
            resource=integration.resource_id,
            connection=integration.connection,
            config=integration.config,
            allow_local=integration.allow_local,
        )
        run = Run.objects.get(integration=fresh)
        plan_run(run.pk)
        while (
            RunItem.objects.filter(run=run, state=ItemState.QUEUED).exclude(action=ItemAction.REMOVE).exists()
        ):
            process_batch(run.pk)
        finish_run(run.pk)
    fresh.refresh_from_db()
    integration.refresh_from_db()
    assert fresh.cursor == integration.cursor
    assert snapshot(integration) == snapshot(fresh)
