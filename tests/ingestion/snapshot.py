"""What an index holds, for comparing one with another row by row."""

from typing import Any

from ingestion.models import Chunk, Document, Integration, Omission


def snapshot(integration: Integration) -> dict[str, Any]:
    """Return everything that indexing decided about an integration, without ids and times."""
    documents = {
        (d.kind, d.key): (
            d.text, d.revision, bytes(d.content_hash), d.config_hash, d.language, d.title, d.lines, d.size
        )
        for d in Document.objects.filter(integration=integration)
    }  # fmt: skip
    chunks = sorted(
        (
            c.document.key, c.version.config_hash, c.ordinal, c.text, c.heading, c.first_line, c.last_line, c.tokens,
            bytes(c.content_hash), c.lexemes, tuple(c.vector.embedding),
        )
        for c in Chunk.objects.filter(document__integration=integration).select_related("document", "version", "vector")
    )  # fmt: skip
    omissions = sorted(
        Omission.objects.filter(integration=integration).values_list(
            "kind", "key", "revision", "state", "reason"
        )
    )
    return {"documents": documents, "chunks": chunks, "omissions": omissions}
