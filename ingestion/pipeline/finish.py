"""Finishing a run: removals, statistics, cursor, the switch to another configuration, metrics, activity."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from console.audit import SYSTEM, Action, record
from ingestion.models import (
    OPEN_ITEM_STATES,
    Integration,
    ItemAction,
    ItemState,
    Metric,
    Omission,
    Run,
    RunItem,
    RunState,
    Trigger,
)
from ingestion.pipeline.changes import Changes, count_omissions
from ingestion.pipeline.reindex import switch_when_ready
from ingestion.pipeline.samples import sample
from ingestion.pipeline.statistics import refresh_statistics, settle_index
from ingestion.pipeline.write import delete_documents
from ingestion.runs import follow_up, next_sync_after

REMOVALS = 500  # documents a transaction


def finish_run(run_id: UUID) -> None:
    """Finish a run whose documents are all settled; anyone else's, and one already finished, is left alone."""
    run = Run.objects.filter(pk=run_id, state=RunState.RUNNING, planned_at__isnull=False).first()
    if run is None or _has_open_items(run):
        return
    while _remove_some(run):
        pass
    store = (
        Integration.objects.select_related("store__target", "store__serving").get(pk=run.integration_id).store
    )
    for version in {store.target, store.serving}:
        if version is not None:
            refresh_statistics(version)
    if run.chunks_written:
        settle_index()
    _close(run_id)


def _has_open_items(run: Run) -> bool:
    return (
        RunItem.objects.filter(run=run, state__in=OPEN_ITEM_STATES).exclude(action=ItemAction.REMOVE).exists()
    )


@transaction.atomic
def _remove_some(run: Run) -> bool:
    """Apply the next removals; return whether there may be more. A cancelled run has none left."""
    if not Run.objects.select_for_update(no_key=True).filter(pk=run.pk, state=RunState.RUNNING).exists():
        return False
    removals = RunItem.objects.filter(run=run, state=ItemState.QUEUED, action=ItemAction.REMOVE)
    items = list(removals.order_by("id")[:REMOVALS])
    changes = Changes()
    removed = delete_documents(run.integration_id, items, changes)
    changes.apply(run.integration_id)
    RunItem.objects.filter(pk__in=[item.pk for item in items]).update(
        state=ItemState.DONE, settled_at=timezone.now()
    )
    Run.objects.filter(pk=run.pk).update(removed=F("removed") + removed, settled=F("settled") + len(items))
    return len(items) == REMOVALS


@transaction.atomic
def _close(run_id: UUID) -> None:
    integration_id = Run.objects.values_list("integration_id", flat=True).get(pk=run_id)
    integration = Integration.objects.select_for_update(no_key=True).get(pk=integration_id)
    run = Run.objects.select_for_update(no_key=True).filter(pk=run_id, state=RunState.RUNNING).first()
    if run is None or RunItem.objects.filter(run=run, state__in=OPEN_ITEM_STATES).exists():
        return
    now = timezone.now()
    failed = Omission.objects.filter(integration=integration, state="failed").exists()
    run.state = RunState.COMPLETED_WITH_ERRORS if run.failed or failed else RunState.COMPLETED
    run.error, run.finished_at = "", now
    run.save(update_fields=["state", "error", "finished_at", "updated_at"])
    if run.trigger != Trigger.CONFIG:
        integration.cursor, integration.cursor_label = run.revision, run.revision_label
        if not integration.dirty or integration.selection_digest:
            integration.selection_digest = run.selection_digest
        integration.synced_at, integration.next_sync_at = now, next_sync_after(integration, now)
        integration.save()
    count_omissions(integration.pk)
    _record(run, integration)
    follow_up(integration.pk)
    switch_when_ready(integration.store_id)


def _record(run: Run, integration: Integration) -> None:
    counts = {
        name: getattr(run, name) for name in ("added", "changed", "removed", "unchanged", "skipped", "failed")
    }
    workspace = run.workspace
    record(SYSTEM, Action.RUN_FINISHED, run, workspace=workspace, after={"state": run.state, **counts})
    assert run.finished_at is not None
    figures = {
        "run_seconds": (run.finished_at - run.created_at) / timedelta(seconds=1),
        "run_documents": run.added + run.changed + run.removed,
        "run_tokens_embedded": run.tokens_embedded,
        "documents": run.unchanged + run.added + run.changed,
        "run_failed": float(run.state != RunState.COMPLETED),
    }
    Metric.objects.bulk_create(
        Metric(
            workspace=workspace, integration=integration, name=name, value=value, recorded_at=run.finished_at
        )
        for name, value in figures.items()
    )
    sample(workspace.pk)
