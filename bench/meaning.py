"""How near the index over vectors comes to looking at each, and how much sooner it is there, with and without filters.

Some chunks are embedded by the real local model. The vectors of all others lie between two of these that are near each
other, moved a little as two others differ: so they are as clustered as real ones, and no two are equal.
"""

from collections import Counter
from time import perf_counter
from unittest.mock import patch

import numpy as np
from django.db import connection

from bench.setting import percentile
from console.models import Workspace
from ingestion.embedding.base import Vectors, unit
from ingestion.embedding.local import LocalEmbedder
from ingestion.models import Chunk, Document, IndexVersion
from ingestion.pipeline.vector_index import has_index, index_name, tend_vector_index
from search import semantic
from search.filters import Filters
from search.scope import scope_of

EMBEDDED, QUERIES, BEST = 1_500, 100, 10
NEAR, PORTION = 15, 10_000
WRITE = "COPY ingestion_vector (chunk_id, version_id, embedding) FROM STDIN"


def spread(version: IndexVersion) -> list[Vectors]:
    """Replace the vectors of a version by such as real texts have; return some of other texts, to look for."""
    texts = Chunk.objects.filter(version=version).order_by("content_hash").distinct("content_hash")
    found = LocalEmbedder().embed_documents(list(texts.values_list("text", flat=True)[:EMBEDDED])).vectors
    real, asked = found[:-QUERIES], found[-QUERIES:]
    chance = np.random.default_rng(1)
    near = np.argsort(-(real @ real.T), axis=1)[:, 1 : NEAR + 1]
    chunks = list(Chunk.objects.filter(version=version).order_by("pk").values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM ingestion_vector WHERE version_id = %s", [version.pk])
        for start in range(0, len(chunks), PORTION):
            portion = chunks[start : start + PORTION]
            one, other, third = (chance.integers(len(real), size=len(portion)) for _ in range(3))
            share = 0.6 * chance.random((len(portion), 1))
            between = (
                real[one] * (1 - share) + real[near[one, chance.integers(NEAR, size=len(portion))]] * share
            )
            rows = unit((between + 0.2 * (real[other] - real[third])).astype(np.float32))
            with cursor.copy(WRITE) as copy:
                for chunk, row in zip(portion, rows, strict=True):
                    copy.write_row((chunk, version.pk, str(row.tolist())))
        cursor.execute("VACUUM ANALYZE ingestion_vector")
    return list(asked)


def measure(workspace: Workspace, version: IndexVersion) -> None:
    """Print the recall of the best ten, and median and 95th percentile beside those of looking at each vector."""
    asked = spread(version)
    version.chunk_total = Chunk.objects.filter(version=version).count()
    version.save(update_fields=["chunk_total"])
    start = perf_counter()
    tend_vector_index(version.pk)
    if not has_index(version):
        print(f"semantic leg at {version.chunk_total} chunks: no index, each vector is looked at")
        return
    built = perf_counter() - start
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_relation_size(%s::regclass)", [index_name(version.pk)])
        size = cursor.fetchone()[0] / 1_000_000
    print(f"semantic leg at {version.chunk_total} chunks: index built in {built:.0f} s, {size:.0f} MB")
    print("  milliseconds (median / p95) by the index, and by looking at each vector:")
    for name, filters in _filters(version).items():
        _compare(name, workspace, filters, asked)


def _filters(version: IndexVersion) -> dict[str, Filters]:
    documents = Document.objects.filter(integration__store=version.store)
    languages = Counter(documents.exclude(language="").values_list("language", flat=True)).most_common()
    folders = Counter(key.rpartition("/")[0] for key in documents.values_list("key", flat=True) if "/" in key)
    return {
        "no filter": Filters(),
        "most frequent language": Filters(languages=(languages[0][0],)),
        "rare language": Filters(languages=(languages[-1][0],)),
        "a copy": Filters(paths=("/copy1/",)),
        "one folder": Filters(paths=(f"/{folders.most_common()[-1][0]}/",)),
    }


def _compare(name: str, workspace: Workspace, filters: Filters, asked: list[Vectors]) -> None:
    scope = scope_of(workspace, (filters,))
    assert scope is not None
    times: dict[bool, list[float]] = {True: [], False: []}
    wanted = there = 0
    for vector in asked:
        best = {}
        for indexed in (True, False):
            with patch.object(semantic, "has_index", lambda _version, answer=indexed: answer):
                start = perf_counter()
                best[indexed] = {hit.chunk for hit in semantic.semantic(scope, vector)[:BEST]}
            times[indexed].append((perf_counter() - start) * 1000)
        wanted, there = wanted + len(best[False]), there + len(best[True] & best[False])
    figures = ", ".join(
        f"{percentile(values, 0.5):6.1f} / {percentile(values, 0.95):6.1f}" for values in times.values()
    )
    recall = f"{there / wanted:.4f}" if wanted else "nothing there"
    print(f"    {name:24} recall@{BEST} {recall}   {figures}")
