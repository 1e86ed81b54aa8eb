"""The queue is emptied, restarted and away; what is to be done stands in tables."""

import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection

from console.models import Workspace
from ingestion.models import Integration, Run
from ingestion.services import connect, sync_now
from tests.faults.conftest import Redis
from tests.faults.soundness import check_against_fresh, settle
from tests.faults.stage import Stage, patiently
from tests.faults.test_kills import busy
from tests.repositories import Repository

pytestmark = pytest.mark.timeout(900)


def empty_postgres() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM dramatiq.queue")


def test_messages_are_lost_again_and_again(
    workspace: Workspace, fresh: Workspace, repository: Repository, change: Callable[[], None], stage: Stage,
    seed: random.Random,
) -> None:  # fmt: skip
    integration = connect(workspace=workspace, kind="git", resource=str(repository.path), allow_local=True)
    stage.start("worker")
    stage.start("scheduler")
    keep_busy = busy(integration, change)
    for _ in range(30):
        patiently(keep_busy)
        time.sleep(seed.uniform(0.05, 0.8))
        empty_postgres()
    settle()
    sync_now(integration=integration)
    settle()
    check_against_fresh(integration, fresh)


def test_redis_is_emptied_and_killed_while_workers_are_killed(
    workspace: Workspace, fresh: Workspace, repository: Repository, change: Callable[[], None], redis: Redis,
    seed: random.Random, tmp_path: Path,
) -> None:  # fmt: skip
    integration = connect(workspace=workspace, kind="git", resource=str(repository.path), allow_local=True)
    keep_busy = busy(integration, change)
    with Stage(tmp_path / "programs.log", {"BROKER_URL": redis.url}) as stage:
        stage.start("worker")
        stage.start("scheduler")
        for step in range(40):
            patiently(keep_busy)
            time.sleep(seed.uniform(0.05, 0.8))
            if step % 4 == 0:
                redis.empty()
            elif step % 4 == 1:
                redis.kill()
                time.sleep(seed.uniform(0, 0.5))
                redis.start()
            else:
                stage.kill(seed.choice(["worker", "scheduler"]))
        settle()
        sync_now(integration=integration)
        settle()
        check_against_fresh(integration, fresh)


def test_two_schedulers_start_each_sync_once(
    workspace: Workspace, stage: Stage, tmp_path: Path, seed: random.Random
) -> None:
    sources = []
    for number in range(20):
        small = Repository(tmp_path / f"small{number}", {"a.py": f"x = {number}\n"})
        sources.append(connect(workspace=workspace, kind="git", resource=str(small.path), allow_local=True))
    stage.start("worker")
    stage.start("scheduler-1")
    stage.start("scheduler-2")
    settle()
    before = Run.objects.count()
    Integration.objects.update(next_sync_at="2020-01-01T00:00Z")
    for _ in range(4):
        time.sleep(1)
        stage.kill(seed.choice(["scheduler-1", "scheduler-2"]))
    settle()
    assert Run.objects.count() == before + len(sources)
    assert not Integration.objects.filter(next_sync_at=None).exists()
