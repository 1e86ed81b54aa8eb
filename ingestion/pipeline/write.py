"""Writing a batch: documents, chunks, vectors, omissions and item states in one transaction."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import F
from django.utils import timezone

from ingestion.models import Document, ItemAction, ItemState, Omission, OmissionState, Run, RunItem, RunState
from ingestion.pipeline.changes import Changes
from ingestion.pipeline.embed import Embedded
from ingestion.pipeline.prepare import Outcome


class Cancelled(Exception):
    """The run ended while the batch was in work: nothing of it is written."""


DOCUMENT_FIELDS = [
    "title", "language", "url", "text", "size", "lines", "content_hash", "revision", "config_hash", "author",
    "state", "labels", "metadata", "source_created_at", "source_updated_at", "indexed_at",
]  # fmt: skip

SHARE_RUN = "SELECT FROM ingestion_run WHERE id = %s AND state = %s FOR KEY SHARE"

SETTLE_ITEMS = """
UPDATE ingestion_runitem i
SET state = o.state, reason = o.reason, detail = o.detail, lease_expires_at = NULL, settled_at = now()
FROM unnest(%s::bigint[], %s::smallint[], %s::text[], %s::text[], %s::text[]) o(id, attempts, state, reason, detail)
WHERE i.id = o.id AND i.state = 'leased' AND i.attempts = o.attempts
RETURNING i.id
"""

OLD_CHUNKS = """
SELECT c.id, c.version_id FROM ingestion_chunk c
JOIN unnest(%s::uuid[], %s::int[]) o(document_id, version_id) USING (document_id, version_id)
"""

COPY_CHUNKS = """
COPY ingestion_chunk (
    id, document_id, version_id, ordinal, text, heading, first_line, last_line, tokens, content_hash, lexemes
) FROM STDIN
"""

DOCUMENTS_OF_ITEMS = """
SELECT d.id FROM unnest(%s::text[], %s::text[]) o(kind, key)
JOIN ingestion_document d
  ON d.integration_id = %s AND d.kind = o.kind AND d.key_digest = lightfast_digest(o.key)
"""

DELETE_DOCUMENTS = "DELETE FROM ingestion_document WHERE id = ANY(%s) RETURNING kind, language, size"

FORGET_OMISSIONS = """
DELETE FROM ingestion_omission USING unnest(%s::text[], %s::text[]) o(kind, key)
WHERE integration_id = %s AND ingestion_omission.kind = o.kind AND key_digest = lightfast_digest(o.key)
"""

SHAPES = "SELECT kind, language, size FROM ingestion_document WHERE id = ANY(%s)"


@transaction.atomic
def write(run: Run, outcomes: Sequence[Outcome], embedded: Embedded) -> None:
    """Write what became of a batch; raise `Cancelled` when the run has ended meanwhile.

    Items that another worker has taken over since are left to it. Locks are taken in the order run, items,
    documents, index version, tallies. Batches of one run share its lock, which whoever ends the run wants alone.
    """
    with connection.cursor() as cursor:
        cursor.execute(SHARE_RUN, [run.pk, RunState.RUNNING])
        if cursor.fetchone() is None:
            raise Cancelled
        columns = zip(
            *((o.item.pk, o.item.attempts, o.state.value, o.reason, o.detail) for o in outcomes), strict=True
        )
        cursor.execute(SETTLE_ITEMS, [list(column) for column in columns])
        mine = {row[0] for row in cursor.fetchall()}
    settled = [outcome for outcome in outcomes if outcome.item.pk in mine]
    changes = Changes()
    _write_documents(run, settled, changes)
    written = _write_chunks(settled, embedded, changes)
    _write_omissions(run, settled)
    changes.apply(run.integration_id)
    done = [o for o in settled if o.document is not None]
    Run.objects.filter(pk=run.pk).update(
        settled=F("settled") + len(settled),
        added=F("added") + sum(o.item.action == ItemAction.ADD for o in done),
        changed=F("changed") + sum(o.item.action == ItemAction.CHANGE for o in done),
        skipped=F("skipped") + sum(o.state == ItemState.SKIPPED for o in settled),
        failed=F("failed") + sum(o.state == ItemState.FAILED for o in settled),
        chunks_written=F("chunks_written") + written,
        chunks_embedded=F("chunks_embedded") + embedded.embedded,
        chunks_reused=F("chunks_reused") + embedded.reused,
        tokens_embedded=F("tokens_embedded") + embedded.tokens,
    )


def _write_documents(run: Run, settled: Sequence[Outcome], changes: Changes) -> None:
    now = timezone.now()
    documents = [outcome.document for outcome in settled if outcome.document is not None]
    for document in documents:
        document.workspace_id, document.integration_id = run.workspace_id, run.integration_id
        document.indexed_at = now
    if documents:
        with connection.cursor() as cursor:
            cursor.execute(SHAPES, [[document.pk for document in documents]])
            changes.add_documents(cursor.fetchall(), -1)
        changes.add_documents(((d.kind, d.language, d.size) for d in documents), 1)
        Document.objects.bulk_create(
            documents, update_conflicts=True, unique_fields=["id"], update_fields=DOCUMENT_FIELDS
        )
    unwanted = [
        o.item for o in settled if o.state == ItemState.SKIPPED and o.item.action == ItemAction.CHANGE
    ]
    delete_documents(run.integration_id, unwanted, changes)


def _write_chunks(settled: Sequence[Outcome], embedded: Embedded, changes: Changes) -> int:
    """Replace the documents' chunks under the versions they were prepared for; return the number written."""
    pairs = [(o.document.pk, version.pk) for o in settled if o.document is not None for version in o.versions]
    if not pairs:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(OLD_CHUNKS, [list(column) for column in zip(*pairs, strict=True)])
        _delete_chunks(cursor, cursor.fetchall(), changes)
        rows = [(o.document.pk, chunk) for o in settled if o.document is not None for chunk in o.chunks]
        cursor.execute("SELECT nextval('ingestion_chunk_id_seq') FROM generate_series(1, %s)", [len(rows)])
        ids = [row[0] for row in cursor.fetchall()]
        changes.add_chunks((chunk.version.pk for _, chunk in rows), 1)
        with cursor.copy(COPY_CHUNKS) as copy:
            for chunk_id, (document_id, chunk) in zip(ids, rows, strict=True):
                copy.write_row(
                    (
                        chunk_id,
                        document_id,
                        chunk.version.pk,
                        chunk.ordinal,
                        chunk.text,
                        chunk.heading,
                        chunk.first_line,
                        chunk.last_line,
                        chunk.tokens,
                        chunk.content_hash,
                        chunk.lexemes,
                    )
                )
        with cursor.copy("COPY ingestion_vector (chunk_id, version_id, embedding) FROM STDIN") as copy:
            for chunk_id, (_, chunk) in zip(ids, rows, strict=True):
                vector = embedded.vectors[chunk.version.pk, chunk.content_hash]
                copy.write_row((chunk_id, chunk.version.pk, vector))
    return len(rows)


def delete_documents(integration_id: UUID, items: Sequence[RunItem], changes: Changes) -> int:
    """Delete the documents that the items name, with their chunks and vectors; return how many there were.

    What that changes is added to `changes`, for the caller to apply last.
    """
    if not items:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            DOCUMENTS_OF_ITEMS, [[item.kind for item in items], [item.key for item in items], integration_id]
        )
        ids = [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT id, version_id FROM ingestion_chunk WHERE document_id = ANY(%s)", [ids])
        _delete_chunks(cursor, cursor.fetchall(), changes)
        cursor.execute(DELETE_DOCUMENTS, [ids])
        changes.add_documents(cursor.fetchall(), -1)
    return len(ids)


def _delete_chunks(cursor: CursorWrapper, chunks: Sequence[tuple[int, int]], changes: Changes) -> None:
    ids = [chunk_id for chunk_id, _ in chunks]
    changes.add_chunks((version_id for _, version_id in chunks), -1)
    cursor.execute("DELETE FROM ingestion_vector WHERE chunk_id = ANY(%s)", [ids])
    cursor.execute("DELETE FROM ingestion_chunk WHERE id = ANY(%s)", [ids])


def _write_omissions(run: Run, settled: Sequence[Outcome]) -> None:
    """Replace what was noted of these documents; a failed one keeps its older form in the index, if it has one."""
    items = [outcome.item for outcome in settled]
    with connection.cursor() as cursor:
        cursor.execute(
            FORGET_OMISSIONS, [[i.kind for i in items], [i.key for i in items], run.integration_id]
        )
    Omission.objects.bulk_create(
        Omission(
            integration_id=run.integration_id,
            kind=outcome.item.kind,
            key=outcome.item.key,
            revision=outcome.item.revision,
            size=outcome.item.size,
            state=OmissionState.FAILED if outcome.state == ItemState.FAILED else OmissionState.SKIPPED,
            reason=outcome.reason,
            detail=outcome.detail,
        )
        for outcome in settled
        if outcome.document is None
    )
