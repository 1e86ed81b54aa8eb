"""A team admin goes from nothing to an indexed repository, and nobody connects what is not theirs."""

import copy
import json
import re
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import requests
from django.test import Client
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from console.models import Activity, Organization, User, Workspace
from ingestion.connections import save_connection
from ingestion.models import Connection, ConnectionState, Document, Integration, ProviderApp
from ingestion.pipeline.context import app_values, context_of
from ingestion.services import connect
from ingestion.sources.base import Grant
from lightfast.lib.errors import UserError
from tests.emulators.github import GitHub, install, register
from tests.emulators.github.apps import uninstall
from tests.emulators.github.store import App, Installation
from tests.emulators.github.store import Repository as Hosted
from tests.github.conftest import connection_of
from tests.queue import Drain

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def base_url(settings: Settings, live_server: LiveServer, hub: GitHub) -> None:
    """Let GitHub send people and webhooks to the live console, which has no App yet."""
    settings.BASE_URL = live_server.url
    sources = copy.deepcopy(settings.SOURCES)
    sources["github"]["config"]["api_url"] = hub.api_url
    settings.SOURCES = sources


@pytest.fixture
def octocat(hub: GitHub, hosted: Hosted) -> None:
    """Let the person in the browser manage GitHub's acme account."""
    hub.store.account("octocat").organizations.add("acme")


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, response
    return response.content.decode()


def fields(html: str) -> dict[str, str]:
    found = re.findall(r'<input type="?hidden"? name="?(\w+)"? value=["\']([^"\']*)["\']', html)
    return {name: unescape(value) for name, value in found if name != "csrfmiddlewaretoken"}


def back(client: Client, response: requests.Response) -> Any:
    """Follow the way back from GitHub."""
    assert response.status_code == 302, response.text
    parts = urlsplit(response.headers["Location"])
    return client.get(f"{parts.path}?{parts.query}")


def make_app(client: Client, hub: GitHub) -> None:
    html = page(client, "/acme/connections/github/app/")
    [address] = re.findall(r'<form method="post" action="([^"]+)"', html)
    confirm = requests.post(unescape(address), data=fields(html)).text
    made = requests.post(f"{hub.root}/settings/apps/create", data=fields(confirm), allow_redirects=False)
    assert back(client, made).status_code == 302


def test_an_owner_makes_the_app_installs_it_picks_a_repository_and_finds_it_indexed(
    as_alice: Client, hub: GitHub, hosted: Hosted, octocat: None, worker: Drain, workspace: Workspace
) -> None:
    assert "Create the GitHub App" in page(as_alice, "/acme/connections/")
    make_app(as_alice, hub)
    app = ProviderApp.objects.get()
    assert app.secrets["private_key"].startswith("-----BEGIN")
    assert app.secrets["private_key"].encode() not in bytes(app.sealed_secrets)

    there = as_alice.get("/acme/connections/github/install/?next=/acme/core/sources/")["Location"]
    form = fields(requests.get(there).text)
    installed = requests.post(there, data=form | {"repository": str(hosted.id)}, allow_redirects=False)
    response = back(as_alice, installed)
    assert response["Location"] == "/acme/core/sources/"
    connection = Connection.objects.get()
    assert (connection.name, connection.state) == ("acme", "active")

    picker = f"/acme/core/sources/add/{connection.pk}/"
    html = page(as_alice, picker)
    assert "acme/core" in html and "Private" in html
    assert as_alice.post(picker, {"resource": str(hosted.id)}).status_code == 303
    worker()
    assert Document.objects.filter(workspace=workspace).count() == 3
    assert "Already a source" in page(as_alice, picker)
    source = Integration.objects.get()
    html = page(as_alice, f"/acme/core/sources/{source.pk}/")
    assert re.search(r"Files</dt>\s*<dd>3</dd>", html) and "· main" in html
    assert {"app.registered", "connection.created", "source.connected"} <= set(
        Activity.objects.values_list("action", flat=True)
    )


def test_the_manifest_asks_for_reading_only(as_alice: Client, live_server: LiveServer) -> None:
    response = as_alice.get("/acme/connections/github/app/?account=acme-inc")
    html = response.content.decode()
    manifest = json.loads(fields(html)["manifest"])
    assert set(manifest["default_permissions"].values()) == {"read"}
    assert manifest["hook_attributes"]["url"] == f"{live_server.url}/webhooks/github/"
    assert "/organizations/acme-inc/settings/apps/new" in html
    policy = response["Content-Security-Policy"]
    assert "/organizations/acme-inc/settings/apps/new" in policy and "'self'" in policy


def test_a_second_app_is_refused(as_alice: Client, hub: GitHub) -> None:
    make_app(as_alice, hub)
    make_app(as_alice, hub)
    assert ProviderApp.objects.count() == 1
    assert "has its app already" in page(as_alice, "/acme/connections/")


def test_only_staff_and_the_first_owner_make_the_app(
    as_bob: Client, as_alice: Client, as_mallory: Client
) -> None:
    assert as_bob.get("/acme/connections/github/app/").status_code == 403
    assert as_alice.get("/acme/connections/github/app/").status_code == 200
    assert as_mallory.get("/evil/connections/github/app/").status_code == 403


def test_without_a_code_github_is_asked_who_it_is(
    as_alice: Client,
    hub: GitHub,
    app: App,
    installation: Installation,
    octocat: None,
    live_server: LiveServer,
) -> None:
    app.callback_urls = [f"{live_server.url}/connections/github/callback/"]
    state = dict(parse_qsl(urlsplit(as_alice.get("/acme/connections/github/install/")["Location"]).query))[
        "state"
    ]
    values = {"installation_id": installation.id, "setup_action": "install", "state": state}
    there = as_alice.get(f"/connections/github/callback/?{urlencode(values)}")["Location"]
    assert there.startswith(f"{hub.root}/login/oauth/authorize")
    back(as_alice, requests.get(there, allow_redirects=False))
    assert Connection.objects.get().external_id == str(installation.id)


def test_what_is_installed_already_can_be_connected_and_chosen_among(
    as_alice: Client,
    as_mallory: Client,
    hub: GitHub,
    app: App,
    installation: Installation,
    octocat: None,
    live_server: LiveServer,
) -> None:
    app.callback_urls = [f"{live_server.url}/connections/github/callback/"]
    install(hub, "octocat", [])
    there = as_alice.get("/acme/connections/github/identify/")["Location"]
    html = back(as_alice, requests.get(there, allow_redirects=False)).content.decode()
    grants = dict(re.findall(r'name="grant" value="([^"]+)">.*?Connect (\w+)<', html, re.DOTALL))
    [signed] = [value for value, name in grants.items() if name == "acme"]
    as_mallory.post("/evil/connections/github/choose/", {"grant": signed})
    assert not Connection.objects.exists()
    as_alice.post("/acme/connections/github/choose/", {"grant": signed, "return_to": "https://evil.example/"})
    assert Connection.objects.get().external_id == str(installation.id)
    as_alice.post("/acme/connections/github/choose/", {"grant": signed[:-1]})
    assert Connection.objects.count() == 1


def test_an_installation_that_waits_for_its_owners_says_so(as_alice: Client, hub: GitHub, app: App) -> None:
    state = dict(parse_qsl(urlsplit(as_alice.get("/acme/connections/github/install/")["Location"]).query))[
        "state"
    ]
    as_alice.get(f"/connections/github/callback/?setup_action=request&state={state}")
    assert "asked the owners" in page(as_alice, "/acme/connections/")


def test_a_token_connects_without_an_app(
    as_alice: Client, hub: GitHub, hosted: Hosted, worker: Drain, workspace: Workspace
) -> None:
    token = hub.store.make_token(login="acme", personal=True)
    address = "/acme/connections/github/token/"
    for wrong in ("", "short", "github_pat_" + "x" * 40):
        assert as_alice.post(address, {"token": wrong}).status_code == 422
    assert as_alice.post(address, {"token": token.value}).status_code == 303
    connection = Connection.objects.get()
    assert connection.name == "acme" and token.value.encode() not in bytes(connection.sealed_secrets)
    as_alice.post(f"/acme/core/sources/add/{connection.pk}/", {"resource": [str(hosted.id), "999999"]})
    worker()
    assert Document.objects.filter(workspace=workspace).count() == 3
    assert token.value not in page(as_alice, "/acme/connections/")


def test_a_disconnected_account_stops_its_sources_and_a_renewed_one_goes_on(
    as_alice: Client,
    source: Integration,
    connection: Connection,
    hub: GitHub,
    installation: Installation,
    worker: Drain,
) -> None:
    as_alice.post(f"/acme/connections/{connection.pk}/remove/")
    source.refresh_from_db()
    connection.refresh_from_db()
    assert (source.state, connection.state) == ("blocked", "revoked")
    assert source.documents.count() == 3
    uninstall(hub, installation)
    again = install(hub, "acme", [hub.store.repositories[int(source.resource_id)]])
    save_connection(
        organization=connection.organization,
        kind="github",
        grant=Grant(str(again.id), "acme", {"installation_id": str(again.id)}),
    )
    hub.webhooks.wait()
    worker()
    source.refresh_from_db()
    assert source.state == "active" and source.connection is not None
    assert source.connection.external_id == str(again.id)
    assert Connection.objects.get().state == ConnectionState.ACTIVE


def test_the_picker_searches(
    as_alice: Client, hub: GitHub, connection: Connection, installation: Installation
) -> None:
    for name in ("alpha", "beta"):
        row = hub.store.add_repository(f"acme/{name}", archived=name == "beta", fork=name == "alpha")
        installation.repositories.add(row.id)
    html = page(as_alice, f"/acme/core/sources/add/{connection.pk}/?q=ALPH")
    assert "acme/alpha" in html and "acme/beta" not in html and "Fork" in html
    assert "No repository matches" in page(as_alice, f"/acme/core/sources/add/{connection.pk}/?q=nothing")
    assert "Search 3 repositories" in html
    assert hub.calls.count("GET /installation/repositories") == 1
    fragment = as_alice.get(f"/acme/core/sources/add/{connection.pk}/?q=alph", headers={"HX-Request": "true"})
    assert b"acme/alpha" in fragment.content and b"<html" not in fragment.content
    nothing = as_alice.post(f"/acme/core/sources/add/{connection.pk}/", {"resource": "999"})
    assert nothing.status_code == 422 and b"Nothing is chosen" in nothing.content


def test_who_has_one_workspace_goes_on_to_choose_for_it(
    as_alice: Client, hub: GitHub, hosted: Hosted, workspace: Workspace
) -> None:
    token = hub.store.make_token(login="acme", personal=True)
    answer = as_alice.post("/acme/connections/github/token/", {"token": token.value})
    assert answer["Location"] == f"/acme/core/sources/add/{Connection.objects.get().pk}/"


@pytest.fixture
def addresses(source: Integration, connection: Connection, hub: GitHub) -> dict[str, str]:
    """Return every page of a team that has a source, by the least role that may open it."""
    from ingestion.models import Delivery

    delivery = Delivery.objects.filter(origin=connection.external_id).latest("id")
    return {
        "/acme/core/sources/": "member",
        f"/acme/core/sources/{source.pk}/": "member",
        f"/acme/core/sources/{source.pk}/config/": "member",
        f"/acme/core/sources/add/{connection.pk}/": "admin",
        "/acme/connections/": "admin",
        "/acme/connections/github/app/": "admin",
        "/acme/connections/github/token/": "admin",
        "/acme/deliveries/": "owner",
        f"/acme/deliveries/{delivery.pk}/": "owner",
    }


def test_pages_open_for_the_role_and_nobody_else(
    addresses: dict[str, str], as_alice: Client, as_bob: Client, as_mallory: Client
) -> None:
    for address, role in addresses.items():
        assert as_alice.get(address).status_code == 200, address
        assert as_bob.get(address).status_code == (200 if role == "member" else 403), address
        assert as_mallory.get(address).status_code == 404, address
        assert as_mallory.get(
            address.replace("/acme/core/", "/evil/lair/").replace("/acme/", "/evil/")
        ).status_code in (
            (200, 403)
            if address.endswith(("sources/", "connections/", "app/", "token/", "deliveries/"))
            else (404,)
        ), address
        assert Client().get(address)["Location"].startswith("/accounts/login/"), address
        assert as_alice.delete(address).status_code in (200, 405), address


def test_what_changes_something_is_posted_by_those_who_may(
    source: Integration,
    connection: Connection,
    as_alice: Client,
    as_bob: Client,
    as_mallory: Client,
    worker: Drain,
) -> None:
    for action in ("sync", "pause", "resume", "remove"):
        address = f"/acme/core/sources/{source.pk}/{action}/"
        assert as_mallory.post(address).status_code == 404
        assert as_bob.post(address).status_code == 403
        assert as_alice.get(address).status_code == 405
        assert as_alice.post(address, {"confirm": str(source)}).status_code == 303
    assert as_bob.post(f"/acme/connections/{connection.pk}/remove/").status_code == 403
    assert as_mallory.post(f"/evil/connections/{connection.pk}/remove/").status_code == 404
    source.refresh_from_db()
    assert source.state == "removing"


def test_deliveries_are_filtered_shown_and_replayed(
    source: Integration, as_alice: Client, worker: Drain, push: object
) -> None:
    from ingestion.models import Delivery

    assert callable(push)
    push({"new.py": "NEW = 1\n"})
    assert "A push to main" in page(as_alice, "/acme/deliveries/?event=push&state=processed")
    assert "No delivery matches" in page(as_alice, "/acme/deliveries/?q=nothing")
    delivery = Delivery.objects.get(event="push")
    html = page(as_alice, f"/acme/deliveries/{delivery.pk}/")
    assert "refs/heads/main" in html
    as_alice.post(f"/acme/deliveries/{delivery.pk}/replay/")
    worker()
    delivery.refresh_from_db()
    assert delivery.state == "processed"
    assert Activity.objects.filter(action="delivery.replayed").exists()


def test_an_invalid_configuration_is_shown_with_its_line_and_a_file_to_begin_with(
    source: Integration, as_alice: Client, push: object
) -> None:
    from ingestion.pipeline.select import parse_config
    from ingestion.pipeline.starter import starter_config

    assert callable(push)
    push({"lightfast.yml": "version: 1\ninclude: 7\n"})
    html = page(as_alice, f"/acme/core/sources/{source.pk}/")
    assert "Line 2, include" in html and "Invalid" in html
    assert source.documents.count() == 3
    html = page(as_alice, f"/acme/core/sources/{source.pk}/config/")
    assert "/acme/core/new/main?filename=lightfast.yml" in unescape(html)
    assert parse_config(starter_config(source).encode(), "lightfast.yml").exclude
    push({"lightfast.yml": starter_config(source)})
    source.refresh_from_db()
    assert (source.config_state, source.config_file) == ("configured", "lightfast.yml")


def test_another_team_sees_none_of_it(
    source: Integration,
    as_mallory: Client,
    mallory: User,
    other_organization: Organization,
    installation: Installation,
    other_workspace: Workspace,
) -> None:
    assert "acme" not in page(as_mallory, "/evil/connections/")
    assert "Nothing has been received yet" in page(as_mallory, "/evil/deliveries/")
    connection_of(other_workspace, installation)
    assert source.name not in page(as_mallory, "/evil/lair/sources/")


def test_the_app_of_the_settings_goes_before_one_made_from_a_page(app: App, hub: GitHub) -> None:
    made = ProviderApp(kind="github", name="Other", config={"app_id": "1"})
    made.secrets = {"private_key": "x"}
    made.save()
    config, secrets = app_values("github")
    assert (config["app_id"], secrets["private_key"]) == (str(app.id), app.pem)
    assert register(hub).id != app.id


def test_no_workspace_borrows_the_connection_of_another_team(
    connection: Connection, other_workspace: Workspace, hosted: Hosted
) -> None:
    with pytest.raises(UserError, match="no such connection"):
        connect(workspace=other_workspace, kind="github", resource=str(hosted.id), connection=connection)
    assert not Integration.objects.exists()


def test_secrets_are_in_no_representation(connection: Connection, app: App) -> None:
    context = context_of("github", connection)
    assert context.secrets["private_key"] == app.pem
    assert app.pem not in repr(context) and app.webhook_secret not in repr(context)
