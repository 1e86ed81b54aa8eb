"""A burst of signed webhooks of GitHub at the whole of Lightfast, workers included; each must be stored once."""

import asyncio
import hashlib
import hmac
import json
import lzma
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django.conf import settings

from bench.load.client import Answer, burst, prepared
from bench.load.installation import up
from bench.load.report import Figures, milliseconds
from bench.setting import new_workspace
from console.models import Workspace
from ingestion.models import Delivery, DeliveryState, Integration, ProviderApp, Run
from ingestion.stores import IndexConfig

SECRET = "bench-of-webhooks"  # noqa: S105 - of this measurement
EXAMPLES = "tests/github/data/webhook-examples.json.xz"  # as GitHub publishes them
SOURCES = 100
PATIENCE = 600  # seconds for what follows
LATER = {"PUSH_DEBOUNCE_SECONDS": "86400"}  # the syncs that follow are queued, and left alone


def measure(*, rates: Sequence[int], seconds: int) -> list[Figures]:
    """Return how bursts were answered at each rate, and how long the workers took for what followed."""
    workspace = new_workspace("webhooks", IndexConfig("null", "null", 8))
    sources = _sources(workspace)
    app = ProviderApp(kind="github", name="Bench", config={"app_id": "1"})
    app.secrets = {"webhook_secret": SECRET}
    app.save()
    with up(**LATER) as address:
        _burst(address, workspace, sources, 100, 2)  # what is loaded but once
        return [_burst(address, workspace, sources, rate, seconds) for rate in rates]


def _burst(address: str, workspace: Workspace, sources: list[int], rate: int, seconds: int) -> Figures:
    """Send a burst to an empty inbox, and wait until all of it is followed."""
    Delivery.objects.all().delete()
    Run.objects.filter(workspace=workspace).delete()
    requests = _requests(address, sources, rate * seconds)
    start = time.perf_counter()
    answers = asyncio.run(burst(address, requests, rate))
    took = time.perf_counter() - start
    _wait_until_settled()
    followed = time.perf_counter() - start
    return _figures(answers, rate, took, followed, workspace)


def _figures(answers: list[Answer], rate: int, took: float, followed: float, workspace: Workspace) -> Figures:
    accepted = sum(answer.status == 202 for answer in answers)
    stored = Delivery.objects.count()
    states = Counter(Delivery.objects.values_list("state", flat=True))
    assert accepted == stored == Delivery.objects.values("delivery_id").distinct().count()
    return {
        "sent": len(answers),
        "rate": rate,
        "accepted": accepted,
        "stored": stored,
        "lost": accepted - stored,
        "statuses": dict(Counter(answer.status for answer in answers)),
        "seconds": round(took, 2),
        **milliseconds([answer.seconds for answer in answers]),
        "processed": states[DeliveryState.PROCESSED],
        "followed s": round(followed, 1),
        "sources": SOURCES,
        "runs queued": Run.objects.filter(workspace=workspace).count(),
    }


def _sources(workspace: Workspace) -> list[int]:
    numbers = list(range(1_000_001, 1_000_001 + SOURCES))
    store = workspace.stores.get()
    Integration.objects.bulk_create(
        Integration(
            workspace=workspace, store=store, kind="github", resource_id=str(number), name=f"acme/{number}"
        )
        for number in numbers
    )
    return numbers


def _requests(address: str, sources: list[int], number: int) -> list[bytes]:
    """Return signed pushes, each to the next of the repositories."""
    examples = json.loads(lzma.decompress((settings.BASE_DIR / EXAMPLES).read_bytes()))
    pushes: list[Any] = [payload for event, payload in examples if event == "push"]
    example = next(payload for payload in pushes if payload["ref"] == "refs/heads/master")
    requests = []
    for at in range(number):
        example["repository"] |= {"id": sources[at % len(sources)], "default_branch": "master"}
        body = json.dumps(example).encode()
        headers = {
            "Content-Type": "application/json",
            "X-Hub-Signature-256": f"sha256={hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()}",
            "X-GitHub-Event": "push",
            "X-GitHub-Delivery": str(uuid4()),
        }
        requests.append(prepared("POST", f"{address}/webhooks/github/", headers=headers, body=body))
    return requests


def _wait_until_settled() -> None:
    deadline = time.monotonic() + PATIENCE
    while Delivery.objects.filter(state=DeliveryState.RECEIVED).exists():
        assert time.monotonic() < deadline, "The workers do not come to an end."
        time.sleep(0.2)
