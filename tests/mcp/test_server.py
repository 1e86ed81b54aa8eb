"""The MCP server as agents meet it: the SDK's own client over HTTP, and a server that comes and goes."""

import asyncio
import os
import signal
from typing import Any

import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client

from console.models import Scope, Workspace
from console.services import create_api_key
from ingestion.models import Integration
from tests.serving import serving, wait_until_healthy

CALLS: dict[str, dict[str, Any]] = {
    "search": {"query": "how are orders shipped"},
    "grep": {"pattern": "forgeAnvil"},
    "read_document": {"document": "shop/orders.py", "first_line": 2},
    "list_documents": {"path": ["shop/"]},
    "list_sources": {},
    "similar": {"document": "shop/orders.py"},
}


async def converse(address: str, token: str, mode: str) -> None:
    """List every tool and call each."""
    http = create_mcp_http_client(headers={"Authorization": f"Bearer {token}"})
    transport = streamable_http_client(f"{address}/mcp", http_client=http)
    async with http, Client(transport, mode=mode) as client:
        assert {tool.name for tool in (await client.list_tools()).tools} == set(CALLS)
        for name, arguments in CALLS.items():
            result = await client.call_tool(name, arguments)
            assert not result.is_error, result.content
            assert result.structured_content
        listed = await client.call_tool("list_documents", {"path": ["shop/"]})
        assert listed.structured_content is not None
        assert len(listed.structured_content["documents"]) == 3


@pytest.mark.django_db(transaction=True)
def test_the_sdks_client_lists_and_calls_every_tool_before_and_after_a_restart(
    process_environment: dict[str, str], workspace: Workspace, indexed: Integration
) -> None:
    _, token = create_api_key(workspace=workspace, name="Agent", scopes=[Scope.SEARCH, Scope.READ])
    with serving(process_environment) as (address, tree):
        for mode in ("auto", "legacy"):
            asyncio.run(converse(address, token, mode))
        os.kill(tree.pid_of("web"), signal.SIGKILL)
        tree.wait_for("web started as process", times=2)
        wait_until_healthy(address, tree)
        for mode in ("auto", "legacy"):
            asyncio.run(converse(address, token, mode))
