from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from ingestion.embedding.voyage import VoyageEmbedder
from tests.emulators.voyage import KEY, VoyageEmulator

DIMENSIONS = 16


@pytest.fixture
def service() -> Iterator[VoyageEmulator]:
    with VoyageEmulator() as server:
        yield server
        server.shutdown()


@pytest.fixture
def voyage(service: VoyageEmulator) -> VoyageEmbedder:
    return VoyageEmbedder(api_key=KEY, model="voyage-code-3", dimensions=DIMENSIONS, base_url=service.url)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that would have been waited between attempts; nobody waits."""
    waited: list[float] = []
    monkeypatch.setattr("tenacity.nap.time", SimpleNamespace(sleep=waited.append))
    return waited
