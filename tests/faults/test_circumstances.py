"""A full disk and a slow one, wrong clocks, an embedder that fails in every way it can."""

import os
import random
import shutil
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings

from console.models import Workspace
from ingestion.models import Run
from ingestion.services import connect, sync_now
from tests.emulators.voyage import Fault, VoyageEmulator
from tests.faults.settings import MOUNTED
from tests.faults.soundness import check_against_fresh, check_rows, nothing_is_open, settle
from tests.faults.stage import PROGRAMS, Stage, patiently, slow_commits, stand_still, wait_until
from tests.faults.test_kills import busy
from tests.repositories import Repository

pytestmark = pytest.mark.timeout(900)


def test_the_disk_is_full_for_a_while(
    workspace: Workspace, fresh: Workspace, repository: Repository, change: Callable[[], None], stage: Stage
) -> None:
    if not MOUNTED:
        pytest.skip("a small disk cannot be mounted here")
    integration = connect(workspace=workspace, kind="git", resource=str(repository.path), allow_local=True)
    for name in PROGRAMS:
        stage.start(name)
    settle(stage.outcome)
    ballast = settings.STATE_DIR / "ballast"
    change()
    patiently(lambda: sync_now(integration=integration))
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(settings.STATE_DIR).free - 2_000_000)
    time.sleep(10)
    ballast.unlink()
    settle(stage.outcome)
    patiently(lambda: sync_now(integration=integration))
    settle(stage.outcome)
    check_against_fresh(stage, integration, fresh)


def test_the_disk_is_slow_and_at_times_does_not_answer(
    workspace: Workspace, fresh: Workspace, repository: Repository, change: Callable[[], None], stage: Stage,
    seed: random.Random,
) -> None:  # fmt: skip
    integration = connect(workspace=workspace, kind="git", resource=str(repository.path), allow_local=True)
    for name in ("worker-one", "worker-two", "scheduler"):
        stage.start(name)
    keep_busy = busy(integration, change)
    with slow_commits():
        for _ in range(12):
            patiently(keep_busy)
            time.sleep(seed.uniform(0.2, 1.5))
            stand_still(seed.uniform(0.5, 2 * settings.LEASE_SECONDS))
        settle(stage.outcome)
    sync_now(integration=integration)
    settle(stage.outcome)
    check_against_fresh(stage, integration, fresh)


@pytest.mark.parametrize("offset", ["+10m", "-10m"])
def test_a_workers_clock_is_wrong(
    offset: str, workspace: Workspace, fresh: Workspace, repository: Repository, change: Callable[[], None],
    stage: Stage, seed: random.Random,
) -> None:  # fmt: skip
    if shutil.which("faketime") is None:
        pytest.skip("faketime is not installed")
    integration = connect(workspace=workspace, kind="git", resource=str(repository.path), allow_local=True)
    stage.start("worker-right")
    stage.start("worker-wrong", prefix=["faketime", "-f", offset])
    stage.start("scheduler")
    stage.torment(("worker-right", "worker-wrong"), 10, seed, busy(integration, change))
    settle(stage.outcome)
    sync_now(integration=integration)
    settle(stage.outcome)
    check_against_fresh(stage, integration, fresh)


def garbage(answer: dict[str, Any]) -> None:
    answer["data"][0]["embedding"] = "bm90IGZsb2F0cw=="


def too_few(answer: dict[str, Any]) -> None:
    answer["data"].pop()


def wrong_size(answer: dict[str, Any]) -> None:
    answer["data"][0]["embedding"] = answer["data"][0]["embedding"][:64]


FAULTS = [
    Fault(429, {"Retry-After": "1"}),
    Fault(500),
    Fault(502),
    Fault(503),
    Fault(200, body=b"<html>"),
    Fault(seconds=3),
    Fault(change=garbage),
    Fault(change=too_few),
    Fault(change=wrong_size),
]


def test_the_embedder_fails_in_every_way(
    workspace: Workspace, fresh: Workspace, repository: Repository, seed: random.Random, stage: Stage,
    settings: Any,
) -> None:  # fmt: skip
    voyage = VoyageEmulator()
    stage.environment |= {
        "EMBEDDER": "voyage",
        "VOYAGE_API_KEY": voyage.key,
        "VOYAGE_BASE_URL": voyage.url,
        "VOYAGE_DIMENSIONS": "256",
    }
    settings.EMBEDDER, settings.VOYAGE_API_KEY, settings.VOYAGE_BASE_URL = "voyage", voyage.key, voyage.url
    settings.VOYAGE_DIMENSIONS = 256
    integration = connect(workspace=workspace, kind="git", resource=str(repository.path), allow_local=True)
    for name in PROGRAMS:
        stage.start(name)
    for _ in range(40):
        voyage.faults.append(seed.choice(FAULTS))
        time.sleep(0.2)
        if nothing_is_open():
            break
    voyage.faults.clear()
    wait_until(nothing_is_open, "every run has ended")
    run = Run.objects.filter(integration=integration).latest("id")
    if run.failed:
        sync_now(integration=integration)
        settle(stage.outcome)
    check_rows(stage.outcome)
    check_against_fresh(stage, integration, fresh)
    voyage.shutdown()
