"""Webhooks are verified, stored once and followed; whatever arrives, the answer is never a 5xx."""

import hashlib
import hmac
import json
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from ingestion.models import (
    Connection,
    ConnectionState,
    Delivery,
    DeliveryState,
    Integration,
    IntegrationState,
    ProviderApp,
    Run,
)
from ingestion.schedule import wake_forgotten_deliveries
from ingestion.sources.errors import BadDelivery, BadSignature
from ingestion.sources.github import inbox
from ingestion.webhooks import MAX_ATTEMPTS, process, process_waiting, replay
from tests.emulators.github import GitHub
from tests.emulators.github.apps import suspend, uninstall, unsuspend
from tests.emulators.github.store import App, Installation
from tests.github.conftest import Push
from tests.queue import Drain
from tests.repositories import Repository

URL = "/webhooks/github/"
pytestmark = pytest.mark.django_db(transaction=True)


def headers(secret: str, body: bytes, event: str = "ping", delivery: str = "") -> dict[str, str]:
    return {
        "X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(),
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": delivery or str(uuid4()),
    }


def post(client: Client, body: bytes, content_type: str = "application/json", **given: str) -> int:
    return client.post(URL, body, content_type=content_type, headers=given).status_code


def test_the_published_example_verifies() -> None:
    signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    with pytest.raises(BadDelivery):  # the signature is right, the example is no JSON
        inbox.verify(
            {"x-hub-signature-256": signature, "x-github-delivery": "1", "x-github-event": "ping"},
            b"Hello, World!",
            "It's a Secret to Everybody",
        )


@pytest.mark.parametrize(
    "signature", ["", "sha256=", "sha1=757107", "sha256=" + "0" * 64, "sha256=\xe9", "x" * 5000]
)
def test_a_wrong_signature_is_refused(signature: str) -> None:
    with pytest.raises(BadSignature):
        inbox.verify({"x-hub-signature-256": signature}, b"{}", "secret")


def test_nothing_verifies_without_a_secret() -> None:
    signature = "sha256=" + hmac.new(b"", b"{}", hashlib.sha256).hexdigest()
    with pytest.raises(BadSignature, match="GITHUB_WEBHOOK_SECRET"):
        inbox.verify({"x-hub-signature-256": signature}, b"{}", "")


def test_a_signed_delivery_is_stored_once(client: Client, app: App) -> None:
    body = b'{"zen": "Design for failure."}'
    given = headers(app.webhook_secret, body)
    assert [post(client, body, **given) for _ in range(3)] == [202, 202, 202]
    assert Delivery.objects.count() == 1


def test_a_form_is_read_like_json(client: Client, app: App, worker: Drain) -> None:
    body = urlencode({"payload": json.dumps({"zen": "Keep it logically awesome."})}).encode()
    assert post(client, body, "application/x-www-form-urlencoded", **headers(app.webhook_secret, body)) == 202
    worker()
    assert Delivery.objects.get().outcome == "GitHub says hello."


def test_what_is_refused_is_not_stored(client: Client, app: App) -> None:
    body = b"{}"
    assert post(client, body, **headers("wrong", body)) == 401
    for broken in (b"", b"[]", b"nonsense", b"\xff", b"[" * 100_000):
        assert post(client, broken, **headers(app.webhook_secret, broken)) == 400
    nameless = headers(app.webhook_secret, body) | {"X-GitHub-Delivery": ""}
    assert post(client, body, **nameless) == 400
    assert client.get(URL).status_code == 405
    assert client.post("/webhooks/nobody/").status_code == 404
    assert client.post("/webhooks/git/").status_code == 404
    assert not Delivery.objects.exists()


def test_a_body_above_25_megabytes_is_refused_before_it_is_read(client: Client, app: App) -> None:
    response = client.post(URL, b"{}", content_type="application/json", CONTENT_LENGTH=str(26_214_401))
    assert response.status_code == 413


def test_a_large_push_is_taken(client: Client, app: App) -> None:
    body = json.dumps({"commits": ["x" * 5_000_000]}).encode()
    assert post(client, body, **headers(app.webhook_secret, body, "push")) == 202


def test_tags_and_unknown_events_have_no_consequence(
    source: Integration, hub: GitHub, work: Repository, worker: Drain
) -> None:
    before = Run.objects.count()
    work.git("tag", "v1")
    work.git("push", "--quiet", "origin", "v1")
    hub.webhooks.send("star", {"action": "created"})
    hub.webhooks.wait()
    worker()
    assert Run.objects.count() == before
    states = Delivery.objects.exclude(event="installation").values_list("state", flat=True)
    assert set(states) == {DeliveryState.IGNORED}
    assert [status for _, status in hub.webhooks.sent] == [202, 202, 202]


def test_a_lost_message_is_found_by_the_sweep(client: Client, app: App, worker: Drain) -> None:
    body = b"{}"
    post(client, body, **headers(app.webhook_secret, body))
    worker()
    Delivery.objects.update(state=DeliveryState.RECEIVED, processed_at="2020-01-01T00:00:00Z")
    wake_forgotten_deliveries()
    worker()
    assert Delivery.objects.get().state == DeliveryState.IGNORED


def test_a_delivery_can_be_replayed(source: Integration, push: Push, worker: Drain) -> None:
    push({"new.py": "NEW = 1\n"})
    delivery = Delivery.objects.get(event="push")
    assert delivery.state == DeliveryState.PROCESSED and "1 source syncs" in delivery.outcome
    before = Run.objects.count()
    replay(delivery=delivery)
    worker()
    assert Run.objects.count() == before + 1


def test_a_suspended_installation_stops_its_sources_and_an_unsuspended_one_goes_on(
    source: Integration,
    hub: GitHub,
    installation: Installation,
    connection: Connection,
    worker: Drain,
    work: Repository,
) -> None:
    suspend(hub, installation)
    hub.webhooks.wait()
    worker()
    source.refresh_from_db()
    connection.refresh_from_db()
    assert (source.state, connection.state) == (IntegrationState.BLOCKED, ConnectionState.SUSPENDED)
    assert "Unsuspend" in source.state_reason
    work.commit({"late.py": "LATE = 1\n"})
    work.git("push", "--quiet", "origin", "main")
    unsuspend(hub, installation)
    hub.webhooks.wait()
    worker()
    source.refresh_from_db()
    connection.refresh_from_db()
    assert (source.state, connection.state) == (IntegrationState.ACTIVE, ConnectionState.ACTIVE)
    assert source.documents.filter(key="late.py").exists()


def test_an_uninstalled_app_says_what_to_do(
    source: Integration, hub: GitHub, installation: Installation, connection: Connection, worker: Drain
) -> None:
    uninstall(hub, installation)
    hub.webhooks.wait()
    worker()
    source.refresh_from_db()
    connection.refresh_from_db()
    assert connection.state == ConnectionState.REVOKED
    assert "Install it again" in source.state_reason


def test_a_delivery_that_failed_is_taken_again_when_github_sends_it_again(
    client: Client, app: App, worker: Drain
) -> None:
    body = b"{}"
    given = headers(app.webhook_secret, body)
    post(client, body, **given)
    worker()
    Delivery.objects.update(state=DeliveryState.FAILED)
    post(client, body, **given)
    worker()
    assert Delivery.objects.get().state == DeliveryState.IGNORED


def test_a_burst_wakes_workers_a_few_times_and_all_of_it_is_followed(
    client: Client, app: App, worker: Drain
) -> None:
    body = b"{}"
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM dramatiq.queue")
        assert {post(client, body, **headers(app.webhook_secret, body)) for _ in range(40)} == {202}
        worker()
        cursor.execute("SELECT count(*) FROM dramatiq.queue")
        messages = cursor.fetchone()
    assert messages is not None and messages[0] < 40
    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.IGNORED}


def test_a_new_secret_is_taken_at_once(client: Client) -> None:
    body = b"{}"
    registered = ProviderApp(kind="github", name="Acme", config={"app_id": "1"})
    for secret in ("first", "second"):
        registered.secrets = {"webhook_secret": secret}
        registered.save()
        assert post(client, body, **headers(secret, body)) == 202


def test_a_delivery_that_cannot_be_followed_fails_in_the_end() -> None:
    lost = Delivery.objects.create(provider="gone", delivery_id="1", event="push", body=b"{}")
    for _ in range(MAX_ATTEMPTS):
        process(lost.pk)
    lost.refresh_from_db()
    assert (lost.state, lost.attempts) == (DeliveryState.FAILED, MAX_ATTEMPTS)
    process_waiting()
    lost.refresh_from_db()
    assert lost.attempts == MAX_ATTEMPTS
