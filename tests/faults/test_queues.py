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
from tests.faults.brokers import Rabbit, Redis
from tests.faults.soundness import check_against_fresh, settle
from tests.faults.stage import POSTGRES, PROGRAMS, Stage, patiently
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
    for name in PROGRAMS:
        stage.start(name)
    keep_busy = busy(integration, change)
    for _ in range(30):
        patiently(keep_busy)
        time.sleep(seed.uniform(0.05, 0.8))
        empty_postgres()
    settle(stage.outcome)
    sync_now(integration=integration)
    settle(stage.outcome)
    check_against_fresh(stage, integration, fresh)


def test_redis_is_emptied_and_killed_with_everybody_else(
    workspace: Workspace, fresh: Workspace, repository: Repository, change: Callable[[], None], redis: Redis,
    stage: Stage, seed: random.Random,
) -> None:  # fmt: skip
    stage.environment["BROKER_URL"] = redis.url
    stage.can_kill("redis", redis.restart)
    integration = connect(workspace=workspace, kind="git", resource=str(repository.path), allow_local=True)
    for name in PROGRAMS:
        stage.start(name)
    keep_busy = busy(integration, change)

    def keep_busy_and_forget() -> None:
        keep_busy()
        if seed.random() < 0.3:
            redis.empty()

    stage.torment((*PROGRAMS, POSTGRES, "redis"), 30, seed, keep_busy_and_forget)
    settle(stage.outcome)
    sync_now(integration=integration)
    settle(stage.outcome)
    check_against_fresh(stage, integration, fresh)


def test_rabbitmq_is_killed_with_everybody_else(
    workspace: Workspace, fresh: Workspace, repository: Repository, change: Callable[[], None],
    rabbit: Rabbit, stage: Stage, seed: random.Random,
) -> None:  # fmt: skip
    stage.environment["BROKER_URL"] = rabbit.url
    stage.can_kill("rabbitmq", rabbit.restart)
    integration = connect(workspace=workspace, kind="git", resource=str(repository.path), allow_local=True)
    for name in PROGRAMS:
        stage.start(name)
    stage.torment((*PROGRAMS, POSTGRES, "rabbitmq"), 16, seed, busy(integration, change))
    settle(stage.outcome)
    sync_now(integration=integration)
    settle(stage.outcome)
    check_against_fresh(stage, integration, fresh)


def test_two_schedulers_start_each_sync_once(
    workspace: Workspace, stage: Stage, tmp_path: Path, seed: random.Random
) -> None:
    sources = []
    for number in range(20):
        small = Repository(tmp_path / f"small{number}", {"a.py": f"x = {number}\n"})
        sources.append(connect(workspace=workspace, kind="git", resource=str(small.path), allow_local=True))
    for name in ("worker", "scheduler-1", "scheduler-2"):
        stage.start(name)
    settle(stage.outcome)
    before = Run.objects.count()
    Integration.objects.update(next_sync_at="2020-01-01T00:00Z")
    for _ in range(4):
        time.sleep(1)
        stage.kill(seed.choice(["scheduler-1", "scheduler-2"]))
    settle(stage.outcome)
    assert Run.objects.count() == before + len(sources)
    assert not Integration.objects.filter(next_sync_at=None).exists()
    stage.outcome.checked["documents"] += len(sources)
