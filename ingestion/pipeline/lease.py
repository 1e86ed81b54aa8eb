"""Leases on work: short, so that a dead worker's is taken over soon, and renewed where a living one takes long."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from time import monotonic

from django.conf import settings
from django.db import Error, connection
from django.db.models.expressions import CombinedExpression

from ingestion.models import Run, RunState
from lightfast.lib.clock import shared_time_after

logger = logging.getLogger(__name__)

LONGEST = 7_200  # seconds that planning may take, as its actor's time limit


def lease_end() -> CombinedExpression:
    """Return until when a lease holds that is taken or renewed now."""
    return shared_time_after(timedelta(seconds=settings.LEASE_SECONDS))


@contextmanager
def kept(run: Run) -> Iterator[None]:
    """Renew the lease on a run that is being planned: its source may take an hour to answer."""
    done = Event()
    thread = Thread(target=_renew, args=(run, done), name=f"lease of run {run.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _renew(run: Run, done: Event) -> None:
    mine = Run.objects.filter(pk=run.pk, state=RunState.RUNNING, attempts=run.attempts, planned_at=None)
    latest = monotonic() + LONGEST
    while monotonic() < latest and not done.wait(settings.LEASE_SECONDS / 3):
        try:
            mine.update(lease_expires_at=lease_end())
        except Error:
            logger.warning("Could not renew the lease of run %s; it is tried again.", run.pk, exc_info=True)
        finally:
            connection.close()
