"""Workspaces with rows of every sort, made without a pipeline."""

import uuid
from collections.abc import Callable

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from console.models import Workspace
from ingestion.models import Document, Integration, Omission, Purge, Run, RunItem, Tally
from ingestion.pipeline.changes import count_omissions
from ingestion.stores import ensure_store

Fill = Callable[..., Integration]


@pytest.fixture(autouse=True)
def null_embedder(settings: Settings) -> None:
    settings.EMBEDDER = "null"


def make_source(workspace: Workspace, name: str = "billing", **values: object) -> Integration:
    """Return a source that nothing has synced."""
    return Integration.objects.create(
        workspace=workspace,
        store=ensure_store(workspace),
        kind="git",
        resource_id=f"https://example.com/acme/{name}-{uuid.uuid4().hex[:6]}",
        name=name,
        **values,
    )


def make_run(source: Integration, **values: object) -> Run:
    """Return a run of a source that has ended, unless told otherwise."""
    now = timezone.now()
    defaults = {"trigger": "manual", "state": "completed", "due_at": now, "started_at": now}
    merged = {**defaults, "planned_at": now, "finished_at": now, "started_by": "Alice", **values}
    return Run.objects.create(workspace=source.workspace, integration=source, **merged)


def make_documents(source: Integration, number: int) -> None:
    """Give a source documents, and count them."""
    now = timezone.now()
    Document.objects.bulk_create(
        Document(
            workspace=source.workspace, integration=source, kind="file", key=f"src/file{n}.py", title=f"file{n}.py",
            language="Python", text="x = 1\n", size=6, lines=1, content_hash=bytes(32), revision="r",
            config_hash="c", indexed_at=now,
        )
        for n in range(number)
    )  # fmt: skip
    Tally.objects.create(
        integration=source, kind="file", language="Python", documents=number, size=6 * number
    )


def make_omissions(source: Integration, number: int) -> None:
    """Give a source what it skips, and one failure."""
    Omission.objects.bulk_create(
        Omission(
            integration=source, kind="file", key=f"lib/{n}.so", revision="r", state="skipped", reason="binary"
        )
        for n in range(number)
    )
    Omission.objects.create(
        integration=source,
        kind="file",
        key="bad.py",
        revision="r",
        state="failed",
        reason="error",
        detail="Boom",
    )
    count_omissions(source.pk)
    source.refresh_from_db()


def make_items(run: Run, number: int) -> None:
    """Give a run its items."""
    RunItem.objects.bulk_create(
        RunItem(run=run, action="add", kind="file", key=f"src/file{n}.py", state="done")
        for n in range(number)
    )
    RunItem.objects.create(
        run=run, action="change", kind="file", key="bad.py", state="failed", reason="error", detail="Boom"
    )


@pytest.fixture
def source(workspace: Workspace) -> Integration:
    """Return a source with documents, omissions, a run and its items."""
    source = make_source(workspace, synced_at=timezone.now())
    make_documents(source, 3)
    make_omissions(source, 2)
    run = make_run(
        source, added=3, failed=1, total=4, settled=4, planned={"file": 4}, stage_seconds={"fetch": 1.5}
    )
    make_items(run, 3)
    return source


@pytest.fixture
def run(source: Integration) -> Run:
    """Return the source's run."""
    return source.runs.get()


@pytest.fixture
def purge(workspace: Workspace) -> Purge:
    """Return the receipt of a source that is gone."""
    return Purge.objects.create(
        subject="integration",
        subject_id=uuid.uuid4(),
        name="old",
        organization=workspace.organization,
        workspace_id=workspace.pk,
        counts_before={"documents": 5},
        counts_after={"documents": 0},
        completed_at=timezone.now(),
    )
