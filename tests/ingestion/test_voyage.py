"""A source indexed with Voyage: its service works, refuses, asks for patience, or knows one text too long."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from console.models import Workspace
from ingestion.embedding import get_embedder
from ingestion.models import Integration, ItemState, Omission, Run, RunItem, RunState, Vector
from ingestion.pipeline.plan import plan_run
from ingestion.pipeline.process import process_batch
from ingestion.services import connect, resume, sync_now
from tests.emulators.voyage import KEY, Fault, VoyageEmulator, vector_of
from tests.ingestion.conftest import unattended
from tests.queue import Drain
from tests.repositories import Repository

DIMENSIONS = 16


@pytest.fixture(autouse=True)
def service(settings: Settings, null_embedder: None) -> Iterator[VoyageEmulator]:
    with VoyageEmulator(text_tokens=300) as server:
        settings.EMBEDDER, settings.VOYAGE_API_KEY, settings.VOYAGE_BASE_URL = "voyage", KEY, server.url
        settings.VOYAGE_DIMENSIONS = DIMENSIONS
        get_embedder.cache_clear()
        yield server
        server.shutdown()
    get_embedder.cache_clear()


def begin(workspace: Workspace, repository: Repository) -> Run:
    """Connect the repository and plan its first run, which no worker hears of."""
    integration = connect(workspace=workspace, kind="git", resource=str(repository.path), allow_local=True)
    run = Run.objects.get(integration=integration)
    plan_run(run.pk)
    return run


def test_every_chunk_has_the_vector_that_the_service_gave(source: Integration) -> None:
    chunks = list(Vector.objects.select_related("chunk__document"))
    assert len(chunks) == source.runs.get().chunks_embedded > 0
    for vector in chunks:
        chunk = vector.chunk
        header = "\n".join(filter(None, (chunk.document.key, chunk.heading)))
        expected = vector_of(f"{header}\n{chunk.text}", DIMENSIONS)
        assert vector.embedding == pytest.approx(expected.tolist(), abs=1e-3)


def test_a_refused_key_stops_the_source_until_somebody_resumes_it(
    workspace: Workspace, repository: Repository, service: VoyageEmulator, worker: Drain
) -> None:
    service.key = "pa-another"
    integration = connect(workspace=workspace, kind="git", resource=str(repository.path), allow_local=True)
    worker()
    integration.refresh_from_db()
    assert integration.state == "blocked"
    assert "VOYAGE_API_KEY" in integration.state_reason
    assert integration.runs.get().state == RunState.FAILED
    service.key = KEY
    resume(integration=integration)
    worker()
    assert integration.documents.count() == 2
    assert integration.runs.order_by("created_at").last().state == RunState.COMPLETED  # type: ignore[union-attr]


def test_a_limit_reschedules_the_batch_for_when_the_service_said(
    workspace: Workspace, repository: Repository, service: VoyageEmulator
) -> None:
    service.faults = [Fault(429, {"Retry-After": "90"})]
    with unattended():
        run = begin(workspace, repository)
        process_batch(run.pk)
    items = RunItem.objects.filter(run=run)
    assert {item.state for item in items} == {ItemState.QUEUED}
    assert all(item.due_at >= timezone.now() + timedelta(seconds=80) for item in items if item.due_at)
    assert all(item.due_at for item in items)
    assert len(service.requests) == 1, "a wait that long is not the worker's"
    run.refresh_from_db()
    assert run.state == RunState.RUNNING


def test_a_text_the_service_refuses_fails_its_document_alone(
    workspace: Workspace, repository: Repository, worker: Drain
) -> None:
    repository.commit({"long.txt": "word " * 380})
    integration = connect(workspace=workspace, kind="git", resource=str(repository.path), allow_local=True)
    worker()
    assert integration.runs.get().state == RunState.COMPLETED_WITH_ERRORS
    assert sorted(integration.documents.values_list("key", flat=True)) == ["README.md", "src/app.py"]
    omission = Omission.objects.get(integration=integration)
    assert (omission.key, omission.reason) == ("long.txt", "not_embeddable")


def test_an_index_whose_embedder_is_not_configured_any_more_says_so(
    source: Integration, repository: Repository, settings: Settings, worker: Drain
) -> None:
    settings.VOYAGE_API_KEY = ""
    get_embedder.cache_clear()
    repository.commit({"new.md": "# New\n"})
    sync_now(integration=source)
    worker()
    source.refresh_from_db()
    assert source.state == "blocked"
    assert "VOYAGE_API_KEY" in source.state_reason
    assert source.documents.count() == 2, "what is indexed stays"
