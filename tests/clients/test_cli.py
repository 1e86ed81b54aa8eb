"""The command line against a running server, with a worker."""

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from console.models import Scope, Workspace
from console.services import create_api_key
from ingestion.models import Integration
from lightfast_client.cli import main
from tests.queue import Drain
from tests.serving import serving

ROOT = Path(__file__).resolve().parents[2]


Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Return what runs a command: it gives the status, the output and the complaints."""
    monkeypatch.setenv("LIGHTFAST_CONFIG", "/nonexistent")
    monkeypatch.setenv("LIGHTFAST_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


@pytest.mark.django_db(transaction=True)
def test_people_search_sync_and_look_from_a_terminal(
    process_environment: dict[str, str],
    workspace: Workspace,
    indexed: Integration,
    worker: Drain,
    command: Command,
) -> None:
    _, key = create_api_key(workspace=workspace, name="Laptop", scopes=[Scope.SEARCH, Scope.READ, Scope.SYNC])
    _, weak = create_api_key(workspace=workspace, name="Weak", scopes=[Scope.READ])
    with serving(process_environment) as (url, _):

        def run(*arguments: str, status: int = 0) -> str:
            got, said, complaint = command("--url", url, "--key", key, *arguments)
            assert got == status, complaint
            return said

        def read(*arguments: str) -> Any:
            return json.loads(run(*arguments, "--json"))

        assert "Acme / Core" in run("whoami")
        assert "shop/webhooks.py:1" in run("search", "verify_signature", "-l", "python")
        assert read("search", "-m", "regex", r"compare_\w+\(")["results"][0]["key"] == "shop/webhooks.py"
        assert "0 found" in run("search", "-m", "exact", "no such text", status=1)
        assert read("sources")[0]["name"] == "shop"
        assert "shop" in run("sources")
        assert "completed" in run("sync", "shop", "--wait")
        assert read("sync", "shop", "--wait")["state"] == "completed"
        assert len(read("runs", "--source", "shop")) == 3
        assert "completed" in run("runs")
        assert "No source is called" in command("--url", url, "--key", key, "sync", "nowhere")[2]
        status, _, complaint = command("--url", url, "--key", weak, "search", "x")
        assert (status, "needs the scope 'search'" in complaint) == (3, True)


def test_mistakes_and_silence_have_their_status(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    assert command("search")[0] == command("dance")[0] == 2
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    status, _, complaint = command("whoami")
    assert (status, "does not answer" in complaint) == (4, True)


def test_the_package_can_be_run_and_its_entry_point_is_the_command_line() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "clients" / "python")}
    version = [sys.executable, "-m", "lightfast_client", "--version"]
    assert subprocess.check_output(version, env=environment, text=True) == "lightfast, version 0.1.0\n"
    project = tomllib.loads((ROOT / "clients" / "python" / "pyproject.toml").read_text())["project"]
    assert project["scripts"] == {"lightfast": "lightfast_client.cli:main"}
