"""A large store gets an index over its vectors by itself, whole or not at all, and loses it when it serves nobody."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from console.models import Workspace
from ingestion import doctor, schedule
from ingestion.models import IndexVersion, Integration, Vector
from ingestion.pipeline import vector_index
from ingestion.pipeline.vector_index import has_index, index_name, indexes, tend_vector_index, untended
from ingestion.services import delete_workspace, disconnect
from ingestion.stores import IndexConfig, configure_store
from lightfast.database import DjangoConnection
from tests.queue import Drain
from tests.vectors import grow

ADD = """
INSERT INTO ingestion_vector (chunk_id, version_id, embedding)
SELECT id, version_id, '[1,0,0,0,0,0,0,0]' FROM ingestion_chunk WHERE id = %s
"""


@pytest.fixture
def large(source: Integration, settings: Settings) -> Iterator[IndexVersion]:
    """Return a version with more vectors than are scanned."""
    settings.VECTOR_INDEX_FROM = 500
    yield grow(source)
    with connection.cursor() as cursor:
        for pk in indexes():
            cursor.execute(f"DROP INDEX {index_name(pk)}")


@pytest.fixture
def writer(large: IndexVersion) -> Iterator[psycopg.Connection[Any]]:
    """Return a connection whose transaction has changed a vector and is open: no build can end before it."""
    with DjangoConnection.connect() as writer:
        writer.execute("UPDATE ingestion_vector SET chunk_id = chunk_id WHERE chunk_id = %s", [last(large)])
        yield writer
        writer.rollback()


def last(version: IndexVersion) -> int:
    """Return the last chunk that has a vector."""
    chunk: int = Vector.objects.filter(version=version).latest("pk").pk
    return chunk


def cut_short(version: IndexVersion, monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin a build and end it while it waits for somebody's transaction, as a lost connection would."""
    with monkeypatch.context() as patch:
        patch.setitem(vector_index.LIMITS, "statement_timeout", "1s")
        with pytest.raises(psycopg.errors.QueryCanceled):
            tend_vector_index(version.pk)
    assert indexes() == {version.pk: False}


def tend_and_leave(version_id: int) -> None:
    """Tend an index in a thread, and close its connection."""
    try:
        tend_vector_index(version_id)
    finally:
        connection.close()


def test_the_sweep_has_an_index_built_once_a_version_is_large(large: IndexVersion, worker: Drain) -> None:
    assert not has_index(large)
    schedule.tick()
    worker()
    assert indexes() == {large.pk: True}
    assert has_index(large)
    assert untended() == []
    schedule.tick()
    worker()
    assert indexes() == {large.pk: True}


def test_a_small_version_has_none_and_nobody_has_where_they_are_switched_off(
    large: IndexVersion, settings: Settings
) -> None:
    settings.VECTOR_INDEX_FROM = large.chunk_total + 1
    assert untended() == []
    settings.VECTOR_INDEX_FROM = 500
    tend_vector_index(large.pk)
    settings.VECTOR_INDEX_FROM = 0
    assert not has_index(large)
    assert untended() == [large.pk]
    tend_vector_index(large.pk)
    assert indexes() == {}


def test_what_a_killed_build_leaves_behind_is_not_used_and_is_built_anew(
    large: IndexVersion, writer: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch, worker: Drain
) -> None:
    cut_short(large, monkeypatch)
    writer.rollback()
    assert not has_index(large)
    large.refresh_from_db()
    assert untended() == []  # it was begun a moment ago, and may be in work
    IndexVersion.objects.update(index_begun_at=timezone.now() - timedelta(hours=1))
    schedule.tick()
    worker()
    assert indexes() == {large.pk: True}


def test_a_build_lets_others_write(large: IndexVersion, writer: psycopg.Connection[Any]) -> None:
    chunk = last(large) - 1
    Vector.objects.filter(pk=chunk).delete()
    with ThreadPoolExecutor(1) as pool:
        build = pool.submit(tend_and_leave, large.pk)
        while indexes() != {large.pk: False}:
            assert not build.done()
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '5s'")
            cursor.execute(ADD, [chunk])
            cursor.execute("RESET lock_timeout")
        assert not build.done()
        writer.rollback()
        build.result(60)
    assert indexes() == {large.pk: True}


def test_while_one_is_built_another_worker_goes_on_with_other_things(large: IndexVersion) -> None:
    with DjangoConnection.connect(autocommit=True) as other:
        other.execute(vector_index.TAKE_TURN)
        tend_vector_index(large.pk)
        assert indexes() == {}
    tend_vector_index(large.pk)
    assert indexes() == {large.pk: True}


def test_the_index_goes_with_a_version_that_is_left(large: IndexVersion, worker: Drain) -> None:
    tend_vector_index(large.pk)
    configure_store(store=large.store, config=IndexConfig("null", "null", 16))
    worker()
    large.store.refresh_from_db()
    assert large.store.serving_id != large.pk
    schedule.tick()
    worker()
    assert indexes() == {}


@pytest.mark.parametrize("whole", [True, False])
def test_the_index_goes_with_what_is_deleted(
    large: IndexVersion, source: Integration, workspace: Workspace, worker: Drain, whole: bool
) -> None:
    tend_vector_index(large.pk)
    if whole:
        delete_workspace(workspace=workspace)
    else:
        disconnect(integration=source)
    worker()
    schedule.tick()
    worker()
    assert indexes() == {}


def test_doctor_tells_what_is_missing_and_what_to_do(
    large: IndexVersion, writer: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    [finding] = doctor.vector_indexes()
    assert finding.level == "warning"
    assert "1 of 1 large indexes" in finding.what
    cut_short(large, monkeypatch)
    writer.rollback()
    [finding] = doctor.vector_indexes()
    assert "was not finished" in finding.what
    tend_vector_index(large.pk)
    [finding] = doctor.vector_indexes()
    assert finding.level == "ok"
