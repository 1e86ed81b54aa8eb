"""How fast documents come into the index, with an embedder that costs nothing and with the local one."""

import multiprocessing
import time
from pathlib import Path

from django.db import connection

from bench.alone import embed_alone
from bench.setting import connected, new_workspace, sample, wait_for, workers
from ingestion.models import Chunk, Document
from ingestion.pipeline.prepare import chunks_of
from ingestion.stores import LOCAL_DIMENSIONS, LOCAL_MODEL, IndexConfig

TABLES = ("ingestion_document", "ingestion_chunk", "ingestion_vector", "ingestion_termstatistic")
PROCESSES = 2


def measure_null(path: Path, scratch: Path, *, files: int) -> None:
    """Print files and chunks a second without an embedder, and the size of the index."""
    repository = sample(path, scratch / "null", files=files)
    with workers(PROCESSES):
        workspace = new_workspace("null", IndexConfig("null", "null", 8))
        integration, run = connected(workspace, repository)
        seconds = wait_for(run)
    documents = Document.objects.filter(integration=integration)
    corpus = sum(documents.values_list("size", flat=True))
    chunks = Chunk.objects.filter(document__integration=integration).count()
    print(
        f"pipeline, null embedder, {PROCESSES} processes: {run.added} files, {chunks} chunks, {corpus / 1e6:.1f} MB"
    )
    print(
        f"  {run.added / seconds:.0f} files/s, {chunks / seconds:.0f} chunks/s, {corpus / 1e6 / seconds:.2f} MB/s"
    )
    print(f"  seconds by stage, summed over processes: {run.stage_seconds}")
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + " + ".join(f"pg_total_relation_size('{table}')" for table in TABLES))
        (size,) = cursor.fetchone()
    vectors = chunks * (LOCAL_DIMENSIONS * 2)
    print(
        f"  index bytes per corpus byte: {size / corpus:.2f}, "
        f"with vectors of {LOCAL_DIMENSIONS} dimensions {(size + vectors) / corpus:.2f}"
    )


def measure_local(path: Path, scratch: Path, *, files: int) -> None:
    """Print the pipeline with the local embedder beside the embedder alone, on the same texts and processes."""
    repository = sample(path, scratch / "local", files=files)
    config = IndexConfig("local", LOCAL_MODEL, LOCAL_DIMENSIONS)
    with workers(PROCESSES):
        workspace = new_workspace("local", config)
        integration, run = connected(workspace, repository)
        whole = wait_for(run)
    version = workspace.stores.get().serving
    assert version is not None
    documents = Document.objects.filter(integration=integration)
    texts = list(dict.fromkeys(chunk.embedded_text for d in documents for chunk in chunks_of(d, [version])))
    context = multiprocessing.get_context("spawn")
    with context.Pool(PROCESSES) as pool:
        pool.map(embed_alone, [["warm up"]] * PROCESSES, chunksize=1)
        start = time.perf_counter()
        pool.map(embed_alone, [texts[part::PROCESSES] for part in range(PROCESSES)], chunksize=1)
        alone = time.perf_counter() - start
    print(
        f"pipeline, local embedder, {PROCESSES} processes: {run.added} files, {len(texts)} chunks, "
        f"{run.tokens_embedded} tokens"
    )
    print(f"  {whole:.1f} s ({run.tokens_embedded / whole:.0f} tokens/s), the embedder alone {alone:.1f} s")
    print(f"  seconds by stage, summed over processes: {run.stage_seconds}")
    print(f"  pipeline : embedder alone = {whole / alone:.2f}")
