"""What is kept count of is what is there, whatever happens to a source."""

from ingestion import schedule
from ingestion.models import IndexVersion, Integration
from ingestion.stores import IndexConfig, configure_store
from tests.ingestion.conftest import Sync
from tests.ingestion.counts import assert_true
from tests.queue import Drain
from tests.repositories import Repository


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
