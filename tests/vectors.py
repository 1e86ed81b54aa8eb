"""Many vectors at no cost."""

import numpy as np
from django.db import connection
from django.utils import timezone

from ingestion.embedding.base import Vectors, unit
from ingestion.models import Chunk, Document, IndexVersion, Integration, Vector


def grow(source: Integration, *, documents: int = 40, chunks: int = 25) -> IndexVersion:
    """Give a source so many documents more of so many chunks, every other one in Go, their vectors in clusters."""
    version = source.store.serving
    assert version is not None
    chance = np.random.default_rng(1)
    centers = chance.normal(size=(20, version.dimensions))
    rows = Document.objects.bulk_create(
        Document(
            workspace_id=source.workspace_id,
            integration=source,
            kind="file",
            key=f"{'rare' if number == 0 else 'many'}/{number}.go",
            language="go" if number % 2 else "python",
            text="x",
            size=1,
            lines=1,
            content_hash=b"",
            revision="1",
            config_hash=version.config_hash,
            indexed_at=timezone.now(),
        )
        for number in range(documents)
    )
    pieces = Chunk.objects.bulk_create(
        Chunk(
            document=row,
            version=version,
            ordinal=n,
            text="x",
            first_line=1,
            last_line=1,
            tokens=1,
            content_hash=b"",
            lexemes="",
        )
        for row in rows
        for n in range(chunks)
    )
    points = centers[chance.integers(20, size=len(pieces))] + chance.normal(
        size=(len(pieces), version.dimensions)
    )
    Vector.objects.bulk_create(
        Vector(chunk=piece, version=version, embedding=point.tolist())
        for piece, point in zip(pieces, unit(points.astype(np.float32)), strict=True)
    )
    version.chunk_total = Chunk.objects.filter(version=version).count()
    version.save(update_fields=["chunk_total"])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE ingestion_vector, ingestion_chunk, ingestion_document")
    return version


def questions(version: IndexVersion, number: int) -> list[Vectors]:
    """Return vectors to look for."""
    chance = np.random.default_rng(2)
    return list(unit(chance.normal(size=(number, version.dimensions)).astype(np.float32)))
