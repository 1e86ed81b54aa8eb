"""After any history, with webhooks lost, doubled and out of order, the index equals a fresh index of the head."""

import random

import pytest

from console.models import Workspace
from ingestion.models import Integration, Run, Trigger
from ingestion.runs import request_run
from ingestion.services import connect
from tests.emulators.github import GitHub
from tests.emulators.github.store import Installation
from tests.emulators.github.store import Repository as Hosted
from tests.github.conftest import connection_of
from tests.ingestion.snapshot import snapshot
from tests.ingestion.test_histories import shake
from tests.queue import Drain
from tests.repositories import Repository


def branch(hosted: Hosted, work: Repository, chance: random.Random) -> None:
    """Make another branch the default, and sometimes delete the one before."""
    before = work.git("rev-parse", "--abbrev-ref", "HEAD")
    name = f"branch{chance.randrange(1_000_000)}"
    work.git("checkout", "--quiet", "-b", name)
    work.git("push", "--quiet", "origin", name)
    hosted.default_branch = name
    if chance.random() < 0.5:
        hosted.git.run("symbolic-ref", "HEAD", f"refs/heads/{name}")
        work.git("push", "--quiet", "origin", "--delete", before)


def deliver(hub: GitHub, chance: random.Random) -> None:
    """Lose some of the webhooks held back, double others, and send them in any order."""
    assert hub.webhooks.held is not None
    sent = [webhook for webhook in hub.webhooks.held for _ in range(chance.choice([0, 1, 1, 2]))]
    hub.webhooks.held.clear()
    chance.shuffle(sent)
    for webhook in sent:
        assert hub.webhooks.post(webhook) == 202


@pytest.mark.parametrize("seed", range(10))
def test_five_histories_end_where_a_fresh_sync_ends(
    seed: int,
    hub: GitHub,
    hosted: Hosted,
    work: Repository,
    installation: Installation,
    workspace: Workspace,
    other_workspace: Workspace,
    worker: Drain,
) -> None:
    connections = {place.pk: connection_of(place, installation) for place in (workspace, other_workspace)}

    def index(place: Workspace) -> Integration:
        resource = str(hosted.id)
        integration = connect(
            workspace=place, kind="github", resource=resource, connection=connections[place.pk]
        )
        worker()
        return integration

    followed = index(workspace)
    hub.webhooks.held = []
    for history in range(5):
        chance = random.Random(seed * 5 + history)
        commits = [work.git("rev-parse", "HEAD")]
        for _ in range(3):
            for _ in range(chance.randrange(1, 4)):
                shake(work, chance, commits)
            if chance.random() < 0.25:
                branch(hosted, work, chance)
            work.git("push", "--quiet", "--force", "origin", "HEAD")
            deliver(hub, chance)
            if chance.random() < 0.7:
                worker()
        worker()
        followed.refresh_from_db()
        request_run(integration=followed, trigger=Trigger.PERIODIC)  # the check for what was lost
        worker()
        states = set(Run.objects.filter(integration=followed).values_list("state", flat=True))
        assert states <= {"completed"}
        fresh = index(other_workspace)
        expected, found = snapshot(fresh), snapshot(followed)
        assert expected["documents"]
        assert found == expected
        Integration.objects.filter(pk=fresh.pk).delete()
