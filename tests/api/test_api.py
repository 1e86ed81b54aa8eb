"""The API: what programs get, and what they are told when something is wrong."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from console.models import ApiKey, Scope, Workspace
from ingestion.models import Document, Integration
from lightfast.api import api
from search.models import SearchLog
from tests.api.conftest import client_of

SEARCH = "/api/v1/search"


def post(client: Client, **body: object) -> tuple[int, dict[str, Any]]:
    answer = client.post(SEARCH, body, content_type="application/json")
    return answer.status_code, answer.json()


def test_a_program_searches(program: Client, indexed: Integration) -> None:
    status, answer = post(program, query="verify_signature", limit=2, explain=True)
    assert status == 200
    assert len(answer["results"]) == 2
    best = answer["results"][0]
    assert (best["key"], best["first_line"], best["source"]["name"]) == ("shop/webhooks.py", 1, "shop")
    assert best["url"].endswith("/shop/webhooks.py#L1-L7")
    assert best["explain"]["lexical"]["rank"] == 1
    assert best["index_age_seconds"] >= 0
    snippet = best["matches"][0]["snippet"]
    assert "verify_signature" in [snippet["text"][start:end] for start, end in snippet["highlights"]]
    assert SearchLog.objects.get().api_key == ApiKey.objects.get()
    assert "explain" in best
    assert post(program, query="anvil")[1]["results"][0]["explain"] is None


def test_a_program_reads_a_document_and_a_range_of_it(program: Client, indexed: Integration) -> None:
    document = Document.objects.get(key="shop/webhooks.py")
    url = f"/api/v1/documents/{document.pk}"
    whole = program.get(url).json()
    assert (whole["text"], whole["lines"], whole["language"]) == (document.text, 7, "python")
    part = program.get(url, {"first_line": 4, "last_line": 5}).json()
    assert part["text"] == "".join(f"{line}\n" for line in document.text.split("\n")[3:5])
    assert (part["first_line"], part["last_line"]) == (4, 5)
    assert program.get(url, {"first_line": 99}).json()["first_line"] == 7


def test_another_workspaces_document_does_not_exist(
    program: Client, stranger: Client, indexed: Integration, foreign: Integration
) -> None:
    ours, theirs = Document.objects.get(key="README.md"), Document.objects.get(key="plan.md")
    missing = program.get("/api/v1/documents/01890000-0000-7000-8000-000000000000").json()
    for client, document in ((program, theirs), (stranger, ours)):
        answer = client.get(f"/api/v1/documents/{document.pk}")
        assert answer.status_code == 404
        assert answer.json() | {"request_id": ""} == missing | {"request_id": ""}
    assert [row["key"] for row in post(stranger, query="verify_signature")[1]["results"]] == ["plan.md"]
    assert not post(stranger, query="anvil", sources=[str(indexed.pk)])[1]["results"]


def test_whoami_tells_the_key_and_its_workspace(program: Client, workspace: Workspace) -> None:
    answer = program.get("/api/v1/whoami").json()
    assert answer["workspace"] == {"id": str(workspace.pk), "name": "Core", "slug": "core"}
    assert answer["organization"]["slug"] == "acme"
    assert answer["scopes"] == ["search", "read"]


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer x", "Bearer lf_" + "a" * 38, "Basic bGY6eA==", "lf_x"]
)
def test_a_request_without_a_usable_key_is_refused(authorization: str | None, db: None) -> None:
    headers = {"authorization": authorization} if authorization is not None else {}
    answer = Client(headers=headers).get("/api/v1/whoami")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    assert answer["Content-Type"].startswith("application/problem+json")


def test_revoked_and_expired_keys_are_refused(program: Client) -> None:
    assert program.get("/api/v1/whoami").status_code == 200
    ApiKey.objects.update(expires_at=timezone.now())
    assert program.get("/api/v1/whoami").status_code == 401
    ApiKey.objects.update(expires_at=None, revoked_at=timezone.now())
    assert program.get("/api/v1/whoami").status_code == 401


def test_a_key_without_the_scope_is_told_which_it_lacks(workspace: Workspace, indexed: Integration) -> None:
    status, answer = post(client_of(workspace, Scope.READ), query="anvil")
    assert (status, answer["type"]) == (403, "/problems/missing-scope")
    assert "'search'" in str(answer["detail"])
    document = Document.objects.first()
    assert document is not None
    assert client_of(workspace, Scope.SEARCH).get(f"/api/v1/documents/{document.pk}").status_code == 403
    assert post(client_of(workspace, Scope.ADMIN), query="anvil")[0] == 200


def test_a_session_of_a_browser_is_no_key(as_alice: Client) -> None:
    assert as_alice.get("/api/v1/whoami").status_code == 401


def test_the_use_of_a_key_is_noted_at_most_once_a_minute(program: Client) -> None:
    program.get("/api/v1/whoami")
    first = ApiKey.objects.get().last_used_at
    program.get("/api/v1/whoami")
    assert first is not None
    assert ApiKey.objects.get().last_used_at == first


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "query"),
        ({"query": "x" * 2_001}, "query"),
        ({"query": "x", "limit": 0}, "limit"),
        ({"query": "x", "limit": 51}, "limit"),
        ({"query": "x", "sources": [7]}, "sources"),
        ({"query": 5}, "query"),
    ],
)
def test_fields_that_are_wrong_are_named(program: Client, body: dict[str, object], field: str) -> None:
    status, answer = post(program, **body)
    assert (status, answer["type"]) == (422, "/problems/validation")
    assert any(field in error["field"] for error in answer["errors"])


def test_a_query_of_spaces_is_a_bad_request(program: Client) -> None:
    status, answer = post(program, query="   ")
    assert (status, answer["detail"]) == (400, "Type something to search for.")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", SEARCH, 405),
        ("delete", "/api/v1/whoami", 405),
        ("get", "/api/v1/nothing", 404),
        ("get", "/api/nothing", 404),
        ("get", "/api/v1/documents/no-uuid", 422),
    ],
)
def test_every_error_is_a_problem_with_the_request_id(
    method: str, path: str, status: int, program: Client
) -> None:
    answer = getattr(program, method)(path, headers={"x-request-id": "my-request-1"})
    assert answer.status_code == status
    assert answer["Content-Type"].startswith("application/problem+json")
    body = answer.json()
    assert (body["status"], body["request_id"], answer["X-Request-ID"]) == (
        status,
        "my-request-1",
        "my-request-1",
    )
    assert body["title"]
    assert body["detail"]


def test_json_that_is_none_is_a_bad_request(program: Client) -> None:
    answer = program.post(SEARCH, "{", content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["request_id"]


def test_a_fault_of_ours_tells_nothing_but_the_request_id(
    program: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("search.api.search", fail)
    status, answer = post(program, query="anvil")
    assert status == 500
    assert "secret detail" not in json.dumps(answer)
    assert answer["request_id"]


def test_a_request_id_that_is_none_is_replaced(program: Client) -> None:
    answer = program.get("/api/v1/whoami", headers={"x-request-id": "bad id\twith spaces"})
    assert len(answer["X-Request-ID"]) == 32


def test_the_documentation_page_needs_nothing_from_elsewhere(db: None) -> None:
    page = Client().get("/api/v1/docs")
    assert page.status_code == 200
    text = page.content.decode()
    assert "http://" not in text
    assert "https://" not in text
    assert "script-src 'self'" in page["Content-Security-Policy"]


def test_the_committed_schema_is_the_apis() -> None:
    committed = json.loads((Path(settings.BASE_DIR) / "docs" / "openapi.json").read_text())
    assert committed == json.loads(json.dumps(api.get_openapi_schema(), default=str)), "Run: make openapi"
