"""What ingestion adds to the export of a workspace."""

from collections.abc import Iterable, Mapping

from console.exports import PARTS
from console.models import Workspace
from ingestion.models import Document, Integration, Run
from lightfast.lib.batches import in_batches

DOCUMENTS = 50  # in memory at a time, each up to a megabyte
ROWS = 500


def sources_part(workspace: Workspace) -> Iterable[Mapping[str, object]]:
    """Return the sources."""
    fields = (
        "id",
        "kind",
        "name",
        "resource_id",
        "config",
        "state",
        "state_reason",
        "cursor",
        "cursor_label",
    )
    times = ("created_at", "synced_at")
    return in_batches(Integration.objects.in_workspace(workspace).values(*fields, *times), ROWS)


def documents_part(workspace: Workspace) -> Iterable[Mapping[str, object]]:
    """Return the documents with their text."""
    fields = ("id", "integration_id", "kind", "key", "title", "language", "url", "size", "lines", "revision")
    more = ("author", "state", "labels", "metadata", "text")
    times = ("source_created_at", "source_updated_at", "indexed_at")
    return in_batches(Document.objects.in_workspace(workspace).values(*fields, *times, *more), DOCUMENTS)


def jobs_part(workspace: Workspace) -> Iterable[Mapping[str, object]]:
    """Return the runs."""
    fields = ("id", "integration_id", "trigger", "full", "state", "error", "revision", "revision_label")
    counts = ("listed", "added", "changed", "removed", "unchanged", "skipped", "failed")
    chunks = ("chunks_written", "chunks_embedded", "chunks_reused", "tokens_embedded", "stage_seconds")
    times = ("created_at", "started_at", "finished_at")
    rows = Run.objects.in_workspace(workspace).values(*fields, *counts, *chunks, *times)
    return in_batches(rows, ROWS)


PARTS |= {"sources": sources_part, "documents": documents_part, "jobs": jobs_part}
