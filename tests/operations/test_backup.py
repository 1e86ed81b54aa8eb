"""A backup brings everything back, on another machine too."""

import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from console.models import Scope, Workspace
from console.services import create_api_key
from ingestion.models import Document, Integration
from lightfast.backup import BackupError, restore
from search.retrieve import search
from tests.embedded.tools import open_directory
from tests.up.running import PROJECT

pytestmark = pytest.mark.django_db(transaction=True)
QUERIES = ["verify the signature of a webhook", "anvil", "ship an order", "sunshine"]
ASK = """
import json, sys
import django
django.setup()
from console.keys import find_key
from search.retrieve import search
key = find_key(sys.argv[1])
found = {q: [[r.document.key, round(r.score, 6)] for r in search(key.workspace, q).results] for q in sys.argv[2:]}
print(json.dumps(found))
"""


def answers(workspace: Workspace) -> dict[str, Any]:
    return {q: [[r.document.key, round(r.score, 6)] for r in search(workspace, q).results] for q in QUERIES}


@pytest.fixture
def elsewhere() -> Iterator[dict[str, str]]:
    """Return the environment of an empty machine."""
    with open_directory() as home:
        own = {"DJANGO_SETTINGS_MODULE": "lightfast.settings", "STATE_DIR": str(home / "state")}
        yield {**{k: v for k, v in os.environ.items() if k != "DATABASE_URL"}, **own}


def manage(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(PROJECT / "manage.py"), *arguments]
    return subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True)


def test_a_backup_restored_on_an_empty_machine_answers_searches_and_keys_as_before(
    indexed: Integration, tmp_path: Path, elsewhere: dict[str, str]
) -> None:
    _, token = create_api_key(workspace=indexed.workspace, name="ci", scopes=[Scope.SEARCH])
    before = answers(indexed.workspace)
    file = tmp_path / "lightfast.backup"
    call_command("backup", str(file))
    assert file.stat().st_mode & 0o077 == 0

    restored = manage(elsewhere, "restore", str(file))
    assert restored.returncode == 0, restored.stderr
    assert "5 documents" in restored.stdout

    command = [sys.executable, "-c", ASK, token, *QUERIES]
    asked = subprocess.run(command, cwd=PROJECT, env=elsewhere, capture_output=True, text=True)
    assert asked.returncode == 0, asked.stderr
    assert json.loads(asked.stdout) == before
    assert manage(elsewhere, "migrate", "--check").returncode == 0

    again = manage(elsewhere, "restore", str(file))
    assert again.returncode == 1
    assert "not empty" in again.stderr
    replaced = manage(elsewhere, "restore", str(file), "--replace")
    assert replaced.returncode == 0, replaced.stderr


def test_a_backup_without_secrets_has_none(indexed: Integration, tmp_path: Path) -> None:
    call_command("backup", str(tmp_path / "bare"), "--without-secrets")
    with tarfile.open(tmp_path / "bare") as archive:
        assert archive.getnames() == ["manifest.json", "database.dump"]


def test_a_database_in_use_is_not_restored_over(indexed: Integration, tmp_path: Path) -> None:
    file = tmp_path / "b"
    call_command("backup", str(file))
    from lightfast.database import DjangoConnection

    with DjangoConnection.connect(), pytest.raises(BackupError, match="Stop Lightfast"):
        restore(file, replace=True)
    assert Document.objects.count() == 5


def test_a_file_that_is_no_backup_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("hello")
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("restore", str(tmp_path / "other"))


def test_a_backup_of_a_newer_lightfast_is_refused(indexed: Integration, tmp_path: Path) -> None:
    file = tmp_path / "b"
    call_command("backup", str(file))
    changed = tmp_path / "changed"
    with tarfile.open(file) as old, tarfile.open(changed, "w") as new:
        old.extractall(tmp_path / "parts", filter="data")
        manifest = tmp_path / "parts" / "manifest.json"
        told = json.loads(manifest.read_text())
        told["migrations"].append(["search", "9999_of_the_future"])
        manifest.write_text(json.dumps(told))
        for name in old.getnames():
            new.add(tmp_path / "parts" / name, name)
    with pytest.raises(CommandError, match=r"newer Lightfast.*9999_of_the_future"):
        call_command("restore", str(changed), "--replace")


def test_a_backup_that_cannot_be_written_leaves_nothing(indexed: Integration, tmp_path: Path) -> None:
    with pytest.raises(CommandError):
        call_command("backup", str(tmp_path / "missing" / "file"))
    assert list(tmp_path.glob("missing*")) == []
