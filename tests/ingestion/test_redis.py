"""With Redis as the broker a source is indexed by a worker of its own, and a lost queue loses nothing."""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from console.models import Workspace
from ingestion.models import Integration, Run, RunState
from tests.repositories import Repository

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60  # seconds
CONNECT = """
import sys, django
django.setup()
from console.models import Workspace
from ingestion.services import connect
workspace = Workspace.objects.get(pk=sys.argv[1])
connect(workspace=workspace, kind="git", resource=sys.argv[2], allow_local=True)
"""
TICK = "import django; django.setup(); from ingestion.schedule import tick; tick()"


def is_open(port: int) -> bool:
    with socket.socket() as attempt:
        return attempt.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[str]:
    """Run a Redis on loopback and return its URL."""
    beside = str(Path(sys.executable).parent)
    server = shutil.which("redis-server", path=beside) or shutil.which("redis-server")
    if server is None:
        pytest.skip("there is no redis-server for this platform")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [server, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + PATIENCE
        while not is_open(port):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield f"redis://127.0.0.1:{port}/0"
        process.terminate()


@pytest.fixture
def environment(process_environment: dict[str, str], redis: str) -> dict[str, str]:
    return process_environment | {"BROKER_URL": redis, "EMBEDDER": "null"}


@pytest.fixture
def redis_worker(environment: dict[str, str]) -> Iterator[None]:
    """Run a worker process on that Redis."""
    command = [sys.executable, "manage.py", "rundramatiq", "--processes", "1", "--threads", "2"]
    silence = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=silence, stderr=silence) as process:
        yield
        for child in psutil.Process(process.pid).children(recursive=True):
            child.kill()
        process.kill()


def run_python(code: str, environment: dict[str, str], *arguments: str) -> None:
    subprocess.run([sys.executable, "-c", code, *arguments], cwd=ROOT, env=environment, check=True)


def wait_for_the_run(workspace: Workspace) -> Run:
    deadline = time.monotonic() + PATIENCE
    while (run := Run.objects.get(workspace=workspace)).is_active:
        assert time.monotonic() < deadline, f"the run is {run.state} after {PATIENCE} seconds"
        time.sleep(0.1)
    return run


def test_a_source_is_indexed(
    workspace: Workspace, repository: Repository, environment: dict[str, str], redis_worker: None
) -> None:
    run_python(CONNECT, environment, str(workspace.pk), str(repository.path))
    run = wait_for_the_run(workspace)
    assert (run.state, run.added) == (RunState.COMPLETED, 2)


def test_what_was_asked_for_while_redis_was_away_is_done_after_the_sweep(
    workspace: Workspace, repository: Repository, environment: dict[str, str], redis_worker: None
) -> None:
    away = environment | {"BROKER_URL": "redis://127.0.0.1:1/0"}
    run_python(CONNECT, away, str(workspace.pk), str(repository.path))
    integration = Integration.objects.get(workspace=workspace)
    assert integration.runs.get().state == RunState.QUEUED
    run_python(TICK, environment)
    assert wait_for_the_run(workspace).state == RunState.COMPLETED
