"""Waking workers: the work itself stands in tables, so a lost message is late, never lost."""

import logging
from functools import partial
from uuid import UUID

import dramatiq
from django.db import transaction

logger = logging.getLogger(__name__)


def wake(actor: str, row_id: UUID, *, delay: float = 0) -> None:
    """Send the row's id to an actor once the transaction has committed; `delay` is in seconds."""
    transaction.on_commit(partial(_send, actor, row_id, delay), robust=True)


def _send(actor: str, row_id: UUID, delay: float) -> None:
    try:
        message = dramatiq.get_broker().get_actor(actor).message(str(row_id))
        # Whole milliseconds are cut off here and in the queue; who comes before the time finds nothing to do.
        dramatiq.get_broker().enqueue(message, delay=int(delay * 1000) + 2 if delay > 0 else None)
    except Exception:
        logger.warning("Could not wake %s for %s; the sweep will.", actor, row_id, exc_info=True)
