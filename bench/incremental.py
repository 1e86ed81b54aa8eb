"""What a change of one file costs in a small index and in a large one."""

import statistics
import time
from pathlib import Path

from django.test.utils import override_settings

from bench.setting import connected, git, new_workspace, step_through
from ingestion.models import Integration
from ingestion.services import sync_now
from ingestion.stores import IndexConfig

SMALL = 1_000
ROUNDS = 7


def measure(scratch: Path, *, large: int) -> None:
    """Print the median seconds of a one-file sync at both sizes, measured in turn, and their ratio."""
    sources = {size: _indexed(scratch, size) for size in (SMALL, large)}
    times: dict[int, list[float]] = {size: [] for size in sources}
    for number in range(ROUNDS):
        for size, (integration, repository) in sources.items():
            _change(repository, number)
            integration.refresh_from_db()
            start = time.perf_counter()
            run = sync_now(integration=integration)
            step_through(run)
            times[size].append(time.perf_counter() - start)
            assert (run.changed, run.full) == (1, False)
    medians = {size: statistics.median(values) for size, values in times.items()}
    for size, median in medians.items():
        print(f"sync of one changed file at {size} documents: {median * 1000:.0f} ms (median of {ROUNDS})")
    print(f"  large : small = {medians[large] / medians[SMALL]:.2f}")


def _indexed(scratch: Path, size: int) -> tuple[Integration, Path]:
    repository = scratch / f"synthetic-{size}"
    repository.mkdir()
    git(repository, "init", "--quiet", "--bare", "--initial-branch=main")
    lines = [
        "commit refs/heads/main",
        "committer Bench <bench@lightfast.localhost> 0 +0000",
        "data 5",
        "Files",
    ]
    for number in range(size):
        text = f"# Document {number}\n\nAbout word{number % 977} and word{number % 89} in place {number}.\n"
        lines += [
            f"M 644 inline folder{number % 100}/{number // 1000}/doc{number}.md",
            f"data {len(text)}",
            text,
        ]
    git(repository, "fast-import", "--quiet", data="\n".join([*lines, ""]).encode())
    workspace = new_workspace(f"size{size}", IndexConfig("null", "null", 8))
    integration, run = connected(workspace, repository)
    with override_settings(BATCH_DOCUMENTS=500):
        step_through(run)
    return integration, repository


def _change(repository: Path, number: int) -> None:
    text = f"# Changed {number}\n\nNow it says {number}.\n"
    commit = f"commit refs/heads/main\ncommitter Bench <bench@lightfast.localhost> {number + 1} +0000\ndata 6\nChange\n"
    data = f"{commit}from refs/heads/main^0\nM 644 inline folder7/0/doc7.md\ndata {len(text)}\n{text}\n"
    git(repository, "fast-import", "--quiet", data=data.encode())
