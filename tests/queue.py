"""The queue in Postgres, as tests use it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import dramatiq
from django.db import connection

from ingestion.bell import deliveries

Drain = Callable[..., None]

_FAILED = "state = 'rejected'"
_OPEN = "state IN ('queued', 'consumed')"
_DUE = "state = 'consumed' OR (state = 'queued' AND available_at <= now())"


@contextmanager
def running_worker() -> Iterator[None]:
    """Run a worker in threads of this process."""
    broker = dramatiq.get_broker()
    before = list(broker.middleware)
    worker = dramatiq.Worker(broker, worker_timeout=50, worker_threads=2)
    worker.start()
    try:
        yield
    finally:
        worker.stop()
        # A worker leaves a hook there that starts its threads anew with the next queue that is declared.
        broker.middleware[:] = before


def drain(seconds: float = 60, *, delayed: bool = False, failures: bool = False) -> None:
    """Wait until no message is due (`delayed`: until there is none at all).

    Fails with the traceback of the first actor that raised, unless `failures` are expected.
    """
    deliveries.flush()
    deadline = time.monotonic() + seconds
    while _count(_OPEN if delayed else _DUE):
        assert time.monotonic() < deadline, f"the queue is not empty after {seconds} seconds"
        time.sleep(0.02)
    if not failures:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT message #>> '{{options,traceback}}' FROM dramatiq.queue WHERE {_FAILED}")
            rejected = cursor.fetchall()
        assert not rejected, rejected[0][0]


def empty() -> None:
    """Forget every message."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM dramatiq.queue")


def _count(condition: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM dramatiq.queue WHERE {condition}")
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])
