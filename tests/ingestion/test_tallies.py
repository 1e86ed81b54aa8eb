"""What is kept count of is what is there, whatever happens to a source."""

from collections import Counter

from ingestion import schedule
from ingestion.models import Chunk, Document, IndexVersion, Integration, Omission, Run, RunItem, Tally
from ingestion.stores import IndexConfig, configure_store
from tests.ingestion.conftest import Sync
from tests.queue import Drain
from tests.repositories import Repository


def assert_true(integration: Integration) -> None:
    """Compare every kept count with the rows."""
    documents: Counter[tuple[str, str]] = Counter()
    sizes: Counter[tuple[str, str]] = Counter()
    for kind, language, size in Document.objects.filter(integration=integration).values_list(
        "kind", "language", "size"
    ):
        documents[kind, language] += 1
        sizes[kind, language] += size
    tallies = Tally.objects.filter(integration=integration)
    assert {(t.kind, t.language): t.documents for t in tallies if t.documents} == documents
    assert {(t.kind, t.language): t.size for t in tallies if t.size} == sizes
    for version in IndexVersion.objects.filter(store=integration.store):
        assert version.chunk_total == Chunk.objects.filter(version=version).count()
    omitted: dict[str, Counter[str]] = {}
    for state, reason in Omission.objects.filter(integration=integration).values_list("state", "reason"):
        omitted.setdefault(state, Counter())[reason] += 1
    integration.refresh_from_db()
    assert integration.omitted == omitted
    for run in Run.objects.filter(integration=integration):
        items = RunItem.objects.filter(run=run)
        assert run.total == items.count()
        assert run.settled == items.filter(state__in=("done", "skipped", "failed")).count()


def test_counts_follow_additions_changes_renames_and_removals(
    source: Integration, repository: Repository, sync: Sync
) -> None:
    assert_true(source)
    repository.commit(
        {"src/more.py": "x = 1\n", "README.md": "# Longer\n\nWith more words.\n", "yarn.lock": "a"}
    )
    sync(source)
    assert_true(source)
    repository.commit({"src/app.py": None, "src/app.go": "package main\n", "blob.bin": "\0\0"})
    sync(source)
    assert_true(source)
    assert source.skipped == 2
    sync(source, full=True)
    assert_true(source)


def test_counts_follow_a_move_to_another_configuration_and_back(source: Integration, worker: Drain) -> None:
    old = source.store.serving
    assert old is not None
    configure_store(store=source.store, config=IndexConfig("null", "null", 16))
    worker()
    assert_true(source)
    IndexVersion.objects.filter(pk=old.pk).update(retired_at="2020-01-01T00:00Z")
    schedule.prune()
    assert_true(source)
    assert IndexVersion.objects.get(pk=old.pk).chunk_total == 0
