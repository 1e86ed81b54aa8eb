"""Sources, runs, stores, keys and activities: what programs read of them, and do."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from console.models import Activity, ApiKey, Scope, Workspace
from console.services import create_api_key
from ingestion.models import Integration, Run, Trigger
from tests.api.conftest import client_of


def get(client: Client, path: str, status: int = 200, **query: str | int) -> Any:
    answer = client.get(f"/api/v1/{path}", query)
    assert answer.status_code == status, answer.content
    return answer.json()


def post(client: Client, path: str, status: int = 200, body: object = None) -> Any:
    answer = client.post(f"/api/v1/{path}", body or {}, content_type="application/json")
    assert answer.status_code == status, answer.content
    return answer.json()


def test_a_source_is_listed_with_how_fresh_it_is(program: Client, indexed: Integration) -> None:
    (row,) = get(program, "sources")["items"]
    assert (row["name"], row["kind"], row["documents"], row["state"]) == ("shop", "git", 5, "active")
    assert row["revision"] == indexed.cursor
    assert row["synced_at"]
    assert get(program, f"sources/{indexed.pk}") == row
    assert get(program, "sources", state="paused")["items"] == []
    assert get(program, "sources", kind="github")["items"] == []
    assert get(program, "sources", 422, state="asleep")["errors"][0]["field"] == "state"


def test_a_program_syncs_pauses_and_resumes_a_source(operator: Client, indexed: Integration) -> None:
    run = post(operator, f"sources/{indexed.pk}/sync", 202, {"full": True})
    assert (run["state"], run["full"], run["source"], run["planned"]) == (
        "queued",
        True,
        str(indexed.pk),
        None,
    )
    assert post(operator, f"sources/{indexed.pk}/pause")["state"] == "paused"
    assert get(operator, f"runs/{run['id']}")["state"] == "cancelled"
    refused = post(operator, f"sources/{indexed.pk}/sync", 409)
    assert refused["detail"] == "shop is paused, so it cannot sync. Resume it first."
    assert post(operator, f"sources/{indexed.pk}/resume")["state"] == "active"
    done = Activity.objects.filter(api_key=ApiKey.objects.get()).values_list("action", flat=True)
    assert {"run.requested", "source.paused", "run.cancelled", "source.resumed"} <= set(done)


def test_a_sync_needs_no_body(operator: Client, indexed: Integration) -> None:
    assert operator.post(f"/api/v1/sources/{indexed.pk}/sync", b"", "application/json").status_code == 202


def test_a_run_is_read_with_its_items(program: Client, indexed: Integration) -> None:
    (row,) = get(program, "runs")["items"]
    assert (row["state"], row["added"], row["planned"], row["settled"]) == ("completed", 5, 5, 5)
    assert get(program, f"runs/{row['id']}") == row
    items = get(program, f"runs/{row['id']}/items")["items"]
    assert {item["key"] for item in items} >= {"README.md", "shop/orders.py"}
    assert get(program, f"runs/{row['id']}/items", state="failed")["items"] == []
    assert get(program, "runs", source=str(indexed.pk))["items"] == [row]
    assert get(program, "runs", source=str(uuid4()))["items"] == []


def test_a_program_cancels_and_retries_runs(operator: Client, indexed: Integration) -> None:
    done = get(operator, "runs")["items"][0]
    assert post(operator, f"runs/{done['id']}/cancel")["state"] == "completed"
    retry = post(operator, f"runs/{done['id']}/retry", 202)
    assert (retry["trigger"], retry["state"]) == ("retry", "queued")
    assert post(operator, f"runs/{retry['id']}/cancel")["state"] == "cancelled"


def test_a_program_gives_the_go_ahead_that_a_run_waits_for(operator: Client, indexed: Integration) -> None:
    run = Run.objects.get()
    assert post(operator, f"runs/{run.pk}/confirm")["state"] == "completed"
    Run.objects.update(state="running", hold="confirmation", finished_at=None)
    assert get(operator, f"runs/{run.pk}")["hold"] == "confirmation"
    assert post(operator, f"runs/{run.pk}/confirm")["hold"] == ""
    assert Activity.objects.get(action="run.confirmed").api_key == ApiKey.objects.get()


def test_the_progress_of_an_active_run_is_told(program: Client, indexed: Integration) -> None:
    run = Run.objects.get()
    Run.objects.update(state="running", finished_at=None, settled=4)
    row = get(program, f"runs/{run.pk}")
    assert (row["planned"], row["settled"]) == (5, 4)


def test_the_stores_tell_their_model(program: Client, indexed: Integration) -> None:
    (row,) = get(program, "stores")["items"]
    assert (row["name"], row["sources"], row["serving"]["embedder"]) == ("default", 1, "local")
    assert row["serving"] == row["target"]


def test_a_manager_makes_and_revokes_keys(manager: Client, workspace: Workspace) -> None:
    made = post(manager, "keys", 201, {"name": "CI", "scopes": ["search", "search"]})
    assert made["scopes"] == ["search"]
    theirs = Client(headers={"authorization": f"Bearer {made['token']}"})
    assert get(theirs, "whoami")["key"] == "CI"
    assert "token" not in get(manager, "keys")["items"][0]
    assert post(manager, f"keys/{made['id']}/revoke")["revoked_at"]
    get(theirs, "whoami", 401)
    assert post(manager, f"keys/{made['id']}/revoke")["revoked_at"]
    trail = get(manager, "activity", action="key.revoked")["items"]
    assert [row["entity"] for row in trail] == [f"CI ({made['prefix']}…)"]
    past = {"name": "Old", "scopes": ["read"], "expires_at": "2020-01-01T00:00:00Z"}
    assert post(manager, "keys", 400, past)["detail"].startswith("A key must end in the future")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "keys"),
        ("post", "keys"),
        ("get", "activity"),
        ("post", "sources/{}/sync"),
        ("post", "runs/{}/cancel"),
        ("post", "runs/{}/confirm"),
    ],
)
def test_a_key_that_may_only_search_and_read_is_told_what_it_lacks(
    program: Client, method: str, path: str
) -> None:
    body = {"name": "x", "scopes": ["read"]}
    url = f"/api/v1/{path.format(uuid4())}"
    answer = program.get(url) if method == "get" else program.post(url, body, content_type="application/json")
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/missing-scope")


def test_nothing_of_another_workspace_is_there(
    stranger: Client, indexed: Integration, workspace: Workspace
) -> None:
    run, (key, _) = Run.objects.get(), create_api_key(workspace=workspace, name="Ours", scopes=[Scope.READ])
    for path in ("sources", "runs", "stores", "activity"):
        assert all("shop" not in str(row) for row in get(stranger, path)["items"])
    assert [row["name"] for row in get(stranger, "keys")["items"]] == ["Test"]
    for path in (f"sources/{indexed.pk}", f"runs/{run.pk}", f"runs/{run.pk}/items"):
        get(stranger, path, 404)
    for path in ("sync", "pause", "resume"):
        post(stranger, f"sources/{indexed.pk}/{path}", 404)
    for path in ("cancel", "retry"):
        post(stranger, f"runs/{run.pk}/{path}", 404)
    post(stranger, f"keys/{key.pk}/revoke", 404)
    key.refresh_from_db()
    assert key.revoked_at is None


def test_pages_follow_each_other_while_rows_come_and_go(program: Client, indexed: Integration) -> None:
    first = Run.objects.get()
    for _ in range(4):
        Run.objects.create(
            workspace=first.workspace,
            integration=indexed,
            trigger=Trigger.MANUAL,
            state="cancelled",
            due_at=timezone.now(),
            finished_at=timezone.now(),
        )
    expected = [str(pk) for pk in Run.objects.order_by("-id").values_list("pk", flat=True)]
    page = get(program, "runs", limit=2)
    seen = [row["id"] for row in page["items"]]
    Run.objects.filter(pk=expected[0]).delete()
    while page["next"]:
        page = get(program, "runs", limit=2, cursor=page["next"])
        seen += [row["id"] for row in page["items"]]
    assert seen == expected


@pytest.mark.parametrize("cursor", ["x", "!!", "bm8tdXVpZA", "AAAA", "é"])
def test_what_is_no_cursor_is_refused(program: Client, cursor: str) -> None:
    assert get(program, "runs", 400, cursor=cursor)["type"] == "/problems/bad-cursor"


def test_lists_cost_the_same_however_long_they_are(program: Client, indexed: Integration) -> None:
    def queries(path: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            get(program, path)
        return len(captured)

    paths = ("sources", "runs", "stores")
    get(program, "whoami")
    before = [queries(path) for path in paths]
    for number in range(5):
        source = Integration.objects.create(
            workspace=indexed.workspace,
            store=indexed.store,
            kind="git",
            resource_id=f"/{number}",
            name="More",
        )
        Run.objects.create(
            workspace=source.workspace, integration=source, trigger=Trigger.MANUAL, due_at=timezone.now()
        )
    assert [queries(path) for path in paths] == before == [3, 3, 3]


def test_other_origins_may_not_call_unless_they_are_named(program: Client, settings: Settings) -> None:
    headers = {"origin": "https://app.example.com", "access-control-request-method": "POST"}
    assert "Access-Control-Allow-Origin" not in program.options("/api/v1/search", headers=headers)
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example.com"]
    answer = program.options("/api/v1/search", headers=headers)
    assert answer["Access-Control-Allow-Origin"] == "https://app.example.com"
    assert "Access-Control-Allow-Origin" not in program.get("/", headers=headers)


def test_scopes_are_those_of_the_vocabulary(workspace: Workspace) -> None:
    answer = client_of(workspace, Scope.ADMIN).post(
        "/api/v1/keys", {"name": "x", "scopes": ["root"]}, content_type="application/json"
    )
    assert answer.status_code == 422
