"""Rows as tests need them, made without a source."""

import hashlib
from datetime import timedelta

from django.utils import timezone

from console.models import Workspace
from ingestion.models import Document, Integration, Run, RunState, Trigger
from ingestion.pipeline.changes import Changes
from ingestion.services import connect


def make_source(workspace: Workspace, name: str = "api") -> Integration:
    """Return a source whose first run waits."""
    return connect(
        workspace=workspace, kind="git", resource=f"https://git.example/{workspace.slug}/{name}.git"
    )


def make_document(source: Integration, key: str, text: str = "text\n") -> Document:
    """Return a document of a source, counted as others are."""
    document = Document.objects.create(
        workspace_id=source.workspace_id,
        integration=source,
        kind="file",
        key=key,
        text=text,
        size=len(text.encode()),
        lines=text.count("\n"),
        content_hash=hashlib.sha256(text.encode()).digest(),
        revision="1",
        config_hash="",
        indexed_at=timezone.now(),
    )
    changes = Changes()
    changes.add_documents([(document.kind, document.language, document.size)], 1)
    changes.apply(source.pk)
    return document


def make_run(
    source: Integration,
    state: RunState = RunState.COMPLETED,
    *,
    ago: float = 1,
    seconds: float = 10,
    tokens: int = 0,
) -> Run:
    """Return a run that ended some hours ago after some seconds."""
    ended = timezone.now() - timedelta(hours=ago)
    return Run.objects.create(
        workspace_id=source.workspace_id,
        integration=source,
        trigger=Trigger.MANUAL,
        state=state,
        due_at=ended,
        started_at=ended - timedelta(seconds=seconds),
        planned_at=ended,
        finished_at=ended,
        tokens_embedded=tokens,
    )
