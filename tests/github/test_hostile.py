"""Whatever is posted to the inbox, only what GitHub has signed is taken, and nothing ends in a 5xx."""

import hashlib
import hmac
import json
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from ingestion import webhooks
from ingestion.models import Delivery
from tests.emulators.github.store import App

URL = "/webhooks/github/"
TEXT = st.text(st.characters(min_codepoint=0, max_codepoint=0xFF), max_size=40)
BODY = st.binary(max_size=200) | st.dictionaries(st.text(max_size=8), st.integers() | TEXT, max_size=4).map(
    lambda values: json.dumps(values).encode()
)
TYPES = st.sampled_from(["", "application/json", "application/x-www-form-urlencoded", "text/plain", "a/b; c"])

# One database for all examples, as one inbox takes all that comes.
any_request = settings(
    max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
pytestmark = pytest.mark.django_db


def signature(app: App, body: bytes) -> str:
    return "sha256=" + hmac.new(app.webhook_secret.encode(), body, hashlib.sha256).hexdigest()


def post(client: Client, body: bytes, content_type: str, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.generic("POST", URL, body, content_type, headers=named)


@any_request
@given(
    body=BODY,
    content_type=TYPES,
    mark=TEXT,
    event=TEXT,
    delivery=TEXT,
    scheme=st.sampled_from(["", "sha256="]),
)
def test_nothing_is_taken_without_the_right_signature(
    client: Client,
    app: App,
    body: bytes,
    content_type: str,
    mark: str,
    event: str,
    delivery: str,
    scheme: str,
) -> None:
    assume(scheme + mark != signature(app, body))
    before = Delivery.objects.count()
    answer = post(
        client,
        body,
        content_type,
        x_hub_signature_256=scheme + mark,
        x_github_event=event,
        x_github_delivery=delivery,
    )
    assert answer.status_code == 401
    assert Delivery.objects.count() == before


@any_request
@given(body=BODY, content_type=TYPES, event=TEXT, delivery=TEXT, agent=TEXT)
def test_whatever_is_signed_is_answered_and_settled(
    client: Client, app: App, body: bytes, content_type: str, event: str, delivery: str, agent: str
) -> None:
    answer = post(
        client, body, content_type, x_hub_signature_256=signature(app, body), x_github_event=event,
        x_github_delivery=delivery, user_agent=agent,
    )  # fmt: skip
    assert answer.status_code in (202, 400)
    if answer.status_code == 202:
        stored = Delivery.objects.get(pk=answer.json()["id"])
        webhooks.process(stored.pk)
        stored.refresh_from_db()
        assert stored.outcome


@any_request
@given(data=st.data(), body=st.binary(min_size=1, max_size=100))
def test_one_changed_bit_is_enough_to_be_refused(
    client: Client, app: App, data: st.DataObject, body: bytes
) -> None:
    mark = signature(app, body)
    position = data.draw(st.integers(0, len(body) * 8 - 1))
    changed = bytearray(body)
    changed[position // 8] ^= 1 << position % 8
    answer = post(
        client, bytes(changed), "application/json", x_hub_signature_256=mark, x_github_event="ping",
        x_github_delivery="1",
    )  # fmt: skip
    assert answer.status_code == 401


@pytest.mark.parametrize("length", ["-1", "²", "9" * 5_000, "1e3", "0x10", " "])
def test_a_length_that_is_none_is_refused(client: Client, app: App, length: str) -> None:
    answer = client.generic("POST", URL, b"{}", "application/json", CONTENT_LENGTH=length)
    assert answer.status_code in (400, 413)


@pytest.mark.parametrize("nasty", ["\0", "\ud800", "'", "%00", "x" * 10_000, "²"])
def test_what_people_ask_of_the_pages_is_answered(as_alice: Client, app: App, nasty: str) -> None:
    text = nasty.encode("utf-8", "surrogatepass")
    for name in ("q", "event", "state", "page"):
        assert as_alice.get("/acme/deliveries/", {name: text}).status_code == 200
    for address in ("callback", "registered"):
        values = {"state": text, "code": text, "installation_id": text}
        assert as_alice.get(f"/connections/github/{address}/", values).status_code == 403
    there = as_alice.get("/acme/connections/github/app/", {"account": text})
    assert there.status_code == 200
