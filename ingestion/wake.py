"""Waking workers: the work itself stands in tables, so a lost message is late, never lost."""

import logging
from functools import partial
from uuid import UUID

import dramatiq
from django.db import transaction

logger = logging.getLogger(__name__)


def wake(actor: str, row_id: UUID | int, *, delay: float = 0) -> None:
    """Send the row's id to an actor once the transaction has committed; `delay` is in seconds."""
    transaction.on_commit(partial(send, actor, str(row_id), delay=delay), robust=True)


def send(actor: str, *arguments: str, delay: float = 0) -> None:
    """Send a message now; one that cannot be sent is logged, and no harm."""
    try:
        message = dramatiq.get_broker().get_actor(actor).message(*arguments)
        # Whole milliseconds are cut off here and in the queue; who comes before the time finds nothing to do.
        dramatiq.get_broker().enqueue(message, delay=int(delay * 1000) + 2 if delay > 0 else None)
    except Exception:
        logger.warning("Could not wake %s for %s; the sweep will.", actor, arguments, exc_info=True)
