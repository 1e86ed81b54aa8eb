"""A thorough search is reranked where a model is configured, and never fails with it."""

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from console.models import Workspace
from ingestion.models import Integration
from search.modes import Effort
from search.retrieve import search
from tests.emulators.voyage import KEY, Fault, VoyageEmulator

QUERY = "rain shipped"


@pytest.fixture
def service(settings: Settings, indexed: Integration) -> Iterator[VoyageEmulator]:
    with VoyageEmulator() as server:
        settings.VOYAGE_API_KEY, settings.VOYAGE_BASE_URL = KEY, server.url
        settings.VOYAGE_RERANK_MODEL = "rerank-2.5"
        yield server
        server.shutdown()


def test_the_model_has_the_last_word(service: VoyageEmulator, workspace: Workspace) -> None:
    found = search(workspace, QUERY, effort=Effort.THOROUGH)
    assert [result.places["rerank"].rank for result in found.results] == list(
        range(1, len(found.results) + 1)
    )
    scores = [result.places["rerank"].score for result in found.results]
    assert scores == sorted(scores, reverse=True)
    [request] = service.requests
    assert (request["query"], request["model"]) == (QUERY, "rerank-2.5")
    assert any(text.startswith("docs/weather.md\n") for text in request["documents"])
    assert not found.notes


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=500),
        Fault(status=429),
        Fault(status=401),
        Fault(body=b"nonsense"),
        Fault(change=lambda answer: answer["data"].pop()),
    ],
)
def test_any_failure_leaves_the_fused_order_and_a_note(
    fault: Fault, service: VoyageEmulator, workspace: Workspace
) -> None:
    fused = [result.document.key for result in search(workspace, QUERY).results]
    service.faults.append(fault)
    found = search(workspace, QUERY, effort=Effort.THOROUGH)
    assert [result.document.key for result in found.results] == fused
    assert found.notes[0].startswith("Not reranked")


def test_nobody_is_asked_unless_it_is_wanted(
    service: VoyageEmulator, workspace: Workspace, settings: Settings
) -> None:
    search(workspace, QUERY)
    settings.VOYAGE_RERANK_MODEL = ""
    search(workspace, QUERY, effort=Effort.THOROUGH)
    assert not service.requests
