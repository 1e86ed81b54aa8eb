"""Keeping count: what a transaction changes of an index, noted beside the rows in that same transaction."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection

COUNT_CHUNKS = """
UPDATE ingestion_indexversion SET chunk_total = chunk_total + %s, chunks_changed = chunks_changed + %s WHERE id = %s
"""

COUNT_DOCUMENTS = """
INSERT INTO ingestion_tally AS t (integration_id, kind, language, documents, size) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (integration_id, kind, language) DO UPDATE
SET documents = t.documents + excluded.documents, size = t.size + excluded.size
"""

COUNT_OMISSIONS = """
UPDATE ingestion_integration SET omitted = coalesce((
    SELECT jsonb_object_agg(state, reasons) FROM (
        SELECT state, jsonb_object_agg(reason, number) AS reasons FROM (
            SELECT state, reason, count(*) AS number FROM ingestion_omission
            WHERE integration_id = %(integration)s GROUP BY state, reason
        ) counted GROUP BY state
    ) grouped
), '{}') WHERE id = %(integration)s
"""

Shape = tuple[str, str, int]  # kind, language, bytes of a document


@dataclass(slots=True)
class Changes:
    """Chunks by index version, and documents and bytes by kind and language, that came or went."""

    chunks: Counter[int] = field(default_factory=Counter)
    touched: Counter[int] = field(default_factory=Counter)
    documents: Counter[tuple[str, str]] = field(default_factory=Counter)
    size: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add_chunks(self, versions: Iterable[int], sign: int) -> None:
        """Note one chunk of each of the versions; `sign` is 1 for those that came, -1 for those that went."""
        for version in versions:
            self.chunks[version] += sign
            self.touched[version] += 1

    def add_documents(self, shapes: Iterable[Shape], sign: int) -> None:
        """Note documents that came or went."""
        for kind, language, size in shapes:
            self.documents[kind, language] += sign
            self.size[kind, language] += sign * size

    def apply(self, integration_id: UUID) -> None:
        """Write the counts: once, last in the transaction, and in one order, so that none waits for another in turn."""
        with connection.cursor() as cursor:
            for version in sorted(self.touched):
                cursor.execute(COUNT_CHUNKS, [self.chunks[version], self.touched[version], version])
            for kind, language in sorted(self.documents):
                number, size = self.documents[kind, language], self.size[kind, language]
                if number or size:
                    cursor.execute(COUNT_DOCUMENTS, [integration_id, kind, language, number, size])


def count_omissions(integration_id: UUID) -> None:
    """Note how much of a source is not in the index, by reason."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT_OMISSIONS, {"integration": integration_id})
