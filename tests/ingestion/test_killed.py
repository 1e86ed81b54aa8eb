"""Workers that are killed with SIGKILL in mid-run lose nothing and double nothing."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings

from console.models import Workspace
from ingestion import schedule
from ingestion.models import Chunk, Integration, Run, RunItem, RunState, Vector
from ingestion.pipeline.finish import finish_run
from ingestion.pipeline.plan import plan_run
from ingestion.pipeline.process import process_batch
from ingestion.services import connect
from tests.ingestion.conftest import unattended
from tests.ingestion.snapshot import snapshot
from tests.queue import empty
from tests.repositories import Repository

KILLS = 10
PATIENCE = 200  # seconds, on a machine that is busy with other things


@pytest.fixture
def large(tmp_path: Path) -> Repository:
    """Return a repository that takes a worker some seconds."""
    body = "def function_{0}_{1}(argument):\n    return argument * {1}\n\n\n"
    files = {
        f"package_{i % 7}/module_{i}.py": "".join(body.format(i, j) for j in range(60)) for i in range(400)
    }
    return Repository(tmp_path / "large", {**files, "data.txt": b"\0"})


def start_worker(environment: dict[str, str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "manage.py", "rundramatiq", "--processes", "1", "--threads", "2"]
    return subprocess.Popen(
        command, cwd=settings.BASE_DIR, env=environment, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def step_through(run: Run) -> None:
    """Do all of a run's work here and now."""
    plan_run(run.pk)
    while RunItem.objects.filter(run=run, state="queued").exists():
        process_batch(run.pk)
    finish_run(run.pk)


@pytest.mark.timeout(240)
def test_a_run_whose_workers_are_killed_ten_times_ends_equal_to_a_clean_one(
    workspace: Workspace,
    other_workspace: Workspace,
    process_environment: dict[str, str],
    large: Repository,
) -> None:
    empty()
    with unattended():
        clean = connect(workspace=other_workspace, kind="git", resource=str(large.path), allow_local=True)
        step_through(Run.objects.get(integration=clean))
        integration = connect(workspace=workspace, kind="git", resource=str(large.path), allow_local=True)
    run = Run.objects.get(integration=integration)
    chance = random.Random(7)
    environment = process_environment | {"EMBEDDER": "null", "LEASE_SECONDS": "1", "BATCH_DOCUMENTS": "5"}
    killed_at_work = 0
    process = start_worker(environment)
    deadline = time.monotonic() + PATIENCE
    try:
        while run.is_active:
            assert time.monotonic() < deadline, f"the run is {run.state} after {PATIENCE} seconds"
            schedule.tick()
            time.sleep(0.2)
            run.refresh_from_db()
            begun = RunItem.objects.filter(run=run, attempts__gt=0)
            if killed_at_work < KILLS and run.is_active and begun.filter(state="leased").exists():
                time.sleep(chance.uniform(0, 0.15))
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                killed_at_work += 1
                process = start_worker(environment)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        empty()
    assert killed_at_work == KILLS
    assert (run.state, run.failed) == (RunState.COMPLETED, 0)
    assert run.added == 400
    assert snapshot(Integration.objects.get(pk=integration.pk)) == snapshot(clean)
    assert Vector.objects.count() == Chunk.objects.count()
