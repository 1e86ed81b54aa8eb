"""What a request of the API costs beyond its search: key, rate limit, parsing, answer; and a message of MCP."""

import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import RequestFactory, override_settings

from bench.searching import queries
from bench.setting import connected, new_workspace, sample, step_through
from console.models import Scope
from console.services import create_api_key
from ingestion.stores import IndexConfig
from search.retrieve import search

REQUESTS = 100


def measure(path: Path, scratch: Path, *, files: int) -> None:
    """Print the medians in turn, so that whatever else the machine does hits all of them, and their ratios."""
    workspace = new_workspace("api", IndexConfig("null", "null", 8))
    _, run = connected(workspace, sample(path, scratch / "api", files=files or 300))
    step_through(run)
    version = workspace.stores.get().serving
    assert version is not None
    _, token = create_api_key(workspace=workspace, name="Bench", scopes=[Scope.SEARCH, Scope.READ])
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    handler, factory, headers = WSGIHandler(), RequestFactory(), {"authorization": f"Bearer {token}"}

    def post(address: str, body: object, **more: str) -> None:
        request = factory.post(address, json.dumps(body), "application/json", headers=headers | more)
        answer = handler.get_response(handler.request_class(request.environ))
        assert answer.status_code == 200, getattr(answer, "content", b"")

    def message(query: str) -> dict[str, object]:
        call = {"name": "search", "arguments": {"query": query, "limit": 10}}
        return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}

    accept = {"accept": "application/json, text/event-stream", "mcp-protocol-version": "2025-06-18"}
    ways: dict[str, Callable[[str], object]] = {
        "search alone": lambda query: search(workspace, query),
        "API, no rate limit": lambda query: post("/api/v1/search", {"query": query}),
        "API": lambda query: post("/api/v1/search", {"query": query}),
        "MCP": lambda query: post("/mcp", message(query), **accept),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    asked = queries(version)[:REQUESTS]
    for number, query in enumerate([*asked[:10], *asked]):
        for name, ask in ways.items():
            limit = 0 if "no rate" in name else 1_000_000
            with override_settings(RATE_LIMIT_SEARCH=limit, ALLOWED_HOSTS=["*"]):
                start = time.perf_counter()
                ask(query)
                if number >= 10:
                    times[name].append(time.perf_counter() - start)
    alone = statistics.median(times["search alone"])
    print(f"one search, {len(asked)} queries in turn, medians:")
    for name, values in times.items():
        median = statistics.median(values)
        print(f"  {name:19} {median * 1000:6.2f} ms, {median / alone:.2f} times the search")
