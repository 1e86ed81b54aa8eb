"""The page that shows the figures: `docs/load.md`, with the curves beside it."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from django.conf import settings

from bench.load.charts import bytes_of, draw
from bench.load.report import Figures

HEAD = """# Load

What `make bench-load` measured on {when}, with {processors} processors and {memory:.0f} GB of memory: Postgres,
Lightfast and the clients all on this machine, the database with the embedded Postgres' own settings (256 MB of shared
buffers), and {index memory:,} bytes for the building of a vector index (`VECTOR_INDEX_MEMORY`). Before the last of it
began, the machine's load average was {load before}: where that is above 1, it had other work as well, and on a machine
of its own the times are shorter. The figures stand in [load.json](load.json), too; what follows from them, in
[operations.md](operations.md).
"""
WEBHOOKS = """## Webhooks

Signed pushes of GitHub to {sources} repositories at a steady rate, whether answered or not, while the workers follow
them. Each is stored before it is answered; times count from when it was due. "Followed" are the seconds from the first
one until the workers had done what follows from all.

"""
SYNCING = """## Many sources at once

{sources} sources became due at the same moment, the large ones first, on four workers and without an embedder:
{completed} completed, {documents:,} documents in {seconds} s. Seconds from the beginning:

"""
CLIENTS = """## {title}

On {chunks:,} chunks, with two web processes; each client asks again as soon as it is answered. Fairness is Jain's
index of how often each was answered: 1 is even.

"""
GROWTH = """## Growth

Synthetic documents of lines of real code, with names as unevenly frequent as names are, and vectors of 384 dimensions
in clusters.

![Searches by mode over chunks](load/latency.svg)

Milliseconds, median / p95, one search at a time:

{searches}
![Size by table over chunks](load/size.svg)

Megabytes with indexes, and bytes of the database for a chunk:

{sizes}
![Upkeep over chunks](load/upkeep.svg)

A sync of one changed file, and a whole look at a source of 40 files without changes, in milliseconds; the seconds of
new term statistics, which each twentieth of growth asks for, of building the index over all vectors, which stores
have from {threshold:,} on, and of filling the database up to the size by COPY:

{upkeep}"""


SIZES = (
    "chunks",
    "chunks",
    "vectors",
    "of them the index",
    "documents",
    "term statistics",
    "all",
    "bytes a chunk",
)


def write(figures: Figures, folder: Path) -> None:
    """Write figures, curves and the page."""
    folder.mkdir(exist_ok=True)
    (folder / "load.json").write_text(json.dumps(figures, indent=2) + "\n")
    parts = [HEAD.format(**figures["machine"])]
    if found := figures.get("webhooks"):
        names = ["rate", "sent", "accepted", "stored", "lost", "p50 ms", "p95 ms", "p99 ms", "most ms"]
        rows = [[row[name] for name in [*names, "followed s"]] for row in found]
        parts.append(WEBHOOKS.format(**found[0]) + _table([*names, "followed"], rows))
    if found := figures.get("syncing"):
        parts.append(SYNCING.format(**found) + _sources(found))
    for name, title in (("searches", "Searches through the API"), ("visits", "Pages of the console")):
        if found := figures.get(name):
            parts.append(CLIENTS.format(title=title, chunks=figures["loaded at"]) + _clients(found))
    if found := figures.get("growth"):
        draw(found, folder / "load")
        parts.append(_growth(found))
    (folder / "load.md").write_text("\n".join(parts))


def _sources(found: Figures) -> str:
    rows = [[f"{row['sources']} {kind}", *list(row.values())[1:]] for kind, row in _kinds(found)]
    return _table(["sources", "first progress, median", "the last", "end, median", "the last"], rows)


def _kinds(found: Figures) -> Iterable[tuple[str, Figures]]:
    return ((kind, row) for kind, row in found.items() if isinstance(row, dict))


def _clients(rows: Sequence[Figures]) -> str:
    names = ["clients", "a second, at least", "p50 ms", "p95 ms", "p99 ms", "errors", "fairness"]
    return _table(names, [[row[name] for name in names] for row in rows])


def _growth(rows: Sequence[Figures]) -> str:
    modes = list(rows[0]["search"])
    tables = ["chunk", "vector", "document", "termstatistic"]
    searches, sizes, upkeep = [], [], []
    for row in rows:
        chunks = row["chunks"]
        found = [row["search"][mode] for mode in modes]
        searches.append([chunks, *(f"{f['p50 ms']:,.0f} / {f['p95 ms']:,.0f}" for f in found)])
        bytes_ = [*(bytes_of(row, f"ingestion_{table}") for table in tables)]
        bytes_.insert(2, row["vector index bytes"])
        bytes_.append(row["database bytes"])
        sizes.append([chunks, *(round(number / 1e6, 1) for number in bytes_), round(bytes_[-1] / chunks)])
        kinds = ("sync ms", "plan unchanged ms", "statistics s", "vector index s", "seconds to fill")
        upkeep.append([chunks, *(row[kind] for kind in kinds)])
    return GROWTH.format(
        threshold=settings.VECTOR_INDEX_FROM,
        searches=_table(["chunks", *modes], searches),
        sizes=_table(SIZES, sizes),
        upkeep=_table(
            ["chunks", "one changed file", "no change", "statistics", "vector index", "filling"], upkeep
        ),
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---:" if at else "---" for at in range(len(head))], *rows]
    return "".join("| " + " | ".join(map(_cell, line)) + " |\n" for line in lines)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if value >= 100 else f"{value:,g}"
    return f"{value:,}" if isinstance(value, int) else str(value)
