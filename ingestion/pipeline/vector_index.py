"""The index over a version's vectors: built once scanning them all takes too long, dropped when it serves nobody.

What is due is told from what the database has. So a tending may come twice, late, or after one that was killed
half-way: what such a one leaves behind is invalid, is never read, and is made anew.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from ingestion.models import IndexVersion, Store
from lightfast.database import DjangoConnection

logger = logging.getLogger(__name__)

PREFIX = "ingestion_vector_hnsw_"
NEIGHBORS, BREADTH = 16, 64  # m and ef_construction of the graph
KEPT_SHARE = 0.5  # of the threshold: a few rows more or less do not drop an index that took minutes to build
PATIENCE = timedelta(minutes=15)  # before what failed is tried again
LIMITS = {"statement_timeout": "100min", "lock_timeout": "10min"}  # less than the actor has
ROOM = 400  # bytes of a vector's neighbors while the graph is built, beside two a dimension

INDEXES = """
SELECT substring(c.relname FROM '[0-9]+$')::int, i.indisvalid
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = 'ingestion_vector'::regclass AND c.relname ~ ('^' || %s || '[0-9]+$')
"""
VALID = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)"

# One at a time: builds on one table would wait for each other, and so would their workers.
TAKE_TURN = "SELECT pg_try_advisory_lock(hashtext('lightfast.vector_index'))"

# Serial: parallel workers share their memory by /dev/shm, which containers have little of.
SET_MEMORY = """
SELECT set_config('max_parallel_maintenance_workers', '0', false),
       set_config('maintenance_work_mem', greatest(pg_size_bytes(current_setting('maintenance_work_mem')) / 1024,
                                                   least(%s, %s) / 1024)::text, false)
"""
CREATE = """
CREATE INDEX CONCURRENTLY {name} ON ingestion_vector USING hnsw ((embedding::halfvec({dimensions})) halfvec_ip_ops)
WITH (m = {neighbors}, ef_construction = {breadth}) WHERE version_id = {version}
"""
DROP = "DROP INDEX CONCURRENTLY IF EXISTS {name}"


def index_name(version_id: int) -> str:
    """Name the index of a version."""
    return f"{PREFIX}{version_id}"


def has_index(version: IndexVersion) -> bool:
    """Tell whether searches of a version can go by an index."""
    if not 0 < settings.VECTOR_INDEX_FROM * KEPT_SHARE <= version.chunk_total:
        return False
    with connection.cursor() as cursor:
        cursor.execute(VALID, [index_name(version.pk)])
        row: tuple[bool] | None = cursor.fetchone()
    return row is not None and row[0]


def indexes() -> dict[int, bool]:
    """Return the versions that have an index, and whether it is valid."""
    with connection.cursor() as cursor:
        cursor.execute(INDEXES, [PREFIX])
        return dict(cursor.fetchall())


def large(share: float = 1.0) -> QuerySet[IndexVersion]:
    """Return the versions in use that have as many vectors as an index is for, or a share of that."""
    stores = Store.objects.filter(Q(serving=OuterRef("pk")) | Q(target=OuterRef("pk")))
    least = settings.VECTOR_INDEX_FROM * share
    return (
        IndexVersion.objects.filter(Exists(stores), chunk_total__gte=least)
        if least
        else IndexVersion.objects.none()
    )


def untended() -> list[int]:
    """Return the versions whose index is to be built, built anew or dropped, but for those just tried."""
    there = indexes()
    recently = Q(index_begun_at__gt=timezone.now() - PATIENCE)
    unbuilt = {pk for pk in large().exclude(recently).values_list("pk", flat=True) if not there.get(pk)}
    kept = set(large(KEPT_SHARE).values_list("pk", flat=True))
    return sorted(unbuilt | (there.keys() - kept))


def tend_vector_index(version_id: int) -> None:
    """Build, build anew or drop a version's index, whichever is due; while another is tended, nothing is done."""
    with _turn() as own:
        if own is None:
            return
        valid = indexes().get(version_id)
        if valid is not None and not (valid and large(KEPT_SHARE).filter(pk=version_id).exists()):
            own.execute(DROP.format(name=index_name(version_id)))
            logger.info("The vector index of version %s is dropped.", version_id)
            valid = None
        version = large().filter(pk=version_id).first()
        if valid is None and version is not None:
            _build(own, version)


def _build(own: psycopg.Connection[Any], version: IndexVersion) -> None:
    IndexVersion.objects.filter(pk=version.pk).update(index_begun_at=timezone.now())
    memory = version.chunk_total * (2 * version.dimensions + ROOM)
    own.execute(SET_MEMORY, [memory, settings.VECTOR_INDEX_MEMORY])
    own.execute(
        CREATE.format(
            name=index_name(version.pk),
            dimensions=version.dimensions,
            neighbors=NEIGHBORS,
            breadth=BREADTH,
            version=version.pk,
        )
    )
    logger.info("The vector index of version %s is built.", version.pk)


@contextmanager
def _turn() -> Iterator[psycopg.Connection[Any] | None]:
    """Give a connection outside of any transaction, or None while somebody else has the turn.

    It ends with the block, and the turn with it.
    """
    with DjangoConnection.connect(autocommit=True) as own:
        if own.execute(TAKE_TURN).fetchone() != (True,):
            yield None
            return
        for name, value in LIMITS.items():
            own.execute("SELECT set_config(%s, %s, false)", [name, value])
        yield own
