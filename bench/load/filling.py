"""Filling an index with synthetic documents by COPY: a million chunks in minutes.

What the pipeline would compute of a chunk's text is computed by its own function; vectors lie in clusters, as those of
texts do. The indexes over texts and vectors are built once the rows are there, as a restored backup builds them.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from bench.load.synthetic import Corpus, SyntheticDocument
from ingestion.models import IndexVersion, Integration
from ingestion.pipeline.changes import Changes
from ingestion.pipeline.lexemes import to_tsvector
from ingestion.pipeline.statistics import refresh_statistics, settle_index
from ingestion.pipeline.vector_index import index_name
from lightfast.lib.ids import new_id

ROWS = 500  # documents of one COPY
CLUSTERS = 2_000
SPREAD = 0.6  # of a cluster's members, beside a center of length 1
LATER = ("chunk_lexemes", "document_text_trigrams")
COPY_DOCUMENTS = """
COPY ingestion_document (
    id, workspace_id, integration_id, kind, key, title, language, url, text, size, lines, content_hash, revision,
    config_hash, author, state, labels, metadata, created_at, indexed_at
) FROM STDIN
"""
COPY_CHUNKS = """
COPY ingestion_chunk (
    id, document_id, version_id, ordinal, text, heading, first_line, last_line, tokens, content_hash, lexemes
) FROM STDIN
"""
COPY_VECTORS = "COPY ingestion_vector (chunk_id, version_id, embedding) FROM STDIN (FORMAT binary)"
BINARY_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
BINARY_END = b"\xff\xff"


class Vectors:
    """Draws vectors of length 1 around centers."""

    def __init__(self, dimensions: int, seed: int = 1) -> None:
        self._chance = np.random.default_rng(seed)
        self._centers = self._units(CLUSTERS, dimensions)

    def draw(self, number: int) -> NDArray[np.float32]:
        """Return so many vectors, one a row."""
        dimensions = self._centers.shape[1]
        centers = self._centers[self._chance.integers(0, CLUSTERS, number)]
        return _normalized(centers + SPREAD * self._units(number, dimensions))

    def _units(self, number: int, dimensions: int) -> NDArray[np.float32]:
        return _normalized(self._chance.standard_normal((number, dimensions), dtype=np.float32))


def _normalized(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths: NDArray[np.float32] = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / lengths


def fill(source: Integration, version: IndexVersion, corpus: Corpus, vectors: Vectors, chunks: int) -> None:
    """Add so many chunks to a source; call it within `bulk`."""
    documents = corpus.documents(chunks)
    changes = Changes()
    while some := list(islice(documents, ROWS)):
        _copy(source, version, some, vectors, changes)
    changes.apply(source.pk)


@contextmanager
def bulk(version: IndexVersion) -> Iterator[None]:
    """Put off the large indexes, and have the rest as a running installation has it at the end.

    That over the vectors is left to `tend_vector_index`, as there.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = ANY(%s)", [list(LATER)])
        definitions = [row[0] for row in cursor.fetchall()]
        cursor.execute("SET maintenance_work_mem = '1GB'")
        cursor.execute("SET synchronous_commit = off")
        cursor.execute(f"DROP INDEX IF EXISTS {', '.join([*LATER, index_name(version.pk)])}")
        yield
        for definition in definitions:
            cursor.execute(definition)
        cursor.execute("RESET synchronous_commit")
        cursor.execute("RESET maintenance_work_mem")
    refresh_statistics(version, always=True)
    settle_index()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE ingestion_document, ingestion_chunk, ingestion_vector")
        cursor.execute("CHECKPOINT")


def _copy(
    source: Integration,
    version: IndexVersion,
    documents: list[SyntheticDocument],
    vectors: Vectors,
    changes: Changes,
) -> None:
    now = datetime.now(UTC)
    ids = [new_id() for _ in documents]
    texts = ["".join(document.chunks) for document in documents]
    number = sum(len(document.chunks) for document in documents)
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('ingestion_chunk_id_seq') FROM generate_series(1, %s)", [number])
        chunk_ids = [row[0] for row in cursor.fetchall()]
        with cursor.copy(COPY_DOCUMENTS) as copy:
            for pk, document, text in zip(ids, documents, texts, strict=True):
                title = document.key.rsplit("/", 1)[-1]
                copy.write_row(
                    (
                        pk, source.workspace_id, source.pk, "file", document.key, title, document.language, "", text,
                        len(text), text.count("\n"), os.urandom(32), "r", version.config_hash, "", "", [], "{}", now,
                        now,
                    )
                )  # fmt: skip
        with cursor.copy(COPY_CHUNKS) as copy:
            left = iter(chunk_ids)
            for pk, document in zip(ids, documents, strict=True):
                line = 1
                for ordinal, text in enumerate(document.chunks):
                    lines, heading = text.count("\n"), text[4 : text.index("(")]
                    lexemes = to_tsvector(text, path=document.key, heading=heading)
                    copy.write_row(
                        (
                            next(left), pk, version.pk, ordinal, text, heading, line, line + lines - 1,
                            min(version.chunk_tokens, len(text) // 3), os.urandom(32), lexemes,
                        )
                    )  # fmt: skip
                    line += lines
        with cursor.copy(COPY_VECTORS) as copy:
            copy.write(
                BINARY_HEAD
                + _binary(chunk_ids, version.pk, vectors.draw(number).astype(np.float16))
                + BINARY_END
            )
    changes.add_documents(((("file", d.language, len(t))) for d, t in zip(documents, texts, strict=True)), 1)
    changes.add_chunks([version.pk] * number, 1)


def _binary(chunk_ids: list[int], version: int, rows: NDArray[np.float16]) -> bytes:
    """Return rows of three fields as COPY reads them, each field after its length; halfvec is as pgvector sends it."""
    dimensions = rows.shape[1]
    shape = [
        ("fields", ">i2"), ("a", ">i4"), ("chunk", ">i8"), ("b", ">i4"), ("version", ">i4"), ("c", ">i4"),
        ("dimensions", ">i2"), ("unused", ">i2"), ("values", ">f2", (dimensions,)),
    ]  # fmt: skip
    table = np.zeros(len(chunk_ids), dtype=shape)
    table["fields"], table["a"], table["b"], table["c"] = 3, 8, 4, 4 + 2 * dimensions
    table["chunk"], table["version"], table["dimensions"], table["values"] = (
        chunk_ids,
        version,
        dimensions,
        rows,
    )
    return table.tobytes()
