"""Whatever GitHub may send, and whatever somebody makes of it, is answered and settled."""

import hashlib
import hmac
import json
import lzma
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from ingestion import webhooks
from ingestion.models import Connection, Delivery, DeliveryState
from ingestion.sources.base import VerifiedDelivery
from ingestion.sources.errors import BadDelivery
from ingestion.sources.github import inbox
from tests.emulators.github.store import App

EXAMPLES: list[tuple[str, dict[str, Any]]] = json.loads(
    lzma.decompress((Path(__file__).parent / "data" / "webhook-examples.json.xz").read_bytes())
)
SYNCED = {"push", "repository", *inbox.SYNCED}

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)
NAMES = (
    "repository",
    "installation",
    "action",
    "ref",
    "account",
    "repositories_added",
    "repositories_removed",
    "id",
)


def test_there_are_examples_of_what_we_act_on() -> None:
    assert len(EXAMPLES) > 400
    assert {name for name, _ in EXAMPLES} >= {
        *SYNCED,
        "ping",
        "meta",
        "installation",
        "installation_repositories",
    }


@pytest.mark.django_db
def test_every_published_example_is_accepted_and_settled(client: Client, app: App) -> None:
    for number, (event, payload) in enumerate(EXAMPLES):
        body, content_type = json.dumps(payload).encode(), "application/json"
        if number % 2:
            body, content_type = (
                urlencode({"payload": body.decode()}).encode(),
                "application/x-www-form-urlencoded",
            )
        signature = "sha256=" + hmac.new(app.webhook_secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "X-Hub-Signature-256": signature,
            "X-GitHub-Event": event,
            "X-GitHub-Delivery": str(number),
        }
        answer = client.post("/webhooks/github/", body, content_type=content_type, headers=headers)
        assert answer.status_code == 202, (event, answer.content)
    for delivery in Delivery.objects.all():
        webhooks.process(delivery.pk)
    settled = Delivery.objects.all()
    assert settled.count() == len(EXAMPLES)
    assert {delivery.state for delivery in settled} == {DeliveryState.IGNORED}  # no source of ours is in them
    assert all(delivery.outcome for delivery in settled)


def test_examples_of_what_we_act_on_name_their_repository() -> None:
    for event, payload in EXAMPLES:
        found = inbox.consequence(VerifiedDelivery("1", event, payload))
        if event in SYNCED and not (event == "push" and str(payload["ref"]).startswith("refs/tags/")):
            assert found.resources == (str(payload["repository"]["id"]),), event
        if event == "installation":
            assert found.connection_id == str(payload["installation"]["id"]) and found.connection_change


@given(
    event=st.sampled_from(sorted({name for name, _ in EXAMPLES})),
    payload=st.dictionaries(
        st.sampled_from(NAMES), JSON | st.dictionaries(st.sampled_from(NAMES), JSON, max_size=3)
    ),
)
def test_no_payload_makes_us_fail(event: str, payload: dict[str, Any]) -> None:
    found = inbox.consequence(VerifiedDelivery("1", event, payload))
    assert found.outcome
    assert all(resource.isdigit() for resource in found.resources)


@given(
    body=st.binary(max_size=200),
    content_type=st.sampled_from(["", "application/json", "application/x-www-form-urlencoded"]),
)
def test_no_body_is_read_as_what_it_is_not(body: bytes, content_type: str) -> None:
    headers = {"x-github-delivery": "1", "x-github-event": "push", "content-type": content_type}
    with suppress(BadDelivery):
        assert isinstance(inbox.read(headers, body).payload, dict)


@pytest.mark.django_db
def test_text_that_no_database_can_hold_is_settled_and_shown(
    client: Client, as_alice: Client, app: App, connection: Connection
) -> None:
    nasty = "\0\ud800<script>"
    number = int(connection.external_id)
    for event in sorted({name for name, _ in EXAMPLES}):
        payload = {
            "action": nasty,
            "ref": f"refs/heads/{nasty}",
            "repository": {"id": 2**70},
            "account": {"login": nasty},
        }
        body = json.dumps(payload | {"installation": {"id": number}}).encode()
        signature = "sha256=" + hmac.new(app.webhook_secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {"X-Hub-Signature-256": signature, "X-GitHub-Event": event, "X-GitHub-Delivery": event}
        assert (
            client.post(
                "/webhooks/github/", body, content_type="application/json", headers=headers
            ).status_code
            == 202
        )
    for delivery in Delivery.objects.exclude(event="installation", action="created"):
        webhooks.process(delivery.pk)
        page = as_alice.get(f"/acme/deliveries/{delivery.pk}/")
        assert page.status_code == 200 and b"<script>" not in page.content
