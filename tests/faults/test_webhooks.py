"""The web server is killed while GitHub delivers: what was answered with 202 is stored once, and followed."""

import json
import queue
import random
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from uuid import uuid4

import pytest

from console.models import Scope, Workspace
from console.services import create_api_key
from ingestion.models import Delivery, Integration
from tests.emulators.github import GitHub
from tests.emulators.github.webhooks import Webhook
from tests.faults.github import app, hub, push, source
from tests.faults.soundness import check_against_fresh, compare, settle
from tests.faults.stage import POSTGRES, RESTART, WEB, Stage, listens, wait_until
from tests.repositories import Repository

__all__ = ["app", "hub", "push", "source"]

pytestmark = pytest.mark.timeout(900)
SENDERS = 4
ACCEPTED = 202


class Sending:
    """Sends pushes until each has been accepted, now and then once more, and smaller events in between."""

    def __init__(self, hub: GitHub, chance: random.Random) -> None:
        self.pushes: queue.Queue[Webhook] = queue.Queue()
        self.accepted: set[str] = set()
        self.refused = 0
        self._hub, self._chance, self._over = hub, chance, Event()

    def run(self) -> None:
        """Send until it is over and no push is left."""
        while not (self._over.is_set() and self.pushes.empty()):
            try:
                webhook = self.pushes.get(timeout=self._chance.uniform(0.1, 0.4))
            except queue.Empty:
                webhook = Webhook("star", str(uuid4()), {"action": "created"})
            if self._hub.webhooks.post(webhook) == ACCEPTED:
                self.accepted.add(webhook.delivery_id)
                if self._chance.random() < 0.2:
                    self._hub.webhooks.post(webhook)
                continue
            self.refused += 1
            time.sleep(0.2)
            if webhook.event == "push":
                self.pushes.put(webhook)

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """Send from several threads meanwhile."""
        senders = [Thread(target=self.run, daemon=True) for _ in range(SENDERS)]
        for sender in senders:
            sender.start()
        yield
        self._over.set()
        for sender in senders:
            sender.join(120)
            assert not sender.is_alive()


def test_in_the_middle_of_deliveries(
    source: Integration, workspace: Workspace, fresh: Workspace, hub: GitHub, repository: Repository,
    push: Callable[[], None], stage: Stage, seed: random.Random,
) -> None:  # fmt: skip
    stage.environment["SCHEDULER_INTERVAL"] = "1"
    _, token = create_api_key(workspace=workspace, name="Tests", scopes=[Scope.SEARCH])
    sending = Sending(hub, seed)
    stage.start("up")
    wait_until(lambda: listens(stage.port), "the web server is up")
    words = []

    def push_a_new_word() -> None:
        before = len(sending.accepted)
        wait_until(lambda: len(sending.accepted) > before, "the web server accepts deliveries")
        words.append(f"word{seed.getrandbits(48):x}")
        (repository.path / f"{words[-1]}.md").write_text(f"# A push\n\nIt brought {words[-1]}.\n")
        push()
        assert hub.webhooks.held is not None
        while hub.webhooks.held:
            sending.pushes.put(hub.webhooks.held.pop(0))

    with sending.going_on():
        stage.torment((WEB, WEB, WEB, WEB, "up", POSTGRES, RESTART), 20, seed, push_a_new_word)
    settle(stage.outcome)
    stored = list(Delivery.objects.values_list("delivery_id", flat=True))
    stage.outcome.checked["deliveries"] += len(sending.accepted)
    compare(stage.outcome, sending.accepted, [row for row in stored if row in sending.accepted])
    assert stage.outcome.sound, stage.outcome
    assert sending.refused and len(sending.accepted) > len(words)
    for word in words:
        assert found(stage.port, token, word) == [f"{word}.md"]
    check_against_fresh(stage, source, fresh)


def found(port: int, token: str, word: str) -> list[str]:
    """Return the keys of the documents that a search by the API finds."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v1/search",
        data=json.dumps({"query": word, "mode": "exact"}).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=20) as response:
        return [result["key"] for result in json.load(response)["results"]]
