"""From the first sync on, the index follows every push, at the cost of what changed."""

import os
import random
import tarfile
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import pytest
from pytest_django.fixtures import Settings

from console.models import Workspace
from ingestion.models import Document, Integration, IntegrationState, Run, RunState, SharedSecret
from ingestion.pipeline.context import source_of
from ingestion.services import connect
from ingestion.sources.github.blobs import Blobs, blob_sha
from ingestion.sources.github.settings import GitHubSettings
from tests.emulators.github import GitHub
from tests.emulators.github.store import Installation
from tests.emulators.github.store import Repository as Hosted
from tests.github.conftest import Push, connection_of
from tests.ingestion.conftest import Sync
from tests.queue import Drain
from tests.repositories import Repository


def keys(source: Integration) -> set[str]:
    return set(Document.objects.filter(integration=source).values_list("key", flat=True))


def latest(source: Integration) -> Run:
    return Run.objects.filter(integration=source).latest("id")


def test_the_first_sync_indexes_the_default_branch(source: Integration, work: Repository) -> None:
    assert keys(source) == {"README.md", "src/app.py", "src/part.py"}
    assert source.cursor == work.git("rev-parse", "HEAD")
    assert (source.cursor_label, source.name) == ("main", "acme/core")


def test_a_document_leads_to_its_page(source: Integration, hub: GitHub) -> None:
    document = Document.objects.get(integration=source, key="src/app.py")
    assert document.url == f"{hub.root}/acme/core/blob/{source.cursor}/src/app.py"


def test_a_push_is_followed(source: Integration, push: Push) -> None:
    push({"src/new.py": "NEW = 1\n", "src/part.py": None})
    assert keys(source) == {"README.md", "src/app.py", "src/new.py"}
    run = latest(source)
    assert (run.trigger, run.added, run.removed, run.full) == ("push", 1, 1, False)


def test_the_first_sync_takes_five_calls_whatever_the_number_of_files(
    hub: GitHub,
    hosted: Hosted,
    work: Repository,
    installation: Installation,
    workspace: Workspace,
    worker: Drain,
) -> None:
    work.commit({f"many/{n}.py": f"N = {n}\n" for n in range(120)})
    work.git("push", "--quiet", "origin", "main")
    hub.webhooks.wait()
    worker()
    hub.calls.clear()
    connection = connection_of(workspace, installation)
    source = connect(
        workspace=workspace, kind="github", resource=str(hosted.id), name="acme/core", connection=connection
    )
    worker()
    assert len(keys(source)) == 123
    assert len(hub.calls) <= 5, hub.calls


def test_a_small_repository_with_a_configuration_takes_no_more(
    hub: GitHub,
    hosted: Hosted,
    work: Repository,
    installation: Installation,
    workspace: Workspace,
    worker: Drain,
) -> None:
    work.commit({"lightfast.yml": "version: 1\nexclude: ['nothing/**']\n"})
    work.git("push", "--quiet", "origin", "main")
    hub.webhooks.wait()
    worker()
    hub.calls.clear()
    connection = connection_of(workspace, installation)
    source = connect(
        workspace=workspace, kind="github", resource=str(hosted.id), name="acme/core", connection=connection
    )
    worker()
    source.refresh_from_db()
    assert (source.config_state, len(keys(source))) == ("configured", 4)
    assert len(hub.calls) <= 5, hub.calls


def test_a_push_takes_three_calls_and_one_for_each_changed_file(
    source: Integration, hub: GitHub, push: Push
) -> None:
    hub.calls.clear()
    push({"src/new.py": "NEW = 1\n", "src/app.py": "APP = 2\n"})
    assert len(hub.calls) <= 5, hub.calls


def test_a_push_reaches_every_workspace(
    source: Integration,
    installation: Installation,
    other_workspace: Workspace,
    hosted: Hosted,
    worker: Drain,
    push: Push,
) -> None:
    other = connect(
        workspace=other_workspace,
        kind="github",
        resource=str(hosted.id),
        name="acme/core",
        connection=connection_of(other_workspace, installation),
    )
    worker()
    push({"src/new.py": "NEW = 1\n"})
    assert "src/new.py" in keys(source) and "src/new.py" in keys(other)


def test_a_renamed_repository_is_still_read(
    source: Integration, hub: GitHub, hosted: Hosted, sync: Sync, work: Repository
) -> None:
    hub.store.rename(hosted, "acme", "kernel")
    work.git("remote", "set-url", "origin", f"{hub.root}/acme/kernel.git")
    work.commit({"src/new.py": "NEW = 1\n"})
    work.git("push", "--quiet", "origin", "main")
    run = sync(source)
    source.refresh_from_db()
    assert (run.state, source.name) == (RunState.COMPLETED, "acme/kernel")
    assert "src/new.py" in keys(source)


def test_another_default_branch_is_followed(
    source: Integration, hosted: Hosted, work: Repository, sync: Sync
) -> None:
    work.git("checkout", "--quiet", "-b", "next")
    work.commit({"next.py": "NEXT = 1\n"})
    work.git("push", "--quiet", "origin", "next")
    hosted.default_branch = "next"
    sync(source)
    source.refresh_from_db()
    assert source.cursor_label == "next"
    assert "next.py" in keys(source)


def test_an_archived_repository_says_so(source: Integration, hosted: Hosted, sync: Sync) -> None:
    hosted.archived = True
    sync(source)
    source.refresh_from_db()
    assert "archived" in source.notice
    assert keys(source)


def test_an_empty_repository_is_no_error(
    hub: GitHub, workspace: Workspace, installation: Installation, worker: Drain
) -> None:
    hosted = hub.store.add_repository("acme/empty")
    installation.repositories.add(hosted.id)
    connection = connection_of(workspace, installation)
    source = connect(workspace=workspace, kind="github", resource=str(hosted.id), connection=connection)
    worker()
    source.refresh_from_db()
    assert latest(source).state == RunState.COMPLETED
    assert source.notice == "The repository is empty."


@pytest.mark.parametrize("what", ["deleted", "taken off the installation"])
def test_a_repository_that_is_gone_blocks_its_source_and_keeps_the_index(
    what: str, source: Integration, hosted: Hosted, installation: Installation, sync: Sync
) -> None:
    if what == "deleted":
        hosted.deleted = True
    else:
        installation.repositories.clear()
        SharedSecret.objects.all().delete()
    sync(source)
    source.refresh_from_db()
    assert source.state == IntegrationState.BLOCKED
    assert "remove the source" in source.state_reason
    assert keys(source)


def test_what_an_archive_leaves_out_is_fetched_by_itself(
    source: Integration, push: Push, work: Repository
) -> None:
    many = {f"many/{n}.py": f"N = {n}\n" for n in range(30)}
    push({**many, ".gitattributes": "many/7.py export-ignore\n", "v.txt": "$Format:%H$\n"})
    assert keys(source) >= set(many)


@pytest.mark.parametrize("limit", [300, 20_000])
def test_what_an_archive_has_no_room_for_is_fetched_by_itself(
    limit: int, source: Integration, push: Push, settings: Settings
) -> None:
    settings.SOURCES["github"]["config"]["archive_bytes"] = limit
    many = {f"many/{n}.py": f"N = {random.Random(n).randbytes(200).hex()!r}\n" for n in range(30)}
    push(many)
    assert keys(source) >= set(many)
    assert latest(source).state == RunState.COMPLETED


def test_names_in_an_archive_lead_nowhere(tmp_path: Path) -> None:
    stream = BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name in ("../../evil.py", "/etc/evil.py", "a/../../evil.py"):
            member = tarfile.TarInfo(name)
            member.size = 4
            archive.addfile(member, BytesIO(b"evil"))
        link = tarfile.TarInfo("link.py")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    stream.seek(0)
    folder = tmp_path / "cache" / "1"
    blobs = Blobs(cast(Any, None), "1", folder, GitHubSettings(), 1_000)
    blobs.unpack(stream)
    sha = blob_sha(b"evil")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [folder / "blobs" / sha[:2] / sha]


def test_a_token_is_shared_encrypted_and_scoped(source: Integration, hub: GitHub, hosted: Hosted) -> None:
    [kept] = SharedSecret.objects.all()
    [token] = [t for t in hub.store.tokens.values() if t.installation]
    assert len(token.value) > 500
    assert token.value.encode() not in bytes(kept.sealed_value)
    assert (token.repositories, token.permissions) == ({hosted.id}, {"metadata": "read", "contents": "read"})


def test_a_token_that_ended_early_is_replaced(source: Integration, hub: GitHub, push: Push) -> None:
    for token in hub.store.tokens.values():
        token.expires = 0
    push({"src/new.py": "NEW = 1\n"})
    assert "src/new.py" in keys(source)


def test_an_archive_is_forgotten_after_a_day(source: Integration, push: Push, sync: Sync) -> None:
    push({f"many/{n}.py": f"N = {n}\n" for n in range(30)})
    _, context = source_of(source)
    folder = context.cache_dir / context.resource_id
    marks = list((folder / "archives").iterdir())
    sync(source)
    assert marks and (folder / "blobs").exists()
    for mark in marks:
        os.utime(mark, (0, 0))
    sync(source)
    assert not any(mark.exists() for mark in marks) and not (folder / "blobs").exists()
    assert len(keys(source)) == 33
