"""Signed webhooks, sent in the background; tests may hold them back, lose them or send them twice."""

import hashlib
import hmac
import json
import queue
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from tests.emulators.github.store import Repository, Store


@dataclass(frozen=True)
class Webhook:
    """One webhook, ready to be sent any number of times."""

    event: str
    delivery_id: str
    payload: dict[str, Any]


class Webhooks:
    """The App's outgoing webhooks, in order unless a test reorders them."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.held: list[Webhook] | None = None  # a list: webhooks are kept there instead of sent
        self.form = False  # as GitHub does when the content type is application/x-www-form-urlencoded
        self.sent: list[tuple[Webhook, int]] = []  # with the status of the answer; 0 for none
        self._queue: queue.Queue[Webhook | None] = queue.Queue()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def send(self, event: str, payload: dict[str, Any], repository: Repository | None = None) -> None:
        """Send an event to the App, if its installation sees the repository."""
        for installation in list(self.store.installations.values()):
            if repository is not None:
                sees = repository.id in installation.repositories
                if installation.selection == "all":
                    sees = repository.owner is installation.account
                if not sees or installation.suspended_at:
                    continue
                payload = {
                    **payload,
                    "installation": {"id": installation.id, "node_id": f"I{installation.id}"},
                }
            webhook = Webhook(event, str(uuid4()), payload)
            if self.held is not None:
                self.held.append(webhook)
            else:
                self._queue.put(webhook)
            if repository is None:
                return

    def post(self, webhook: Webhook) -> int:
        """Send one now and return the status of the answer."""
        app = next(iter(self.store.apps.values()), None)
        if app is None or not app.hook_url:
            return 0
        body = json.dumps(webhook.payload).encode()
        content_type = "application/json"
        if self.form:
            body, content_type = (
                urlencode({"payload": body.decode()}).encode(),
                "application/x-www-form-urlencoded",
            )
        signature = hmac.new(app.webhook_secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": content_type, "User-Agent": "GitHub-Hookshot/emulated", "Accept": "*/*",
            "X-GitHub-Event": webhook.event, "X-GitHub-Delivery": webhook.delivery_id, "X-GitHub-Hook-ID": "1",
            "X-GitHub-Hook-Installation-Target-ID": str(app.id),
            "X-GitHub-Hook-Installation-Target-Type": "integration", "X-Hub-Signature-256": f"sha256={signature}",
        }  # fmt: skip
        request = urllib.request.Request(app.hook_url, data=body, headers=headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                status = int(response.status)
        except urllib.error.HTTPError as error:
            status = error.code
            error.close()
        except OSError:
            status = 0
        self.sent.append((webhook, status))
        return status

    def wait(self) -> None:
        """Wait until everything that was not held back has been sent."""
        self._queue.join()

    def close(self) -> None:
        """Send what is queued, then no more."""
        self._queue.put(None)
        self._thread.join(10)

    def _run(self) -> None:
        while (webhook := self._queue.get()) is not None:
            try:
                self.post(webhook)
            finally:
                self._queue.task_done()
