"""A hundred sources that sync at once: whether all of them end, and how long a small one waits for the large."""

import time
from pathlib import Path
from statistics import median

from django.db.models import Min

from bench.load.growth import commit
from bench.load.installation import up
from bench.load.report import Figures
from bench.load.synthetic import Corpus
from bench.setting import connected, git, new_workspace
from ingestion.models import Run, RunItem
from ingestion.stores import IndexConfig

LARGE, SMALL = 10, 90
LARGE_FILES, SMALL_FILES = 250, 10
PATIENCE = 900  # seconds for all of them


def measure(path: Path, scratch: Path) -> Figures:
    """Return when sources made their first progress and when they ended; the large ones were there first."""
    corpus = Corpus(path)
    workspace = new_workspace("syncing", IndexConfig("null", "null", 8))
    runs: dict[str, list[Run]] = {"large": [], "small": []}
    for kind, number, files in (("large", LARGE, LARGE_FILES), ("small", SMALL, SMALL_FILES)):
        for at in range(number):
            repository = _repository(scratch / f"{kind}{at}", corpus, files)
            runs[kind].append(connected(workspace, repository)[1])
    with up():
        deadline = time.monotonic() + PATIENCE
        while Run.objects.in_workspace(workspace).active().exists():
            assert time.monotonic() < deadline, "The sources do not come to an end."
            time.sleep(0.5)
    return _figures(runs)


def _figures(runs: dict[str, list[Run]]) -> Figures:
    every = list(Run.objects.filter(pk__in=[run.pk for some in runs.values() for run in some]))
    start = min(run.started_at for run in every if run.started_at)
    end = max(run.finished_at for run in every if run.finished_at)
    documents = sum(run.added for run in every)
    whole = (end - start).total_seconds()
    figures: Figures = {
        "sources": len(every),
        "completed": sum(run.state == "completed" for run in every),
        "documents": documents,
        "seconds": round(whole, 1),
        "documents a second": round(documents / whole, 1),
    }
    firsts = RunItem.objects.filter(run__in=every).values("run").annotate(at=Min("settled_at"))
    first = {row["run"]: (row["at"] - start).total_seconds() for row in firsts}
    for kind, some in runs.items():
        ids = {run.pk for run in some}
        ends = [
            (run.finished_at - start).total_seconds() for run in every if run.pk in ids and run.finished_at
        ]
        starts = [first[pk] for pk in ids]
        figures[kind] = {
            "sources": len(some),
            "first progress s, median": round(median(starts), 1),
            "first progress s, last": round(max(starts), 1),
            "end s, median": round(median(ends), 1),
            "end s, last": round(max(ends), 1),
        }
    return figures


def _repository(folder: Path, corpus: Corpus, files: int) -> Path:
    folder.mkdir()
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main")
    commit(
        folder, {f"area{n % 9}/file{n}.py": "".join(corpus.chunk() for _ in range(4)) for n in range(files)}
    )
    return folder
