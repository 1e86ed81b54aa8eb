"""How long a search takes, leg by leg, with the query embedded by the real local model."""

import random
import re
from pathlib import Path

from bench.setting import connected, new_workspace, percentile, sample, step_through
from ingestion.embedding.local import LocalEmbedder
from ingestion.models import Chunk, IndexVersion
from ingestion.stores import LOCAL_DIMENSIONS, LOCAL_MODEL, IndexConfig
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


def measure(path: Path, scratch: Path, *, files: int) -> None:
    """Print median and 95th percentile in milliseconds of each stage and of the whole."""
    repository = sample(path, scratch / "search", files=files)
    # The vectors' values do not matter to the time; their number and size do.
    workspace = new_workspace("search", IndexConfig("null", "null", LOCAL_DIMENSIONS))
    _, run = connected(workspace, repository)
    step_through(run)
    version = workspace.stores.get().serving
    assert version is not None
    IndexVersion.objects.filter(pk=version.pk).update(embedder=LocalEmbedder.name, model=LOCAL_MODEL)
    asked = queries(version)
    for query in asked[:10]:
        search(workspace, query)
    times: dict[str, list[float]] = {}
    for query in asked:
        found = search(workspace, query)
        for stage, milliseconds in {**found.stages, "whole": found.milliseconds}.items():
            times.setdefault(stage, []).append(milliseconds)
    chunks = Chunk.objects.filter(version=version).count()
    print(f"search at {chunks} chunks, {len(asked)} queries, milliseconds (median / p95):")
    for stage, values in times.items():
        print(f"  {stage:9} {percentile(values, 0.5):7.1f} / {percentile(values, 0.95):7.1f}")
