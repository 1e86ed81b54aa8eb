"""How long a search takes, leg by leg and mode by mode, with the query embedded by the real local model.

A repository is indexed once and its rows are then multiplied in the database, which leaves the shares of the chunks
that have a term as they are: a search of the copies does the work that it would do on as many different chunks.
"""

import random
import re
from pathlib import Path
from time import perf_counter
from typing import Any

from django.db import connection

from bench import meaning
from bench.setting import connected, new_workspace, percentile, sample, step_through
from console.models import Workspace
from ingestion.embedding.local import LocalEmbedder
from ingestion.models import Chunk, IndexVersion, Integration
from ingestion.pipeline.statistics import refresh_statistics
from ingestion.stores import LOCAL_DIMENSIONS, LOCAL_MODEL, IndexConfig
from search.modes import Mode
from search.retrieve import search

QUERIES = 200


def queries(version: IndexVersion) -> list[str]:
    """Return queries of several kinds out of the texts themselves: identifiers, names, lines."""
    chance = random.Random(1)
    found = []
    for text, heading in (
        Chunk.objects.filter(version=version)
        .order_by("content_hash")
        .values_list("text", "heading")[:QUERIES]
    ):
        words = re.findall(r"[A-Za-z_]{4,}", text) or ["nothing"]
        kind = chance.randrange(3)
        if kind == 0:
            found.append(chance.choice(words))
        elif kind == 1 and heading:
            found.append(heading.replace(" > ", " "))
        else:
            start = chance.randrange(len(words))
            found.append("how does " + " ".join(words[start : start + 6]))
    return found


COPY_DOCUMENTS = """
INSERT INTO ingestion_document (
    id, workspace_id, integration_id, kind, key, title, language, url, text, size, lines, content_hash, revision,
    config_hash, author, state, labels, metadata, created_at, indexed_at
) SELECT gen_random_uuid(), workspace_id, integration_id, kind, format('copy%%s/%%s', n, key), title, language, url,
    text, size, lines, content_hash, id::text, config_hash, author, state, labels, metadata, created_at, indexed_at
FROM ingestion_document, generate_series(1, %(times)s) n WHERE integration_id = %(integration)s
"""
COPY_CHUNKS = """
INSERT INTO ingestion_chunk (
    document_id, version_id, ordinal, text, heading, first_line, last_line, tokens, content_hash, lexemes
) SELECT d.id, c.version_id, c.ordinal, c.text, c.heading, c.first_line, c.last_line, c.tokens, c.content_hash,
    c.lexemes
FROM ingestion_chunk c JOIN ingestion_document d ON d.revision = c.document_id::text
WHERE c.version_id = %(version)s
"""
COPY_VECTORS = """
INSERT INTO ingestion_vector (chunk_id, version_id, embedding)
SELECT c.id, c.version_id, v.embedding FROM ingestion_chunk c
JOIN ingestion_document d ON d.id = c.document_id
JOIN ingestion_chunk o ON o.document_id::text = d.revision AND o.ordinal = c.ordinal
JOIN ingestion_vector v ON v.chunk_id = o.id
WHERE c.version_id = %(version)s
"""


def multiply(version: IndexVersion, chunks: int) -> None:
    """Copy the rows of a version until there are so many chunks."""
    times = max(0, chunks // max(1, Chunk.objects.filter(version=version).count()) - 1)
    integration = Integration.objects.get(store=version.store)
    values: dict[str, Any] = {"times": times, "integration": integration.pk, "version": version.pk}
    with connection.cursor() as cursor:
        for statement in (COPY_DOCUMENTS, COPY_CHUNKS, COPY_VECTORS):
            cursor.execute(statement, values)
        cursor.execute("UPDATE ingestion_indexversion SET chunks_changed = 1 WHERE id = %(version)s", values)
        refresh_statistics(version, always=True)
        cursor.execute("VACUUM ANALYZE ingestion_document, ingestion_chunk, ingestion_vector")


def measure(path: Path, scratch: Path, *, files: int, chunks: int = 0) -> None:
    """Print median and 95th percentile in milliseconds of each stage and of the whole, by mode."""
    repository = sample(path, scratch / "search", files=files)
    # Vectors like real ones come in the place of these.
    workspace = new_workspace("search", IndexConfig("null", "null", LOCAL_DIMENSIONS))
    _, run = connected(workspace, repository)
    step_through(run)
    version = workspace.stores.get().serving
    assert version is not None
    asked = queries(version)
    if chunks:
        multiply(version, chunks)
    IndexVersion.objects.filter(pk=version.pk).update(embedder=LocalEmbedder.name, model=LOCAL_MODEL)
    found = Chunk.objects.filter(version=version).count()
    meaning.measure(workspace, version)
    print(f"search at {found} chunks, {len(asked)} queries a mode, milliseconds (median / p95):")
    words = [max(query.split(), key=len) for query in asked]
    _time("hybrid", workspace, asked, Mode.HYBRID)
    _time("exact", workspace, words, Mode.EXACT)
    _time("regex", workspace, [rf"\b{re.escape(word)}\w*\(" for word in words], Mode.REGEX)


def _time(name: str, workspace: Workspace, asked: list[str], mode: Mode) -> None:
    times: dict[str, list[float]] = {}
    cut = 0
    for query in asked[:10]:
        search(workspace, query, mode=mode)
    for query in asked:
        start = perf_counter()
        found = search(workspace, query, mode=mode)
        whole = (perf_counter() - start) * 1000
        cut += not found.complete
        for stage, milliseconds in {**found.stages, "whole": whole}.items():
            times.setdefault(stage, []).append(milliseconds)
    print(f"  {name}{f', {cut} cut short' if cut else ''}")
    for stage, values in times.items():
        print(f"    {stage:9} {percentile(values, 0.5):7.1f} / {percentile(values, 0.95):7.1f}")
