"""Workers are asked to end, as in a deploy: they finish their batch or give it back, and nothing waits for a lease."""

import random
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from console.models import Workspace
from ingestion.models import Run, RunItem, RunState
from ingestion.services import connect
from tests.emulators.voyage import Fault, VoyageEmulator
from tests.faults.soundness import check_against_fresh, settle
from tests.faults.stage import Stage, wait_until
from tests.faults.test_kills import busy
from tests.repositories import Repository

pytestmark = pytest.mark.timeout(900)
GRACE = 3  # seconds that a worker is left
SLOW = Fault(seconds=20)


def test_workers_are_drained_while_they_sync(
    workspace: Workspace, fresh: Workspace, repository: Repository, change: Callable[[], None], stage: Stage,
    seed: random.Random, voyage: VoyageEmulator,
) -> None:  # fmt: skip
    lease = 300
    stage.environment["LEASE_SECONDS"] = str(lease)
    integration = connect(workspace=workspace, kind="git", resource=str(repository.path), allow_local=True)
    keep_busy = busy(integration, change)
    stage.start("scheduler")
    begun = time.monotonic()
    for number in range(8):
        new, old = f"worker-{number}", f"worker-{number - 1}"
        stage.start(new, "--worker-shutdown-timeout", str(GRACE * 1000))
        wait_until(partial(stage.is_up, new), f"{new} is up")
        if number:
            asked = time.monotonic()
            assert stage.stop(old) == 0
            assert time.monotonic() - asked < 2 * GRACE + 5
        keep_busy()
        voyage.faults += [SLOW] * (number % 2)
        time.sleep(seed.uniform(1, 2))
    voyage.faults.clear()
    settle(stage.outcome)
    assert time.monotonic() - begun < lease
    assert RunItem.objects.filter(attempts__gt=1).exists()  # given back
    assert set(Run.objects.values_list("state", flat=True)) == {RunState.COMPLETED}
    check_against_fresh(stage, integration, fresh)


@pytest.fixture
def voyage(stage: Stage, settings: Any) -> Any:
    """Return an embedding service that can be slow."""
    with VoyageEmulator() as voyage:
        settings.EMBEDDER, settings.VOYAGE_API_KEY, settings.VOYAGE_BASE_URL = (
            "voyage",
            voyage.key,
            voyage.url,
        )
        settings.VOYAGE_DIMENSIONS = 256
        for name in ("EMBEDDER", "VOYAGE_API_KEY", "VOYAGE_BASE_URL", "VOYAGE_DIMENSIONS"):
            stage.environment[name] = str(getattr(settings, name))
        yield voyage
        voyage.shutdown()
