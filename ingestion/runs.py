"""Asking for runs, and ending them early."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from console.audit import SYSTEM, Action, Actor, record
from ingestion.models import (
    OPEN_ITEM_STATES,
    Delivery,
    Integration,
    IntegrationState,
    ItemState,
    Run,
    RunItem,
    RunState,
    Trigger,
)
from ingestion.pipeline.changes import count_omissions
from ingestion.sources import get_source
from ingestion.wake import wake
from lightfast.lib.clock import shared_now

BLOCKED_INTERVAL = timedelta(days=1)


@transaction.atomic
def request_run(
    *,
    integration: Integration,
    trigger: Trigger,
    full: bool = False,
    due_at: datetime | None = None,
    confirm: bool = False,
    delivery: Delivery | None = None,
    actor: Actor = SYSTEM,
) -> Run:
    """Return the run that will bring the index up to date: a new one, or the active one.

    A running one may have looked at the source too early, so the integration is marked dirty and one more run
    follows; a queued one is only brought forward. `confirm` has a new one ask before it embeds what costs money,
    `delivery` is the webhook that it follows; `due_at` is by the database's clock.
    """
    integration = Integration.objects.select_for_update(no_key=True).get(pk=integration.pk)
    now = shared_now()
    due_at = due_at or now
    active = Run.objects.select_for_update(no_key=True).filter(integration=integration).active().first()
    if active is None:
        run = Run.objects.create(
            workspace_id=integration.workspace_id,
            integration=integration,
            trigger=trigger,
            full=full,
            due_at=due_at,
            confirm=confirm,
            delivery=delivery,
            requested_by=actor.user,
            started_by=actor.label,
        )
        wake("plan_run", run.pk, delay=(due_at - now).total_seconds())
        return run
    if active.state == RunState.QUEUED and active.started_at is None and active.trigger != Trigger.CONFIG:
        active.full = active.full or full
        active.due_at = min(active.due_at, due_at)
        active.delivery = delivery or active.delivery
        active.save(update_fields=["full", "due_at", "delivery", "updated_at"])
        wake("plan_run", active.pk, delay=(active.due_at - now).total_seconds())
        return active
    integration.dirty = True
    if full:
        integration.selection_digest = ""
    integration.save(update_fields=["dirty", "selection_digest", "updated_at"])
    return active


def end_run(run: Run, state: RunState, *, error: str = "", actor: Actor = SYSTEM) -> None:
    """End an active run before its time and settle its open items.

    Call it with the integration's and the run's rows locked, in this order. What a planned run has already written
    is of a revision that the cursor does not name, so the next run compares everything.
    """
    now = timezone.now()
    run.state, run.error, run.finished_at, run.lease_expires_at = state, error, now, None
    run.hold, run.held_until = "", None
    run.save(
        update_fields=[
            "state", "error", "finished_at", "lease_expires_at", "hold", "held_until", "updated_at",
        ]
    )  # fmt: skip
    RunItem.objects.filter(run=run, state__in=OPEN_ITEM_STATES).update(
        state=ItemState.CANCELLED, lease_expires_at=None, settled_at=now
    )
    action = Action.RUN_CANCELLED if state == RunState.CANCELLED else Action.RUN_FINISHED
    record(actor, action, run, workspace=run.workspace, after={"state": state.value, "error": error})
    integration = Integration.objects.get(pk=run.integration_id)
    integration.next_sync_at = next_sync_after(integration, now)
    if run.planned_at is not None:
        integration.selection_digest = ""
    integration.save(update_fields=["next_sync_at", "selection_digest"])
    count_omissions(integration.pk)
    follow_up(run.integration_id)


def next_sync_after(integration: Integration, moment: datetime) -> datetime:
    """Return when an integration syncs again by itself; a blocked one tries whether it may again."""
    if integration.state == IntegrationState.BLOCKED:
        return moment + BLOCKED_INTERVAL
    return moment + (integration.sync_interval or get_source(integration.kind).manifest.default_interval)


def follow_up(integration_id: UUID) -> None:
    """Queue the one run that changes during the last one asked for, if any did."""
    integration = Integration.objects.select_for_update(no_key=True).get(pk=integration_id)
    if integration.dirty:
        integration.dirty = False
        integration.save(update_fields=["dirty", "updated_at"])
        if integration.state == IntegrationState.ACTIVE:
            request_run(integration=integration, trigger=Trigger.PUSH)


def lock_active(run_id: UUID) -> Run | None:
    """Lock a run that is queued or running, after its integration; return None when it has ended.

    No batch of the run is being written once this returns, and none will be until the transaction ends.
    """
    integration_id = Run.objects.values_list("integration_id", flat=True).get(pk=run_id)
    Integration.objects.select_for_update(no_key=True).get(pk=integration_id)
    runs = Run.objects.select_for_update(of=("self",)).select_related(
        "workspace__organization", "integration"
    )
    return runs.filter(pk=run_id).active().first()
