"""The same text is embedded once in a workspace."""

import pytest

from console.models import Workspace
from ingestion.embedding import null
from ingestion.models import Chunk, Integration
from ingestion.services import connect
from ingestion.stores import ensure_store
from tests.ingestion.conftest import APP, README, Sync
from tests.queue import Drain
from tests.repositories import Repository


@pytest.fixture
def embedded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the texts that were embedded since."""
    texts: list[str] = []
    real = null.NullEmbedder.embed_documents

    def note(self: null.NullEmbedder, given: list[str]) -> object:
        texts.extend(given)
        return real(self, given)

    monkeypatch.setattr(null.NullEmbedder, "embed_documents", note)
    return texts


def test_only_changed_chunks_are_embedded(
    source: Integration, repository: Repository, sync: Sync, embedded: list[str]
) -> None:
    functions = [f"def function_{i}(x):\n" + f"    y = {i}\n" * 60 for i in range(5)]
    repository.commit({"long.py": "".join(functions)})
    sync(source)
    assert len(embedded) >= 5
    embedded.clear()
    functions[2] = functions[2].replace("y = 2", "y = 22")
    repository.commit({"long.py": "".join(functions)})
    run = sync(source)
    assert embedded
    assert all("y = 22" in text for text in embedded)
    assert run.chunks_reused > 0
    assert run.chunks_embedded == len(embedded)


def test_another_source_with_the_same_files_reuses_their_vectors(
    source: Integration, workspace: Workspace, worker: Drain, repository: Repository, embedded: list[str]
) -> None:
    copy = Repository(repository.path.parent / "copy", {"README.md": README, "src/app.py": APP})
    second = connect(workspace=workspace, kind="git", resource=str(copy.path), allow_local=True)
    worker()
    assert not embedded
    assert second.runs.get().chunks_reused == 2
    vectors = [
        list(
            Chunk.objects.filter(document__integration=i)
            .order_by("text")
            .values_list("vector__embedding", flat=True)
        )
        for i in (source, second)
    ]
    assert vectors[0] == vectors[1]


def test_another_workspace_reuses_nothing(
    source: Integration,
    other_workspace: Workspace,
    worker: Drain,
    repository: Repository,
    embedded: list[str],
) -> None:
    connect(workspace=other_workspace, kind="git", resource=str(repository.path), allow_local=True)
    worker()
    assert len(embedded) == 2


def test_the_default_store_exists_once(workspace: Workspace) -> None:
    first = ensure_store(workspace)
    assert ensure_store(workspace) == first
    assert first.serving == first.target
    assert first.serving is not None
    assert first.serving.embedder == "null"
