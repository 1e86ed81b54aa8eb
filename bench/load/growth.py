"""What a database costs while it grows: searches by mode, its size by table, a sync, a plan, the statistics."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from django.db import connection

from bench.load.filling import Vectors, bulk, fill
from bench.load.report import Figures
from bench.load.synthetic import Corpus
from bench.searching import queries
from bench.setting import connected, git, new_workspace, percentile, step_through
from console.models import Workspace
from ingestion.models import IndexVersion, Integration
from ingestion.pipeline.statistics import refresh_statistics
from ingestion.pipeline.vector_index import index_name, tend_vector_index
from ingestion.services import sync_now
from ingestion.stores import LOCAL_DIMENSIONS, LOCAL_MODEL, IndexConfig
from search.modes import Mode
from search.retrieve import search

QUERIES = 60  # of each mode
SYNCS = 7
FILES = 40  # of the source that is synced, which has the same size throughout
SOURCE_CHUNKS = 50_000  # at most in a synthetic source

SIZES = """
SELECT c.relname, pg_table_size(c.oid), pg_indexes_size(c.oid) FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind = 'r' AND pg_total_relation_size(c.oid) > 1000000
ORDER BY pg_total_relation_size(c.oid) DESC
"""


def grow(path: Path, scratch: Path, sizes: list[int]) -> Iterator[tuple[Workspace, Figures]]:
    """Yield the workspace and what it cost at each of the sizes, in chunks."""
    corpus, vectors = Corpus(path), Vectors(LOCAL_DIMENSIONS)
    workspace = new_workspace("growth", IndexConfig("local", LOCAL_MODEL, LOCAL_DIMENSIONS))
    store = workspace.stores.get()
    version = store.serving
    assert version is not None
    repository = _repository(scratch, corpus)
    probe, run = connected(workspace, repository)
    step_through(run)
    for size in sizes:
        start = time.perf_counter()
        version.refresh_from_db()
        wanted = size - version.chunk_total
        with bulk(version):
            while wanted > 0:
                number = min(wanted, SOURCE_CHUNKS)
                name = f"synthetic {Integration.objects.filter(store=store).count()}"
                source = Integration.objects.create(
                    workspace=workspace, store=store, kind="git", resource_id=f"/{name}", name=name
                )
                fill(source, version, corpus, vectors, number)
                wanted -= number
        filled = time.perf_counter() - start
        figures = {"chunks": size, "seconds to fill": round(filled, 1)} | _vector_index(version)
        figures |= _searches(workspace, version) | _syncs(probe, repository) | _upkeep(version) | _sizes()
        yield workspace, figures


def _vector_index(version: IndexVersion) -> Figures:
    """Have the index over the vectors built, as a worker would; return its seconds and bytes, 0 below the threshold."""
    start = time.perf_counter()
    tend_vector_index(version.pk)
    took = time.perf_counter() - start
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_relation_size(to_regclass(%s))", [index_name(version.pk)])
        (size,) = cursor.fetchone() or (None,)
    return {"vector index s": round(took, 1) if size else 0, "vector index bytes": size or 0}


def _searches(workspace: Workspace, version: IndexVersion) -> Figures:
    """Return median and 95th percentile of each mode, and how many were cut short."""
    asked = queries(version)[:QUERIES]
    words = [max(query.split(), key=len) for query in asked]
    patterns = [rf"\b{re.escape(word)}\w*\(" for word in words]
    figures: Figures = {}
    for mode in Mode:
        texts = {Mode.EXACT: words, Mode.REGEX: patterns}.get(mode, asked)
        times, cut = [], 0
        for number, text in enumerate([*texts[:5], *texts]):
            start = time.perf_counter()
            found = search(workspace, text, mode=mode, remember=False)
            if number >= 5:
                times.append((time.perf_counter() - start) * 1000)
                cut += not found.complete
        figures[mode.value] = {
            "p50 ms": round(median(times), 1),
            "p95 ms": round(percentile(times, 0.95), 1),
            "cut short": cut,
        }
    return {"search": figures}


def _syncs(probe: Integration, repository: Path) -> Figures:
    """Return the median milliseconds of a sync of one changed file, and of a whole look at what did not change."""
    changed: list[float] = []
    unchanged: list[float] = []
    for _ in range(SYNCS):
        _change(repository, time.time_ns())
        for times, full in ((changed, False), (unchanged, True)):
            probe.refresh_from_db()
            start = time.perf_counter()
            run = sync_now(integration=probe, full=full)
            step_through(run)
            times.append((time.perf_counter() - start) * 1000)
            assert run.changed == (0 if full else 1)
    return {"sync ms": round(median(changed), 1), "plan unchanged ms": round(median(unchanged), 1)}


def _upkeep(version: IndexVersion) -> Figures:
    """Return the seconds that new term statistics take, which every twentieth of growth asks for."""
    IndexVersion.objects.filter(pk=version.pk).update(chunks_changed=1)
    start = time.perf_counter()
    refresh_statistics(version, always=True)
    return {"statistics s": round(time.perf_counter() - start, 2)}


def _sizes() -> Figures:
    """Return the bytes of the database, and of each table that is not small, with its indexes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        whole = cursor.fetchone()
        cursor.execute(SIZES)
        tables = {name: {"rows": rows, "indexes": indexes} for name, rows, indexes in cursor.fetchall()}
    assert whole is not None
    return {"database bytes": whole[0], "table bytes": tables}


def _repository(scratch: Path, corpus: Corpus) -> Path:
    repository = scratch / "probe"
    repository.mkdir()
    git(repository, "init", "--quiet", "--bare", "--initial-branch=main")
    files = {f"folder{number % 5}/file{number}.py": corpus.chunk() * 4 for number in range(FILES)}
    commit(repository, files)
    return repository


def _change(repository: Path, number: int) -> None:
    commit(repository, {"folder1/file1.py": f"def changed_{number}():\n    return {number}\n"}, amend=True)


def commit(repository: Path, files: dict[str, str], *, amend: bool = False) -> None:
    """Commit files to a bare repository, on top of what it has or as its first."""
    parts = [b"commit refs/heads/main\ncommitter Bench <bench@lightfast.localhost> now\ndata 6\nChange\n"]
    parts += [b"from refs/heads/main^0\n"] if amend else []
    for name, text in files.items():
        data = text.encode()
        parts.append(b"M 644 inline %s\ndata %d\n%s\n" % (name.encode(), len(data), data))
    git(repository, "fast-import", "--quiet", "--date-format=now", data=b"".join(parts))
