"""Nobody connects, reads or keeps what is not theirs, and no secret is in what people read."""

import json
import logging
import sys
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.core import signing
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from console.models import User, Workspace
from ingestion.connections import remove_connection, save_connection
from ingestion.journeys import SALT
from ingestion.models import Connection, Delivery, Integration, IntegrationState, SharedSecret
from ingestion.services import connect, resume
from ingestion.sources.base import Grant
from ingestion.sources.errors import SourceError
from ingestion.sources.github.installing import registration
from ingestion.sources.github.settings import GitHubSettings
from lightfast.lib.errors import UserError
from lightfast.lib.redact import RedactingFormatter, redact
from tests.emulators.github import GitHub, administration, install
from tests.emulators.github.store import App, Installation
from tests.emulators.github.store import Repository as Hosted
from tests.github.conftest import Push
from tests.queue import Drain

pytestmark = pytest.mark.django_db(transaction=True)
INSTALL = "/acme/connections/github/install/"


def state_of(response: Any) -> str:
    """Return the state in the address that a person is sent to."""
    address = str(response["Location"])
    return dict(parse_qsl(urlsplit(address).query))["state"]


def come_back(
    client: Client, hub: GitHub, installation: Installation, login: str, **given: str
) -> Connection | None:
    """Come back from GitHub, logged in there as somebody, with the number of an installation."""
    hub.store.codes["code"] = login
    values = {"installation_id": installation.id, "setup_action": "install", "code": "code"}
    values["state"] = state_of(client.get(INSTALL))
    client.get(f"/connections/github/callback/?{urlencode(values | given)}")
    return Connection.objects.filter(external_id=str(installation.id)).first()


def test_an_installation_of_somebody_else_is_not_connected(as_alice: Client, hub: GitHub, app: App) -> None:
    installation = install(hub, "victim", [hub.store.add_repository("victim/secrets")])
    assert come_back(as_alice, hub, installation, "octocat") is None
    html = as_alice.get("/acme/connections/").content.decode()
    assert "does not show you this installation" in html


@pytest.fixture
def wide(hub: GitHub, installation: Installation) -> Hosted:
    """Return a second repository of the installation, which octocat may read; the other they may not."""
    other = hub.store.add_repository("acme/other")
    installation.repositories.add(other.id)
    hub.store.account("octocat").collaborates.add(other.id)
    return other


def test_who_may_read_a_part_connects_that_part(
    as_alice: Client,
    hub: GitHub,
    installation: Installation,
    hosted: Hosted,
    wide: Hosted,
    workspace: Workspace,
    worker: Drain,
) -> None:
    connection = come_back(as_alice, hub, installation, "octocat")
    assert connection is not None and connection.resources == [str(wide.id)]
    picker = f"/acme/core/sources/add/{connection.pk}/"
    html = as_alice.get(picker).content.decode()
    assert f'value="{wide.id}"' in html and f'value="{hosted.id}"' not in html
    as_alice.post(picker, {"resource": str(hosted.id)})
    with pytest.raises(UserError, match="may not read it"):
        connect(workspace=workspace, kind="github", resource=str(hosted.id), connection=connection)
    assert not Integration.objects.exists()


def test_who_may_read_a_part_sees_what_is_told_of_their_sources_only(
    as_alice: Client,
    hub: GitHub,
    installation: Installation,
    hosted: Hosted,
    wide: Hosted,
    workspace: Workspace,
    worker: Drain,
) -> None:
    connection = come_back(as_alice, hub, installation, "octocat")
    connect(workspace=workspace, kind="github", resource=str(wide.id), connection=connection)
    administration.archive(hub, hosted)
    administration.archive(hub, wide)
    hub.webhooks.wait()
    worker()
    secret = Delivery.objects.get(resource=str(hosted.id))
    html = as_alice.get("/acme/deliveries/").content.decode()
    assert html.count("repository archived") == 1
    assert as_alice.get(f"/acme/deliveries/{secret.pk}/").status_code == 404


def test_who_administers_all_of_it_connects_all_of_it(
    as_alice: Client, hub: GitHub, installation: Installation, wide: Hosted
) -> None:
    hub.store.account("boss").organizations.add("acme")
    assert come_back(as_alice, hub, installation, "octocat") is not None
    connection = come_back(as_alice, hub, installation, "boss")
    assert connection is not None and connection.resources is None
    connection = come_back(as_alice, hub, installation, "octocat")
    assert connection is not None and connection.resources is None


def test_who_reads_every_repository_today_does_not_get_those_of_tomorrow(
    as_alice: Client, hub: GitHub, installation: Installation, hosted: Hosted
) -> None:
    hub.store.account("octocat").collaborates.add(hosted.id)
    connection = come_back(as_alice, hub, installation, "octocat")
    assert connection is not None and connection.resources == [str(hosted.id)]


def test_what_two_people_of_a_team_may_read_adds_up(connection: Connection) -> None:
    team = connection.organization
    save_connection(organization=team, kind="github", grant=Grant("77", "x", resources=("1",)))
    found = save_connection(organization=team, kind="github", grant=Grant("77", "x", resources=("2", "3")))
    assert found.resources == ["1", "2", "3"]


def test_a_state_works_once_in_the_session_that_set_out_and_not_forever(
    as_alice: Client, as_mallory: Client, alice: User, hub: GitHub, app: App
) -> None:
    def attempt(client: Client, state: str, page: str = "callback") -> int:
        answer = client.get(f"/connections/github/{page}/?setup_action=request&state={state}")
        return int(answer.status_code)

    first = state_of(as_alice.get(INSTALL))
    elsewhere = Client()
    elsewhere.force_login(alice)
    assert attempt(as_mallory, first) == 403
    assert attempt(elsewhere, first) == 403
    assert attempt(as_alice, first, "registered") == 403
    assert attempt(as_alice, first) == 302
    assert attempt(as_alice, first) == 403
    assert attempt(as_alice, "forged") == 403
    late = state_of(as_alice.get(INSTALL))
    SharedSecret.objects.all().delete()
    assert attempt(as_alice, late) == 403
    late = state_of(as_alice.get(INSTALL))
    SharedSecret.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert attempt(as_alice, late) == 403
    forged = signing.dumps(
        {"kind": "github", "purpose": "connect", "traveller": "alice", "nonce": ""}, salt=SALT
    )
    assert attempt(as_alice, forged) == 403


def test_what_a_team_has_disconnected_only_a_person_connects_again(
    source: Integration, connection: Connection, hub: GitHub, installation: Installation, push: Push
) -> None:
    remove_connection(connection=connection)
    push({"src/late.py": "LATE = 1\n"})
    administration.accept_permissions(hub, installation, actions="read")
    hub.webhooks.wait()
    push({"src/later.py": "LATER = 1\n"})
    with pytest.raises(UserError, match="disconnected"):
        resume(integration=source)
    source.refresh_from_db()
    connection.refresh_from_db()
    assert (source.state, connection.state) == (IntegrationState.BLOCKED, "revoked")
    assert not source.documents.filter(key__startswith="src/late").exists()


def test_a_run_that_was_queued_before_its_team_disconnected_reads_nothing(
    source: Integration, connection: Connection, hub: GitHub, worker: Drain
) -> None:
    from ingestion.models import Trigger
    from ingestion.runs import request_run

    remove_connection(connection=connection)
    hub.calls.clear()
    run = request_run(integration=source, trigger=Trigger.PERIODIC)
    worker()
    run.refresh_from_db()
    assert (run.state, hub.calls) == ("failed", [])
    assert "disconnected here" in run.error


TOKENS = (
    "ghs_" + "a" * 36,
    "ghs_1001_" + "eyJ0" * 100 + "." + "x_-" * 20 + "." + "Y" * 43,
    "github_pat_" + "A1_" * 25,
    "ghp_" + "Z9" * 18,
    "ghu_" + "Z9" * 18,
    "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc=\n-----END RSA PRIVATE KEY-----",
    "lf_" + "q" * 38,
)


@pytest.mark.parametrize("token", TOKENS)
def test_no_token_is_in_a_message_or_a_log(token: str) -> None:
    said = f"GET https://api.github.com/x with {token}, failed"
    assert redact(said) == "GET https://api.github.com/x with [secret], failed"
    assert token not in str(SourceError(said))
    try:
        raise ValueError(said)
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "f", 1, "%s", (said,), sys.exc_info())
    line = RedactingFormatter("%(message)s").format(record)
    assert token not in line and "ValueError" in line


def test_the_log_of_the_project_leaves_secrets_out(settings: Settings) -> None:
    assert settings.LOGGING["formatters"]["line"]["()"] == "lightfast.lib.redact.RedactingFormatter"


def test_what_github_says_with_a_token_in_it_is_shown_without(
    source: Integration, hub: GitHub, worker: Drain
) -> None:
    from ingestion.services import sync_now

    hub.fault(r"GET \S*/repositories/\d+$", 403, message=f"Bad token {TOKENS[1]}", times=None)
    sync_now(integration=source)
    worker()
    source.refresh_from_db()
    assert "Bad token [secret]" in source.state_reason


@pytest.mark.parametrize(
    ("api_url", "base_url", "told"),
    [
        ("https://api.github.com", "https://search.acme.example", True),
        ("https://api.github.com", "http://127.0.0.1:8000", False),
        ("https://api.github.com", "http://localhost:8000", False),
        ("https://api.github.com", "http://lightfast.internal", False),
        ("https://api.acme.ghe.com", "http://10.1.2.3", False),
        ("https://github.acme.example/api/v3", "http://10.1.2.3", True),
    ],
)
def test_an_app_has_a_webhook_where_github_can_reach_us(api_url: str, base_url: str, told: bool) -> None:
    made = registration(
        GitHubSettings(api_url=api_url), base_url=base_url, account="", public=False, state="state"
    )
    assert ("hook_attributes" in json.loads(made.manifest)) == told
    assert (made.warning == "") == told
