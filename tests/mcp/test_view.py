"""What stands before the protocol: keys, origins, methods, limits and scopes."""

from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from console.models import ApiKey, Scope, Workspace
from ingestion.models import Document, Integration
from search.models import SearchLog
from tests.api.conftest import client_of

HEADERS = {"accept": "application/json, text/event-stream", "mcp-protocol-version": "2025-06-18"}


def send(client: Client, method: str, params: object = None, **headers: str) -> Any:
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params or {}}
    return client.post("/mcp", message, content_type="application/json", headers=HEADERS | headers)


def call(client: Client, tool: str, **arguments: object) -> dict[str, Any]:
    answer = send(client, "tools/call", {"name": tool, "arguments": arguments})
    assert answer.status_code == 200, answer.content
    result: dict[str, Any] = answer.json()["result"]
    return result


def done(client: Client, tool: str, **arguments: object) -> Any:
    result = call(client, tool, **arguments)
    assert not result.get("isError"), result["content"][0]["text"]
    return result["structuredContent"]


def refused(client: Client, tool: str, **arguments: object) -> str:
    result = call(client, tool, **arguments)
    assert result["isError"]
    return str(result["content"][0]["text"])


@pytest.fixture
def agent(workspace: Workspace) -> Client:
    return client_of(workspace, Scope.SEARCH, Scope.READ)


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer lf_" + "a" * 38, "Basic bGY6eA=="])
def test_without_a_usable_key_an_agent_is_asked_for_one(db: None, authorization: str | None) -> None:
    headers = {} if authorization is None else {"authorization": authorization}
    answer = send(Client(), "tools/list", **headers)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer ")
    assert answer["Content-Type"] == "application/problem+json"


def test_pages_of_other_origins_may_not_call(agent: Client, settings: Settings) -> None:
    assert send(agent, "ping", origin="https://evil.example").status_code == 403
    assert send(agent, "ping", origin=settings.BASE_URL).status_code == 200
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example.com"]
    assert send(agent, "ping", origin="https://app.example.com").status_code == 200


@pytest.mark.parametrize("method", ["get", "delete", "put", "options"])
def test_messages_are_posted(agent: Client, method: str) -> None:
    answer = getattr(agent, method)("/mcp", headers={"accept": "text/event-stream"})
    assert (answer.status_code, answer["Allow"]) == (405, "POST")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"7", b'{"jsonrpc": "2.0"}', b'{"method": "tools/call", "params": 7}', b"\xff"]
)
def test_what_is_no_message_is_refused(agent: Client, body: bytes) -> None:
    assert 400 <= agent.post("/mcp", body, content_type="application/json", headers=HEADERS).status_code < 500


def test_calls_count_towards_the_limits_of_the_api(
    agent: Client, indexed: Integration, settings: Settings
) -> None:
    settings.RATE_LIMIT_SEARCH = 1
    done(agent, "search", query="anvil")
    answer = send(agent, "tools/call", {"name": "grep", "arguments": {"pattern": "anvil"}})
    assert (answer.status_code, answer.json()["type"]) == (429, "/problems/rate-limit")
    assert int(answer["Retry-After"]) > 0
    assert answer["RateLimit-Policy"] == '"search";q=1;w=60'
    done(agent, "list_sources")


def test_searches_of_agents_are_in_the_log(agent: Client, indexed: Integration) -> None:
    done(agent, "search", query="anvil")
    done(agent, "grep", pattern="anvil")
    assert set(SearchLog.objects.values_list("mode", "api_key")) == {
        ("hybrid", ApiKey.objects.get().pk),
        ("exact", ApiKey.objects.get().pk),
    }


def test_a_key_without_the_scope_is_told_which_it_lacks(workspace: Workspace, indexed: Integration) -> None:
    assert "'search'" in refused(client_of(workspace, Scope.READ), "search", query="anvil")
    assert "'read'" in refused(client_of(workspace, Scope.SEARCH), "list_documents")


def test_every_tool_says_when_to_use_it_and_that_it_only_reads(agent: Client) -> None:
    tools = send(agent, "tools/list").json()["result"]["tools"]
    names = {tool["name"] for tool in tools}
    assert names == {"search", "grep", "read_document", "list_documents", "list_sources", "similar"}
    for tool in tools:
        assert tool["description"].startswith("Use this when")
        assert tool["annotations"]["readOnlyHint"] is tool["annotations"]["idempotentHint"] is True
        assert tool["annotations"]["openWorldHint"] is False
        assert tool["outputSchema"]["type"] == "object"
        for field in tool["inputSchema"]["properties"].values():
            assert field.get("description") or field.get("title")


def test_an_agent_searches_greps_and_reads_on(agent: Client, indexed: Integration) -> None:
    best = done(agent, "search", query="check that the body is signed", limit=2)["results"][0]
    assert (best["path"], best["source"]) == ("shop/webhooks.py", "shop")
    assert "verify_signature" in best["excerpts"][0]["text"]
    (hit,) = done(agent, "grep", pattern=r"compare_\w+\(", regex=True)["results"]
    assert hit["document"] == best["document"]
    for name in (best["document"], "shop/webhooks.py"):
        part = done(agent, "read_document", document=name, first_line=4, last_line=5)
        assert (part["first_line"], part["last_line"], part["next_line"]) == (4, 5, 6)
        assert part["text"].startswith("def verify_signature")
    assert done(agent, "read_document", document="README.md")["next_line"] is None


def test_long_documents_are_read_in_parts(agent: Client, indexed: Integration) -> None:
    lines = [f"line {number}" for number in range(1, 1001)]
    Document.objects.filter(key="README.md").update(text="\n".join(lines) + "\n", lines=1000)
    read: list[str] = []
    place: int | None = 1
    while place:
        part = done(agent, "read_document", document="README.md", first_line=place)
        assert part["last_line"] - part["first_line"] < 400
        read += part["text"].split("\n")
        place = part["next_line"]
    assert read == lines


def test_results_go_on_by_cursor(agent: Client, indexed: Integration) -> None:
    seen, cursor = [], None
    while True:
        page = done(agent, "list_documents", limit=2, cursor=cursor)
        seen += [row["path"] for row in page["documents"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert len(seen) == len(set(seen)) == 5
    first = done(agent, "search", query="order", limit=1)
    second = done(agent, "search", query="order", limit=1, cursor=first["next_cursor"])
    assert first["results"] != second["results"]
    assert [row["path"] for row in done(agent, "list_documents", path=["*.js"])["documents"]] == [
        "shop/anvils.js"
    ]


def test_similar_documents_and_sources_are_listed(agent: Client, indexed: Integration) -> None:
    assert done(agent, "similar", document="shop/orders.py", limit=2)["results"]
    (source,) = done(agent, "list_sources")["sources"]
    assert (source["name"], source["documents"], source["state"]) == ("shop", 5, "active")


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("search", {"query": "  "}, "Type something"),
        ("search", {"query": "x", "cursor": "eA"}, "no cursor"),
        ("search", {"query": "x", "limit": 99}, "limit"),
        ("grep", {"pattern": "(", "regex": True}, "pattern"),
        ("read_document", {"document": "nowhere.py"}, "Find it with search"),
        ("list_documents", {"path": ["[z-a]"]}, "no range"),
        ("similar", {"document": "01890000-0000-7000-8000-000000000000"}, "There is no document"),
    ],
)
def test_what_cannot_be_done_is_told_so_that_the_agent_can_mend_it(
    agent: Client, indexed: Integration, tool: str, arguments: dict[str, Any], told: str
) -> None:
    assert told in refused(agent, tool, **arguments)


def test_nothing_of_another_workspace_is_there(
    indexed: Integration, foreign: Integration, other_workspace: Workspace
) -> None:
    stranger, ours = client_of(other_workspace, *Scope), Document.objects.get(key="shop/orders.py")
    assert [row["path"] for row in done(stranger, "search", query="verify_signature")["results"]] == [
        "plan.md"
    ]
    assert [row["path"] for row in done(stranger, "grep", pattern="verify_signature")["results"]] == [
        "plan.md"
    ]
    assert [row["path"] for row in done(stranger, "list_documents")["documents"]] == ["plan.md"]
    assert [row["name"] for row in done(stranger, "list_sources")["sources"]] == ["lair"]
    for tool in ("read_document", "similar"):
        for name in (str(ours.pk), ours.key):
            assert "There is no document" in refused(stranger, tool, document=name)
