"""API keys in the browser: made, shown once, pasted, rotated and revoked."""

import json
import re
import shlex
import tomllib
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from console import snippets
from console.keys import find_key
from console.models import Activity, ApiKey, Scope, User, Workspace
from console.services import create_api_key

HTMX = {"HX-Request": "true"}
KEYS = "/acme/core/keys/"
TOKEN = re.compile(r"lf_[0-9A-Za-z]{38}")


def make(client: Client, **values: object) -> str:
    """Make a key by the form; return the address of its page."""
    data = {"name": "Laptop", "scopes": ["search", "read"], "expiry": "90", **values}
    response = client.post(f"{KEYS}new/", data)
    assert response.status_code == 303, response.content.decode()
    return str(response["Location"])


def test_a_new_key_is_shown_once_and_works(as_alice: Client, alice: User) -> None:
    address = make(as_alice)
    page = as_alice.get(address)
    tokens = set(TOKEN.findall(page.content.decode()))
    assert len(tokens) == 1 and "no-store" in page["Cache-Control"]
    [token] = tokens
    answer = Client().get("/api/v1/whoami", headers={"Authorization": f"Bearer {token}"})
    assert answer.json()["key"] == "Laptop"
    again = as_alice.get(address)
    assert not TOKEN.search(again.content.decode()) and "no-store" in again["Cache-Control"]
    key = ApiKey.objects.get()
    assert (key.created_by, key.scopes) == (alice, ["search", "read"])
    assert key.expires_at is not None
    assert abs(key.expires_at - timezone.now() - timedelta(days=90)) < timedelta(minutes=5)


def test_its_text_is_nowhere_in_the_session_as_it_is(as_alice: Client) -> None:
    address = make(as_alice)
    kept = dict(as_alice.session)
    [token] = set(TOKEN.findall(as_alice.get(address).content.decode()))
    assert token not in json.dumps(kept)
    assert "shown_once" not in as_alice.session


def test_another_keys_page_does_not_show_it(as_alice: Client, workspace: Workspace) -> None:
    other, _ = create_api_key(workspace=workspace, name="Other", scopes=[Scope.SEARCH])
    make(as_alice)
    assert not TOKEN.search(as_alice.get(f"{KEYS}{other.pk}/").content.decode())


@pytest.mark.parametrize(
    "values",
    [
        {"name": " "},
        {"scopes": []},
        {"scopes": ["everything"]},
        {"expiry": "custom"},
        {"expiry": "custom", "expires_on": "2020-01-01"},
        {"expiry": "soon"},
    ],
)
def test_what_makes_no_key_comes_back_with_the_form(values: dict[str, object], as_alice: Client) -> None:
    data = {"name": "Laptop", "scopes": ["search"], "expiry": "90", **values}
    response = as_alice.post(f"{KEYS}new/", data)
    assert response.status_code == 422
    assert "errorlist" in response.content.decode()
    assert not ApiKey.objects.exists()


def test_a_key_may_never_expire_or_on_a_day(as_alice: Client) -> None:
    make(as_alice, name="For ever", expiry="never")
    day = timezone.localdate() + timedelta(days=3)
    make(as_alice, name="Until", expiry="custom", expires_on=day.isoformat())
    assert ApiKey.objects.get(name="For ever").expires_at is None
    until = ApiKey.objects.get(name="Until").expires_at
    assert until is not None and until.date() == day


def test_a_key_is_changed_with_a_record(as_alice: Client) -> None:
    address = make(as_alice)
    before = ApiKey.objects.get().expires_at
    data = {"name": "Desk", "scopes": ["sync"], "expiry": "keep"}
    assert as_alice.post(address, data).status_code == 303
    key = ApiKey.objects.get()
    assert (key.name, key.scopes, key.expires_at) == ("Desk", ["sync"], before)
    activity = Activity.objects.get(action="key.changed")
    assert activity.before["name"] == "Laptop" and activity.after["scopes"] == ["sync"]
    assert activity.ip_address == "127.0.0.1" and len(activity.request_id) == 32
    assert as_alice.post(address, data | {"name": ""}).status_code == 422


@pytest.mark.parametrize(("grace", "old_works"), [("0", False), ("24", True)])
def test_rotated_the_new_text_is_shown_and_the_old_one_works_as_chosen(
    grace: str, old_works: bool, as_alice: Client
) -> None:
    address = make(as_alice)
    [old] = set(TOKEN.findall(as_alice.get(address).content.decode()))
    assert as_alice.post(f"{address}rotate/", {"grace": grace})["Location"] == address
    html = as_alice.get(address).content.decode()
    [new] = set(TOKEN.findall(html))
    assert new != old and find_key(new) is not None
    assert (find_key(old) is not None) is old_works
    assert ("Old text" in html) is old_works


def test_a_nonsensical_grace_changes_nothing(as_alice: Client) -> None:
    address = make(as_alice)
    [token] = set(TOKEN.findall(as_alice.get(address).content.decode()))
    as_alice.post(f"{address}rotate/", {"grace": "forever"})
    assert find_key(token) is not None


def test_revoked_its_row_says_so(as_alice: Client) -> None:
    address = make(as_alice)
    [token] = set(TOKEN.findall(as_alice.get(address).content.decode()))
    row = as_alice.post(f"{address}revoke/", headers=HTMX).content.decode()
    assert row.lstrip().startswith("<tr") and "Revoked" in row and "opens nothing" in row
    assert find_key(token) is None
    assert "Laptop" not in as_alice.get(KEYS, headers=HTMX).content.decode()
    assert "Laptop" in as_alice.get(f"{KEYS}?show=ended", headers=HTMX).content.decode()
    html = as_alice.get(address).content.decode()
    assert "Rotate the key" not in html
    assert as_alice.post(f"{address}revoke/")["Location"] == KEYS
    assert Activity.objects.filter(action="key.revoked").count() == 1


def test_an_expired_key_is_among_the_ended(as_alice: Client) -> None:
    make(as_alice)
    ApiKey.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert "No key yet" in as_alice.get(KEYS).content.decode()
    assert "Expired" in as_alice.get(f"{KEYS}?show=ended").content.decode()


def test_a_key_of_another_workspace_is_not_there(
    as_alice: Client, alice: User, workspace: Workspace, other_workspace: Workspace
) -> None:
    theirs, _ = create_api_key(workspace=other_workspace, name="Theirs", scopes=[Scope.SEARCH])
    for place in ("", "rotate/", "revoke/"):
        assert as_alice.post(f"{KEYS}{theirs.pk}/{place}").status_code == 404
    assert ApiKey.objects.usable().filter(pk=theirs.pk).exists()
    assert "Theirs" not in as_alice.get(KEYS).content.decode()


def test_more_keys_need_no_more_queries(
    as_alice: Client, workspace: Workspace, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    create_api_key(workspace=workspace, name="First", scopes=[Scope.SEARCH])
    as_alice.get(KEYS)
    with django_assert_num_queries(9):
        as_alice.get(KEYS)
    for number in range(30):
        create_api_key(workspace=workspace, name=f"Key {number}", scopes=[Scope.SEARCH])
    with django_assert_num_queries(9):
        as_alice.get(KEYS)


def test_the_snippets_are_what_each_program_reads() -> None:
    token = "lf_" + "a" * 38
    curl, command, python = snippets.for_programs(token)
    words = shlex.split(curl.text)
    assert f"Authorization: Bearer {token}" in words
    assert json.loads(words[words.index("-d") + 1])["query"]
    assert f"LIGHTFAST_KEY={token}" in shlex.split(command.text)
    compile(python.text, "snippet", "exec")
    claude, codex, *others = snippets.for_agents(token)
    assert f"Authorization: Bearer {token}" in shlex.split(claude.text)
    assert tomllib.loads(codex.text)["mcp_servers"]["lightfast"]["url"].endswith("/mcp")
    for snippet in others:
        [servers] = json.loads(snippet.text).values()
        assert servers["lightfast"]["headers"] == {"Authorization": f"Bearer {token}"}
        assert servers["lightfast"]["url"].endswith("/mcp")
