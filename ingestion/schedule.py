"""The sweep: finds what is due, overdue or left behind in the tables. Any number may run at once."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone

from ingestion.budget import release_due, settle_expired
from ingestion.models import (
    OPEN_ITEM_STATES,
    ConnectionState,
    Delivery,
    DeliveryState,
    Integration,
    IntegrationState,
    ItemAction,
    ItemState,
    Metric,
    Purge,
    Run,
    RunItem,
    RunState,
    SharedSecret,
    Trigger,
)
from ingestion.pipeline.reindex import continue_reindexing
from ingestion.pipeline.samples import sample_overdue
from ingestion.pipeline.vector_index import untended
from ingestion.runs import request_run
from ingestion.wake import wake

ROWS = 500
DELIVERY_PATIENCE = 10  # seconds

# A retired version's chunks serve nobody once no query that began before the switch can still be reading them.
DELETE_RETIRED = """
WITH few AS (
    SELECT c.id, c.version_id FROM ingestion_chunk c JOIN ingestion_indexversion v ON v.id = c.version_id
    WHERE v.retired_at < now() - interval '1 minute'
      AND NOT EXISTS (SELECT FROM ingestion_store s WHERE v.id IN (s.serving_id, s.target_id))
    LIMIT 5000
), vectors AS (DELETE FROM ingestion_vector WHERE chunk_id IN (SELECT id FROM few)
), counted AS (
    UPDATE ingestion_indexversion v SET chunk_total = chunk_total - n
    FROM (SELECT version_id, count(*) AS n FROM few GROUP BY 1) gone WHERE v.id = gone.version_id
)
DELETE FROM ingestion_chunk WHERE id IN (SELECT id FROM few)
"""


def tick() -> None:
    """Sweep once."""
    settle_expired()
    release_due()
    free_expired_items()
    wake_forgotten_runs()
    wake_forgotten_deliveries()
    start_periodic_syncs()
    continue_reindexing()
    wake_purges()
    tend_vector_indexes()
    sample_overdue()
    prune()


@transaction.atomic
def free_expired_items() -> int:
    """Queue the items whose worker has gone silent; return how many."""
    expired = RunItem.objects.select_for_update(skip_locked=True, no_key=True).filter(
        state=ItemState.LEASED, lease_expires_at__lt=Now(), run__state=RunState.RUNNING
    )
    ids = list(expired.values_list("pk", flat=True)[:ROWS])
    return RunItem.objects.filter(pk__in=ids).update(state=ItemState.QUEUED, lease_expires_at=None)


@transaction.atomic
def wake_forgotten_runs() -> None:
    """Wake runs that no worker is on: their message was lost, or their worker died."""
    free = Q(lease_expires_at=None) | Q(lease_expires_at__lt=Now())
    unplanned = Run.objects.active().filter(free, planned_at=None, due_at__lte=Now())
    for pk in _pks(
        unplanned.select_for_update(skip_locked=True, no_key=True)
    ):  # a planner that writes holds its run
        wake("plan_run", pk)
    items = RunItem.objects.filter(run=OuterRef("pk")).exclude(action=ItemAction.REMOVE)
    waiting = items.filter(state=ItemState.QUEUED).filter(Q(due_at=None) | Q(due_at__lte=Now()))
    running = Run.objects.at_work()
    for pk in _pks(running.filter(Exists(waiting), ~Exists(items.filter(state=ItemState.LEASED)))):
        wake("process_batch", pk)
    for pk in _pks(running.filter(~Exists(items.filter(state__in=OPEN_ITEM_STATES)))):
        wake("finish_run", pk)


@transaction.atomic
def wake_forgotten_deliveries() -> None:
    """Wake deliveries that nobody has processed, however it came."""
    late = timezone.now() - timedelta(seconds=DELIVERY_PATIENCE)
    open_ones = Delivery.objects.filter(state=DeliveryState.RECEIVED).order_by("created_at")
    for pk in _pks(open_ones.filter(Q(processed_at=None, created_at__lt=late) | Q(processed_at__lt=late))):
        wake("process_delivery", pk)


@transaction.atomic
def start_periodic_syncs() -> None:
    """Queue a run for every integration whose time has come; a blocked one may be free again without our knowing."""
    due = (
        Integration.objects.alive()
        .select_for_update(skip_locked=True, no_key=True, of=("self",))
        .filter(
            ~Q(connection__isnull=False, connection__state=ConnectionState.REVOKED),
            state__in=(IntegrationState.ACTIVE, IntegrationState.BLOCKED),
            next_sync_at__lte=timezone.now(),
        )
    )
    for integration in due[:ROWS]:
        request_run(integration=integration, trigger=Trigger.PERIODIC)
        integration.next_sync_at = None  # the end of the run sets it again
        integration.save(update_fields=["next_sync_at"])


@transaction.atomic
def wake_purges() -> None:
    """Wake purges that are not complete."""
    for pk in _pks(Purge.objects.filter(completed_at=None)):
        wake("run_purge", pk)


def tend_vector_indexes() -> None:
    """Wake a worker for each vector index that is to be built or dropped."""
    for pk in untended():
        wake("tend_vector_index", pk)


def prune() -> None:
    """Delete rows past their retention, and chunks of retired index versions, some at a time."""
    with connection.cursor() as cursor:
        cursor.execute(DELETE_RETIRED)
    horizon = timezone.now() - timedelta(days=settings.RETENTION_DAYS)
    settled = Delivery.objects.exclude(state=DeliveryState.RECEIVED)
    old_items = RunItem.objects.filter(settled_at__lt=horizon).exclude(run__state=RunState.RUNNING)
    for rows in (
        settled.filter(created_at__lt=horizon),
        old_items,
        Metric.objects.filter(recorded_at__lt=horizon),
        SharedSecret.objects.filter(expires_at__lt=timezone.now()),
    ):
        rows.filter(pk__in=list(rows.values_list("pk", flat=True)[: 10 * ROWS])).delete()


def _pks(rows: models.QuerySet[models.Model]) -> Iterable[UUID]:
    return list(rows.values_list("pk", flat=True)[:ROWS])
