"""Documents, their contents, what is like them, and usage: what programs read."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from console.models import Scope, Workspace
from ingestion.models import Document, Integration
from search.models import SearchLog
from tests.api.conftest import client_of
from tests.api.test_resources import get, post


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("paths=shop/", {"shop/webhooks.py", "shop/orders.py", "shop/anvils.js"}),
        ("paths=*.py&languages=python", {"shop/webhooks.py", "shop/orders.py"}),
        ("paths=*.js&paths=/README.md", {"shop/anvils.js", "README.md"}),
        ("languages=Markdown&paths=docs/**", {"docs/weather.md"}),
        ("kinds=issue", set()),
        ("sources=shop&languages=javascript", {"shop/anvils.js"}),
        ("sources=nowhere", set()),
        ("before=2000-01-01T00:00:00", set()),
        ("after=2000-01-01T00:00:00Z&repositories=sh*&paths=orders.py", {"shop/orders.py"}),
    ],
)
def test_documents_are_listed_by_what_they_are(
    program: Client, indexed: Integration, query: str, keys: set[str]
) -> None:
    answer = program.get(f"/api/v1/documents?{query}")
    assert answer.status_code == 200, answer.content
    assert {row["key"] for row in answer.json()["items"]} == keys


def test_contents_come_in_the_order_they_were_asked_for_and_name_what_is_missing(
    program: Client, indexed: Integration, foreign: Integration
) -> None:
    orders, readme = Document.objects.get(key="shop/orders.py"), Document.objects.get(key="README.md")
    theirs, nothing = Document.objects.get(key="plan.md"), uuid4()
    asked: list[dict[str, Any]] = [
        {"id": str(readme.pk), "first_line": 5, "last_line": 7},
        {"id": str(theirs.pk)},
        {"id": str(orders.pk)},
        {"id": str(nothing)},
        {"id": str(readme.pk), "first_line": 400},
    ]
    answer = post(program, "contents", 200, {"documents": asked})
    assert [row["key"] for row in answer["documents"]] == ["README.md", "shop/orders.py", "README.md"]
    assert answer["documents"][0]["text"] == "## Payments\n\nMoney is taken when an order ships.\n"
    assert answer["documents"][1]["text"] == orders.text
    assert answer["documents"][2]["first_line"] == readme.lines
    assert answer["missing"] == [str(theirs.pk), str(nothing)]


def test_similar_documents_are_others(program: Client, indexed: Integration, stranger: Client) -> None:
    document = Document.objects.get(key="shop/orders.py")
    answer = post(program, "similar", 200, {"document": str(document.pk), "limit": 2})
    assert len(answer["results"]) == 2
    assert str(document.pk) not in [row["id"] for row in answer["results"]]
    more = post(program, "similar", 200, {"document": str(document.pk), "limit": 2, "cursor": answer["next"]})
    assert not {row["id"] for row in answer["results"]} & {row["id"] for row in more["results"]}
    part = {"document": str(document.pk), "first_line": 1, "last_line": 2, "languages": ["javascript"]}
    assert [row["key"] for row in post(program, "similar", 200, part)["results"]] == ["shop/anvils.js"]
    post(stranger, "similar", 404, {"document": str(document.pk)})


def test_a_search_is_timed_and_goes_on_by_cursor(program: Client, indexed: Integration) -> None:
    answer = program.post("/api/v1/search", {"query": "order", "limit": 2}, content_type="application/json")
    assert re.search(r"\blexical;dur=[\d.]+, .*total;dur=[\d.]+", answer["Server-Timing"])
    page = answer.json()
    seen = [row["id"] for row in page["results"]]
    while page["next"]:
        page = post(program, "search", 200, {"query": "order", "limit": 2, "cursor": page["next"]})
        seen += [row["id"] for row in page["results"]]
    assert len(seen) == len(set(seen)) == page["total"]
    assert post(program, "search", 400, {"query": "x", "cursor": "eA"})["type"] == "/problems/bad-cursor"


def test_a_search_is_narrowed_down_by_fields_and_by_its_text(program: Client, indexed: Integration) -> None:
    def keys(**body: object) -> set[str]:
        return {row["key"] for row in post(program, "search", 200, body)["results"]}

    assert keys(query="order", languages=["python"], without={"paths": ["webhooks.py"]}) == {"shop/orders.py"}
    assert keys(query="order path:*.md -path:docs/") == {"README.md"}
    assert keys(query="def ship(self", mode="exact") == {"shop/orders.py"}
    assert keys(query=r"compare_\w+\(", mode="regex") == {"shop/webhooks.py"}
    assert keys(query="lang:python", syntax=False, mode="exact") == set()
    assert SearchLog.objects.filter(mode="regex").count() == 1


def test_an_exact_search_counts_its_lines_and_facets(program: Client, indexed: Integration) -> None:
    answer = post(program, "search", 200, {"query": "order", "mode": "exact"})
    assert {row["key"]: row["count"] for row in answer["results"]}["shop/orders.py"] == 4
    assert answer["complete"] is True
    assert {facet["value"] for facet in answer["facets"]["language"]} == {"python", "markdown"}


@pytest.mark.parametrize("mode", ["exact", "regex"])
def test_a_pattern_that_is_none_is_told(program: Client, indexed: Integration, mode: str) -> None:
    body = {"query": "a\nb" if mode == "exact" else "(", "mode": mode}
    assert post(program, "search", 400, body)["type"] == "/problems/bad-request"


@pytest.mark.parametrize(
    "glob", ["[z-a]", "[[:x:]]", "[!]", "[a-\\]", "(?<x", "\\", "{9}", "[]", "[a-z-9]", "[\\w-a]"]
)
def test_a_strange_path_pattern_is_no_fault_of_ours(program: Client, indexed: Integration, glob: str) -> None:
    assert program.get("/api/v1/documents", {"paths": glob}).status_code in (200, 400)
    body = {"query": "order", "paths": [glob]}
    assert program.post("/api/v1/search", body, content_type="application/json").status_code in (200, 400)


@pytest.mark.parametrize("zone", ["-22:00", "%2B22:00", "", "Z"])
@pytest.mark.parametrize("year", ["0001", "1029", "9999"])
def test_a_time_in_a_strange_zone_is_no_fault_of_ours(program: Client, zone: str, year: str) -> None:
    answer = program.get(
        f"/api/v1/documents?before={year}-12-31T23:59:59{zone}&after={year}-01-01T00:00:00{zone}"
    )
    assert answer.status_code in (200, 400)
    text = f"before:{year}-01-01T00:00:00{zone.replace('%2B', '+')} anvil"
    status = program.post("/api/v1/search", {"query": text}, content_type="application/json").status_code
    assert status in (200, 400)


def test_usage_counts_what_is_there_and_what_is_left(program: Client, indexed: Integration) -> None:
    post(program, "search", 200, {"query": "anvil"})
    usage = get(program, "usage")
    assert (usage["sources"], usage["documents"], usage["searches_today"]) == (1, 5, 1)
    assert usage["chunks"] >= 5
    left = {row["policy"]: row["remaining"] for row in usage["limits"]}
    assert (left["search"], left["read"], left["sync"]) == (119, 599, 60)


def test_nothing_of_another_workspace_is_read(
    stranger: Client, indexed: Integration, workspace: Workspace
) -> None:
    assert get(stranger, "documents")["items"] == []
    assert get(stranger, "documents", sources=str(indexed.pk))["items"] == []
    assert get(stranger, "usage")["documents"] == 0
    assert program_of(workspace).get("/api/v1/usage").json()["documents"] == 5


def program_of(workspace: Workspace) -> Client:
    return client_of(workspace, Scope.READ)
