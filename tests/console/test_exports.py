"""All data of a workspace as a zip file: whole, without secrets, and only for owners."""

import io
import json
import random
import zipfile
from typing import Any

import pytest
from django.test import Client

from console.exports import PARTS, PIECE, archive
from console.keys import digest
from console.models import Activity, Membership, Role, Scope, Workspace
from console.services import create_api_key
from ingestion.models import Connection, Document, Integration
from search.models import SearchLog
from tests.rows import make_document, make_source

ADDRESS = "/acme/core/export/"


@pytest.fixture
def full(workspace: Workspace, other_workspace: Workspace) -> str:
    """Fill the workspace; return the text of a key."""
    connection = Connection(organization=workspace.organization, kind="github", name="acme")
    connection.secrets = {"token": "ghs_verysecret"}
    connection.save()
    source = make_source(workspace)
    make_document(source, "src/app.py", "print('hé')\n" * 3)
    foreign = make_source(other_workspace)
    make_document(foreign, "plans.txt", "Mallory's plans")
    SearchLog.objects.create(workspace=workspace, query="where", mode="hybrid", results=1, milliseconds=4.2)
    _, token = create_api_key(workspace=workspace, name="Laptop", scopes=[Scope.SEARCH])
    return token


def _parts(body: bytes) -> dict[str, list[dict[str, Any]]]:
    with zipfile.ZipFile(io.BytesIO(body)) as file:
        assert file.testzip() is None
        return {
            name.removesuffix(".jsonl"): [json.loads(line) for line in file.read(name).splitlines()]
            for name in file.namelist()
            if name.endswith(".jsonl")
        }


def test_an_owner_gets_everything_that_there_is(as_alice: Client, full: str) -> None:
    answer = as_alice.post(ADDRESS)
    assert answer["Content-Disposition"].startswith('attachment; filename="acme-core-')
    parts = _parts(b"".join(answer))
    assert set(parts) == set(PARTS) == {
        "workspace", "keys", "activities", "sources", "documents", "jobs", "searches"
    }  # fmt: skip
    assert [row["text"] for row in parts["documents"]] == ["print('hé')\n" * 3]
    assert {name: len(rows) for name, rows in parts.items()} == {
        "workspace": 1, "keys": 1, "activities": 3, "sources": 1, "documents": 1, "jobs": 1, "searches": 1
    }  # fmt: skip
    assert parts["activities"][-1]["action"] == "workspace.exported"


def test_no_secret_and_nobody_elses_data_is_in_it(workspace: Workspace, full: str) -> None:
    body = b"".join(archive(workspace))
    with zipfile.ZipFile(io.BytesIO(body)) as file:
        text = b"".join(file.read(name) for name in file.namelist())
    sealed = bytes(Connection.objects.get().sealed_secrets)
    for secret in (
        full.encode(),
        digest(full).hex().encode(),
        b"ghs_verysecret",
        sealed,
        b"Mallory",
        b"lair",
    ):
        assert secret not in text


def test_it_is_written_in_pieces_and_read_in_batches(workspace: Workspace, full: str) -> None:
    source = Integration.objects.get(workspace=workspace)
    for number in range(130):
        make_document(
            source,
            f"file{number}.bin",
            random.Random(number).randbytes(5_000).hex(),
        )
    pieces = list(archive(workspace))
    assert len(pieces) > 2
    assert max(map(len, pieces)) < 2 * PIECE
    assert (
        len(_parts(b"".join(pieces))["documents"]) == Document.objects.in_workspace(workspace).count() == 131
    )


def test_it_needs_a_login_an_owner_and_a_post(
    as_alice: Client, as_bob: Client, as_mallory: Client, workspace: Workspace
) -> None:
    assert Client().post(ADDRESS)["Location"].startswith("/accounts/login/")
    Membership.objects.filter(user__name="Bob").update(role=Role.ADMIN)
    assert as_bob.post(ADDRESS).status_code == 403
    assert as_mallory.post(ADDRESS).status_code == 404
    assert as_alice.get(ADDRESS).status_code == 405
    assert not Activity.objects.exists()
