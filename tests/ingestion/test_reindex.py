"""A store moves to another configuration while searches go on."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from ingestion import schedule
from ingestion.models import Chunk, Document, IndexVersion, Integration, Run, Store, TermStatistic, Trigger
from ingestion.pipeline.plan import plan_run
from ingestion.pipeline.process import process_batch
from ingestion.runs import request_run
from ingestion.services import cancel, pause
from ingestion.stores import IndexConfig, configure_store
from tests.ingestion.conftest import unattended
from tests.queue import Drain
from tests.repositories import Repository

OTHER = IndexConfig("null", "null", 16, chunk_tokens=20)


def serving(source: Integration) -> IndexVersion:
    version = Store.objects.get(pk=source.store_id).serving
    assert version is not None
    return version


def half_moved(source: Integration) -> Run:
    """Begin to move the source's store, and stop after one batch."""
    configure_store(store=source.store, config=OTHER)
    run = Run.objects.get(trigger=Trigger.CONFIG)
    plan_run(run.pk)
    process_batch(run.pk)
    return run


def test_documents_are_processed_again_from_the_text_we_hold(
    source: Integration, repository: Repository, worker: Drain
) -> None:
    old = serving(source)
    repository.path.rename(repository.path.with_name("unreachable"))
    configure_store(store=source.store, config=OTHER)
    worker()
    assert serving(source).config_hash == OTHER.hash
    assert set(Document.objects.values_list("config_hash", flat=True)) == {OTHER.hash}
    assert Chunk.objects.filter(version=serving(source)).count() > 2
    assert TermStatistic.objects.filter(version=serving(source), term="greet").exists()
    old.refresh_from_db()
    assert old.retired_at is not None


def test_the_old_version_serves_whole_and_fresh_until_the_switch(
    source: Integration, repository: Repository, worker: Drain, settings: Settings
) -> None:
    settings.BATCH_DOCUMENTS = 1
    old = serving(source)
    with unattended():
        run = half_moved(source)
        assert serving(source) == old
        assert Chunk.objects.filter(version=old).values("document").distinct().count() == 2
        repository.commit({"README.md": "# Fresh\n"})
        cancel(run=run)
        sync = request_run(integration=source, trigger=Trigger.PUSH)
        plan_run(sync.pk)
        process_batch(sync.pk)
    assert serving(source) == old
    assert Chunk.objects.filter(version=old, text="# Fresh\n").exists()
    schedule.tick()
    worker()
    assert serving(source).config_hash == OTHER.hash
    assert Chunk.objects.filter(version=serving(source), text="# Fresh\n").exists()


def test_a_paused_source_moves_too(source: Integration, worker: Drain) -> None:
    pause(integration=source)
    configure_store(store=source.store, config=OTHER)
    worker()
    assert serving(source).config_hash == OTHER.hash


def test_the_sweep_continues_a_cancelled_move_and_then_clears_up(source: Integration, worker: Drain) -> None:
    old = serving(source)
    with unattended():
        configure_store(store=source.store, config=OTHER)
    cancel(run=Run.objects.get(trigger=Trigger.CONFIG))
    schedule.tick()
    worker()
    assert serving(source).config_hash == OTHER.hash
    IndexVersion.objects.filter(pk=old.pk).update(retired_at=timezone.now() - timedelta(minutes=5))
    schedule.tick()
    assert not Chunk.objects.filter(version=old).exists()


def test_going_back_before_the_switch_keeps_what_there_was(source: Integration, worker: Drain) -> None:
    old = serving(source)
    before = set(Chunk.objects.filter(version=old).values_list("text", flat=True))
    with unattended():
        half_moved(source)
    back = IndexConfig(old.embedder, old.model, old.dimensions, old.chunk_tokens, old.chunker_version)
    configure_store(store=source.store, config=back)
    schedule.tick()
    worker()
    assert serving(source) == old
    assert set(Chunk.objects.filter(version=old).values_list("text", flat=True)) == before
    assert set(Document.objects.values_list("config_hash", flat=True)) == {old.config_hash}


@pytest.mark.parametrize(
    "change", [{"chunk_tokens": 21}, {"model": "other"}, {"dimensions": 17}, {"chunker_version": 9}]
)
def test_everything_that_decides_about_chunks_and_vectors_is_in_the_hash(change: dict[str, object]) -> None:
    values = {"embedder": "null", "model": "null", "dimensions": 16, "chunk_tokens": 20, **change}
    assert IndexConfig(**values).hash != OTHER.hash  # type: ignore[arg-type]
