"""A sync with a token, right and wrong, leaves it in no log, page, export, table or process's arguments."""

import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import psutil
import pytest
from django.db import connection as database
from django.test import Client
from pytest_django.fixtures import Settings

from console.models import Scope, Workspace
from console.services import create_api_key
from ingestion.connections import save_connection
from ingestion.models import Integration, Run, RunState
from ingestion.services import connect, sync_now
from ingestion.sources.base import Grant
from tests.queue import Drain
from tests.repositories import Repository
from tests.sources.server import GitServer

TOKEN, WRONG = "s3cr3t-t0ken-of-acme-9876543210", "wr0ng-t0ken-of-acme-0123456789"


def spellings(token: str) -> list[str]:
    """Return a token, and the credentials that it is sent as."""
    return [token, *(b64encode(f"{user}:{token}".encode()).decode() for user in ("x-access-token", "oauth2"))]


@contextmanager
def arguments_seen() -> Iterator[set[str]]:
    """Collect the arguments of every git that runs during the block, and of what it starts."""
    seen: set[str] = set()
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.003):
            for process in psutil.process_iter(["name", "cmdline"]):
                if "git" in (process.info["name"] or ""):
                    seen.add(" ".join(process.info["cmdline"] or ()))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


@pytest.fixture
def server(tmp_path: Path, settings: Settings) -> Iterator[GitServer]:
    settings.ALLOW_PRIVATE_HOSTS = True
    settings.STATE_DIR = tmp_path / "state"
    (tmp_path / "served").mkdir()
    server = GitServer(tmp_path / "served")
    server.credentials = f"x-access-token:{TOKEN}"
    yield server
    server.shutdown()
    server.server_close()


def test_a_sync_leaves_its_token_nowhere_but_sealed(
    workspace: Workspace,
    worker: Drain,
    server: GitServer,
    as_alice: Client,
    as_staff: Client,
    caplog: pytest.LogCaptureFixture,
    settings: Settings,
) -> None:
    caplog.set_level("DEBUG")
    repository = Repository(server.root / "private.git", {"README.md": "# Private\n"})
    url = server.url("private.git")
    grant = Grant(external_id="private", name="Token for private", secrets={"token": TOKEN})
    connection = save_connection(organization=workspace.organization, kind="git", grant=grant)
    _, key = create_api_key(workspace=workspace, name="Program", scopes=[Scope.READ])
    with arguments_seen() as arguments:
        source = connect(workspace=workspace, kind="git", resource=url, connection=connection)
        worker()
        assert Run.objects.get().state == RunState.COMPLETED
        repository.commit({"new.md": "# New\n"})
        grant = Grant(external_id="private", name="Token for private", secrets={"token": WRONG})
        save_connection(organization=workspace.organization, kind="git", grant=grant)
        run = sync_now(integration=source)
        worker()
    run.refresh_from_db()
    source.refresh_from_db()
    assert (run.state, source.state) == (RunState.FAILED, "blocked")
    assert "refuses the token" in run.error
    assert any("ls-remote" in line for line in arguments) and any("fetch" in line for line in arguments)
    places = {
        "process arguments": "\n".join(arguments),
        "log": caplog.text + "".join(str(record.__dict__) for record in caplog.records),
        **pages(source, as_alice, as_staff),
        **tables(),
        "export": export(as_alice),
        "state": "".join(
            path.read_bytes().decode("latin-1") for path in settings.STATE_DIR.rglob("*") if path.is_file()
        ),
    }
    program = Client(headers={"authorization": f"Bearer {key}"})
    for path in ("sources", "runs", f"sources/{source.pk}"):
        places[path] = program.get(f"/api/v1/{path}").content.decode()
    secrets = [*spellings(TOKEN), *spellings(WRONG), key, settings.SECRET_KEY, settings.ENCRYPTION_KEYS[0]]
    for place, text in places.items():
        for secret in secrets:
            assert secret not in text, f"a secret is in: {place}"


def pages(source: Integration, as_alice: Client, as_staff: Client) -> dict[str, str]:
    """Return what people and staff are shown of the source and its team."""
    root, run = f"/acme/core/sources/{source.pk}/", Run.objects.latest("pk")
    addresses = [
        root,
        "/acme/connections/",
        f"/acme/core/jobs/{run.pk}/",
        "/acme/core/activity/",
        "/acme/core/keys/",
    ]
    found = {address: as_alice.get(address).content.decode() for address in addresses}
    for model, pk in (("integration", source.pk), ("connection", source.connection_id), ("run", run.pk)):
        address = f"/admin/ingestion/{model}/{pk}/change/"
        answer = as_staff.get(address, follow=True)
        assert answer.status_code == 200, address
        found[address] = answer.content.decode()
    return found


def tables() -> dict[str, str]:
    """Return every row of every table, and every message of the queue, as text."""
    found = {}
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT table_schema, table_name FROM information_schema.tables"
            " WHERE table_schema IN ('public', 'dramatiq') AND table_type = 'BASE TABLE'"
        )
        for schema, table in cursor.fetchall():
            cursor.execute(f'SELECT coalesce(string_agg(t::text, chr(10)), $$$$) FROM "{schema}"."{table}" t')
            found[f"table {table}"] = cursor.fetchone()[0]
    return found


def export(as_alice: Client) -> str:
    """Return all that leaves with an export."""
    answer: Any = as_alice.post("/acme/core/export/")
    with ZipFile(BytesIO(b"".join(answer.streaming_content))) as file:
        return "\n".join(file.read(name).decode() for name in file.namelist())
