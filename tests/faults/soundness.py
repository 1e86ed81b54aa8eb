"""What must hold when everything has settled, whatever happened before."""

from collections import Counter
from collections.abc import Hashable, Iterable
from functools import partial

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
    IntegrationState,
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
from tests.faults.outcomes import Outcome
from tests.faults.stage import Stage, patiently, wait_until
from tests.ingestion.conftest import unattended
from tests.ingestion.counts import assert_true
from tests.ingestion.snapshot import snapshot

ENDED_WELL = (RunState.COMPLETED, RunState.COMPLETED_WITH_ERRORS)


def nothing_is_open() -> bool:
    """Tell whether no run, purge or delivery is under way."""
    return not (
        Run.objects.filter(state__in=ACTIVE_STATES).exists()
        or Integration.objects.filter(dirty=True, state=IntegrationState.ACTIVE).exists()
        or Purge.objects.filter(completed_at=None).exists()
        or Delivery.objects.filter(state=DeliveryState.RECEIVED).exists()
    )


def settle(outcome: Outcome) -> None:
    """Wait until nothing is under way, and check what holds for every index."""
    try:
        wait_until(nothing_is_open, "every run, purge and delivery has ended")
    finally:
        outcome.stuck += patiently(count_stuck)
    patiently(partial(check_rows, outcome))


def count_stuck() -> int:
    """Count what has not ended."""
    return (
        RunItem.objects.filter(state__in=OPEN_ITEM_STATES).count()
        + Run.objects.filter(state__in=ACTIVE_STATES).count()
        + Purge.objects.filter(completed_at=None).count()
        + Delivery.objects.filter(state=DeliveryState.RECEIVED).count()
    )


def check_rows(outcome: Outcome) -> None:
    """Check what needs no second index: nothing stuck, nothing doubled, counts that are true."""
    assert not RunItem.objects.filter(state__in=OPEN_ITEM_STATES).exists()
    doubled = (
        Document.objects.values("integration", "kind", "key_digest").annotate(n=Count("pk")).filter(n__gt=1)
    )
    outcome.doubled += doubled.count()
    outcome.lost += abs(Chunk.objects.count() - Vector.objects.count())
    assert outcome.sound, outcome
    for integration in Integration.objects.all():
        assert_true(integration)
    for run in Run.objects.filter(state__in=ENDED_WELL):
        done = RunItem.objects.filter(run=run, state=ItemState.DONE)
        counted = {action: done.filter(action=action).count() for action in ItemAction.values}
        assert counted == {"add": run.added, "change": run.changed, "remove": run.removed}, run.pk
        assert RunItem.objects.filter(run=run, state=ItemState.FAILED).count() == run.failed


def check_against_fresh(stage: Stage, integration: Integration, fresh_workspace: Workspace) -> None:
    """Check that an index is what a fresh index of the same source is, row by row, and its cursor the head."""
    outcome = stage.outcome
    stage.clear()  # the fresh one is made here
    fresh = index_anew(integration, fresh_workspace)
    integration.refresh_from_db()
    expected, found = snapshot(fresh), snapshot(integration)
    outcome.checked["documents"] += len(expected["documents"])
    outcome.checked["chunks"] += len(expected["chunks"])
    compare(outcome, expected["documents"].items(), found["documents"].items())
    compare(outcome, expected["chunks"], found["chunks"])
    assert outcome.sound, outcome
    assert found == expected
    assert fresh.cursor == integration.cursor


def compare(outcome: Outcome, expected: Iterable[Hashable], found: Iterable[Hashable]) -> None:
    """Count what is missing and what is there too often."""
    wanted, there = Counter(expected), Counter(found)
    lost, doubled = wanted - there, there - wanted
    outcome.lost, outcome.doubled = outcome.lost + lost.total(), outcome.doubled + doubled.total()
    outcome.examples += [f"lost: {row!r:.200}" for row in [*lost][:5]]
    outcome.examples += [f"doubled: {row!r:.200}" for row in [*doubled][:5]]


def index_anew(integration: Integration, workspace: Workspace) -> Integration:
    """Index the same source here and now, in steps that nothing disturbs."""
    with unattended():
        fresh = connect(
            workspace=workspace,
            kind=integration.kind,
            resource=integration.resource_id,
            name=integration.name,
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
    return fresh
