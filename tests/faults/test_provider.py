"""GitHub answers with errors, limits, late and cut, while those who ask are killed."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from console.models import Workspace
from ingestion.models import Integration
from ingestion.services import sync_now
from tests.emulators.github import GitHub
from tests.emulators.github.faults import PRIMARY, SECONDARY
from tests.faults.github import app, hub, push, source
from tests.faults.soundness import check_against_fresh, settle
from tests.faults.stage import POSTGRES, PROGRAMS, Stage
from tests.faults.test_kills import busy

__all__ = ["app", "hub", "push", "source"]

pytestmark = pytest.mark.timeout(900)
SOON = {"Retry-After": "1"}
OVER = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "0"}
WHERE = (
    r"/git/trees/",
    r"/git/blobs/",
    r"GET \S*/repositories/\d+$",
    r"/codeload/",
    r"/compare/",
    r"/commits",
)
HOW: list[dict[str, Any]] = [
    {"status": 403, "message": PRIMARY, "headers": OVER},
    {"status": 403, "message": SECONDARY, "headers": SOON},
    {"status": 429, "message": "Too Many Requests", "headers": SOON},
    {"status": 401, "message": "Bad credentials"},
    {"status": 202},
    {"status": 500, "message": "Server Error"},
    {"status": 502, "message": "Bad Gateway"},
    {"status": 503, "message": "Unavailable", "headers": SOON},
    {"cut": 20},
    {"delay": 1.0},
]


def test_a_provider_that_fails_while_programs_are_killed(
    source: Integration, fresh: Workspace, hub: GitHub, push: Callable[[], None], stage: Stage,
    seed: random.Random,
) -> None:  # fmt: skip
    for name in PROGRAMS:
        stage.start(name)
    keep_busy = busy(source, push)

    def keep_busy_and_fail() -> None:
        keep_busy()
        hub.faults = [fault for fault in hub.faults if fault.times is None or fault.hits < fault.times]
        while len(hub.faults) < 2:
            hub.fault(seed.choice(WHERE), **seed.choice(HOW))

    stage.torment((*PROGRAMS, POSTGRES), 20, seed, keep_busy_and_fail)
    hub.faults.clear()
    settle(stage.outcome)
    sync_now(integration=source)
    settle(stage.outcome)
    check_against_fresh(stage, source, fresh)
