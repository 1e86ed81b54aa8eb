"""Programs and the database are killed at random moments; nothing is lost, doubled or stuck."""

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from console.models import Workspace
from ingestion.models import Chunk, Document, Integration, Purge, Run, Store
from ingestion.services import connect, disconnect, sync_now
from ingestion.stores import configure_store, default_config
from tests.faults.soundness import check_against_fresh, settle
from tests.faults.stage import POSTGRES, PROGRAMS, RESTART, Stage, patiently, wait_until
from tests.repositories import Repository

pytestmark = pytest.mark.timeout(900)
EVERYBODY = (*PROGRAMS, POSTGRES, RESTART)


def busy(integration: Integration, change: Callable[[], None]) -> Callable[[], None]:
    """Return what sees to it that a sync is under way."""

    def keep_busy() -> None:
        if not Run.objects.filter(integration=integration).active().exists():
            change()
            sync_now(integration=integration)

    return keep_busy


@pytest.mark.parametrize(
    ("victims", "kills"), [(PROGRAMS, 30), (EVERYBODY, 40)], ids=["programs", "programs and database"]
)
def test_in_the_middle_of_syncs(
    victims: tuple[str, ...], kills: int, workspace: Workspace, fresh: Workspace, repository: Repository,
    change: Callable[[], None], stage: Stage, seed: random.Random,
) -> None:  # fmt: skip
    integration = connect(workspace=workspace, kind="git", resource=str(repository.path), allow_local=True)
    for name in PROGRAMS:
        stage.start(name)
    stage.torment(victims, kills, seed, busy(integration, change))
    settle(stage.outcome)
    sync_now(integration=integration)
    settle(stage.outcome)
    check_against_fresh(stage, integration, fresh)


def test_in_the_middle_of_a_change_of_the_index(
    workspace: Workspace, fresh: Workspace, repository: Repository, stage: Stage, seed: random.Random
) -> None:
    integration = connect(workspace=workspace, kind="git", resource=str(repository.path), allow_local=True)
    for name in PROGRAMS:
        stage.start(name)
    settle(stage.outcome)
    sizes = [default_config(), replace(default_config(), chunk_tokens=120)]
    turns = 0

    def switched() -> bool:
        store = Store.objects.get(workspace=workspace)
        return store.serving_id == store.target_id

    def keep_busy() -> None:
        nonlocal turns
        if switched():
            turns += 1
            configure_store(store=Store.objects.get(workspace=workspace), config=sizes[turns % 2])

    stage.torment(EVERYBODY, 25, seed, keep_busy)
    wait_until(switched, "the store serves its target")
    store = Store.objects.select_related("target").get(workspace=workspace)
    assert store.target is not None
    if store.target.config_hash != default_config().hash:
        configure_store(store=store, config=default_config())
        wait_until(switched, "the store serves its target")
    settle(stage.outcome)
    store.refresh_from_db()
    of_old_versions = Chunk.objects.filter(version__store=store).exclude(version=store.serving_id)
    wait_until(lambda: not of_old_versions.exists(), "the old versions' chunks are gone")
    check_against_fresh(stage, integration, fresh)


def test_in_the_middle_of_purges(
    workspace: Workspace, repository: Repository, tmp_path_factory: pytest.TempPathFactory, stage: Stage,
    seed: random.Random,
) -> None:  # fmt: skip
    for name in PROGRAMS:
        stage.start(name)
    copies = tmp_path_factory.mktemp("copies")

    def keep_busy() -> None:
        if Purge.objects.filter(completed_at=None).exists():
            return
        copy = copies / str(len(list(copies.iterdir())))
        repository.git("clone", "--quiet", str(repository.path), str(copy))
        integration = connect(workspace=workspace, kind="git", resource=str(copy), allow_local=True)
        active = Run.objects.filter(integration=integration).active()
        wait_until(lambda: not active.exists(), "the copy is indexed")
        disconnect(integration=integration)

    stage.torment(EVERYBODY, 25, seed, keep_busy)
    settle(stage.outcome)
    for left in patiently(lambda: list(Integration.objects.in_workspace(workspace))):
        disconnect(integration=left)
    settle(stage.outcome)
    assert not Integration.objects.exists()
    assert not Document.objects.exists()
    receipts = list(Purge.objects.all())
    assert len(receipts) > 2
    for receipt in receipts:
        assert receipt.counts_before["documents"] == 151
        assert set((receipt.counts_after or {}).values()) == {0}
        stage.outcome.checked["documents"] += 151
