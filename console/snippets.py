"""Commands and configurations to paste: how programs and coding agents use a key."""

import json
from dataclasses import dataclass

from django.conf import settings

PLACEHOLDER = "lf_YOUR_KEY"


@dataclass(frozen=True, slots=True)
class Snippet:
    """Something to paste, and where it goes."""

    title: str
    where: str
    text: str


def for_programs(token: str = PLACEHOLDER) -> list[Snippet]:
    """Return how programs search with a key."""
    curl = f"""\
curl {settings.BASE_URL}/api/v1/search \\
  -H "Authorization: Bearer {token}" \\
  -H "Content-Type: application/json" \\
  -d '{{"query": "where are passwords hashed"}}'"""
    python = f"""\
import requests

answer = requests.post(
    "{settings.BASE_URL}/api/v1/search",
    headers={{"Authorization": "Bearer {token}"}},
    json={{"query": "where are passwords hashed"}},
    timeout=10,
)
answer.raise_for_status()
for result in answer.json()["results"]:
    print(result["key"], result["url"])"""
    command = (
        f"export LIGHTFAST_URL={settings.BASE_URL} LIGHTFAST_KEY={token}\n"
        'lightfast search "where are passwords hashed"'
    )
    return [
        Snippet("curl", "In a terminal.", curl),
        Snippet("Command line", "With the package in clients/python of Lightfast.", command),
        Snippet("Python", "With the package requests.", python),
    ]


def for_agents(token: str = PLACEHOLDER) -> list[Snippet]:
    """Return how coding agents reach the MCP server with a key."""
    url = f"{settings.BASE_URL}/mcp"
    headers = {"Authorization": f"Bearer {token}"}
    claude = f'claude mcp add --transport http lightfast {url} --header "Authorization: Bearer {token}"'
    codex = f'[mcp_servers.lightfast]\nurl = "{url}"\nbearer_token_env_var = "LIGHTFAST_KEY"'
    cursor = {"mcpServers": {"lightfast": {"url": url, "headers": headers}}}
    code = {"servers": {"lightfast": {"type": "http", "url": url, "headers": headers}}}
    other = {"mcpServers": {"lightfast": {"type": "http", "url": url, "headers": headers}}}
    return [
        Snippet("Claude Code", "In a terminal.", claude),
        Snippet("Codex", "In ~/.codex/config.toml; the key goes into LIGHTFAST_KEY.", codex),
        Snippet("Cursor", "In .cursor/mcp.json of a project, or ~/.cursor/mcp.json.", _json(cursor)),
        Snippet("VS Code", "In .vscode/mcp.json of a project.", _json(code)),
        Snippet("Others", "Any agent that speaks MCP over HTTP.", _json(other)),
    ]


def _json(value: object) -> str:
    return json.dumps(value, indent=2)
