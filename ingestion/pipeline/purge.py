"""Purging an integration, a workspace or an organization: rows in batches, then a receipt."""

from collections.abc import Iterable
from functools import partial
from uuid import UUID

from django.db import connection, models, transaction
from django.utils import timezone

from console.audit import SYSTEM, Action, record
from console.models import Organization, Workspace
from ingestion.models import Chunk, Document, Integration, Omission, Purge, PurgeSubject, RunItem
from ingestion.pipeline.context import context_for
from ingestion.sources import get_source

ROWS = 1_000  # a transaction

SUBJECTS: dict[str, tuple[type[models.Model], str, Action]] = {
    PurgeSubject.INTEGRATION: (Integration, "pk", Action.SOURCE_PURGED),
    PurgeSubject.WORKSPACE: (Workspace, "workspace_id", Action.WORKSPACE_PURGED),
    PurgeSubject.ORGANIZATION: (Organization, "workspace__organization_id", Action.ORGANIZATION_PURGED),
}

# Purges of a workspace and of its sources delete the same rows; in turn they cannot deadlock.
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('lightfast.purge'))"

# Documents of an integration with what hangs on them, children first; CTEs delete them together.
DELETE_DOCUMENTS = """
WITH few AS (SELECT id FROM ingestion_document WHERE integration_id = %(integration)s LIMIT %(rows)s),
     pieces AS (SELECT id FROM ingestion_chunk WHERE document_id IN (SELECT id FROM few)),
     vectors AS (DELETE FROM ingestion_vector WHERE chunk_id IN (SELECT id FROM pieces)),
     chunks AS (DELETE FROM ingestion_chunk WHERE id IN (SELECT id FROM pieces) RETURNING version_id),
     counted AS (
         UPDATE ingestion_indexversion v SET chunk_total = chunk_total - c.n, chunks_changed = chunks_changed + c.n
         FROM (SELECT version_id, count(*) AS n FROM chunks GROUP BY 1) c WHERE v.id = c.version_id
     )
DELETE FROM ingestion_document WHERE id IN (SELECT id FROM few)
"""


def run_purge(purge_id: UUID) -> None:
    """Delete what the purge names and complete its receipt; a second run finds nothing left to do."""
    purge = Purge.objects.get(pk=purge_id)
    if purge.completed_at is not None:
        return
    model, path, action = SUBJECTS[purge.subject]
    for integration_id in Integration.objects.filter(**{path: purge.subject_id}).values_list("pk", flat=True):
        _empty(integration_id)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(ONE_AT_A_TIME)
        locked = Purge.objects.select_for_update(no_key=True).get(pk=purge_id)
        if locked.completed_at is not None:
            return
        for integration in Integration.objects.filter(**{path: purge.subject_id}):
            forget = get_source(integration.kind).forget
            transaction.on_commit(partial(forget, context_for(integration)), robust=True)
            integration.delete()
        subject = model._default_manager.filter(pk=purge.subject_id).first()
        if subject is not None:
            subject.delete()
        locked.refresh_from_db()
        locked.counts_after = count_rows(PurgeSubject(purge.subject), purge.subject_id)
        locked.completed_at = timezone.now()
        locked.save()
        workspace = Workspace.objects.filter(pk=purge.workspace_id).first() if purge.workspace_id else None
        record(
            SYSTEM,
            action,
            locked,
            organization=locked.organization,
            workspace=workspace,
            before=locked.counts_before,
            after=locked.counts_after,
        )


def _empty(integration_id: UUID) -> None:
    """Delete an integration's many rows, some a transaction, so that no lock is held for long."""
    deleted = ROWS
    while deleted:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(ONE_AT_A_TIME)
            cursor.execute(DELETE_DOCUMENTS, {"integration": integration_id, "rows": ROWS})
            deleted = cursor.rowcount
    for rows in (
        RunItem.objects.filter(run__integration=integration_id),
        Omission.objects.filter(integration=integration_id),
    ):
        while rows.filter(pk__in=list(rows.values_list("pk", flat=True)[:ROWS])).delete()[0]:
            pass


def count_rows(subject: PurgeSubject, subject_id: UUID) -> dict[str, int]:
    """Count the rows by table that exist because of a subject, itself included."""
    model, path, _ = SUBJECTS[subject]
    integrations = list(Integration.objects.filter(**{path: subject_id}).values_list("pk", flat=True))
    counts = {
        "documents": Document.objects.filter(integration__in=integrations).count(),
        "chunks": Chunk.objects.filter(document__integration__in=integrations).count(),
        "vectors": Chunk.objects.filter(document__integration__in=integrations, vector__isnull=False).count(),
        "omissions": Omission.objects.filter(integration__in=integrations).count(),
        "run_items": RunItem.objects.filter(run__integration__in=integrations).count(),
        "integrations": len(integrations),
    }
    for related in _owned(model):
        name = str(related.related_model._meta.verbose_name_plural).replace(" ", "_")
        rows = related.related_model._default_manager.filter(**{related.field.name: subject_id}).count()
        counts.setdefault(name, rows)
    counts[str(model._meta.verbose_name_plural)] = model._default_manager.filter(pk=subject_id).count()
    return counts


def _owned(model: type[models.Model]) -> Iterable[models.ManyToOneRel]:
    """Return the relations whose rows are deleted with a row of `model`."""
    for related in model._meta.related_objects:
        if isinstance(related, models.ManyToOneRel) and related.on_delete is models.CASCADE:
            yield related
