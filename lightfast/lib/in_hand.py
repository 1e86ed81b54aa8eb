"""Work in hand, given back when its worker is asked to end and has no time left to finish it."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import dramatiq

logger = logging.getLogger(__name__)

_in_hand: dict[object, Callable[[], None]] = {}


@contextmanager
def in_hand(give_back: Callable[[], None]) -> Iterator[None]:
    """Have `give_back` called if this process has to end in the middle of this; its thread may still be at it then."""
    key = object()
    _in_hand[key] = give_back
    try:
        yield
    finally:
        del _in_hand[key]


class GiveBack(dramatiq.Middleware):
    """Gives back what a worker did not finish: the next one need not wait until a lease has expired."""

    def after_worker_shutdown(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:  # noqa: ARG002
        """Give back all that is in hand."""
        for give_back in list(_in_hand.values()):
            try:
                give_back()
            except Exception:
                logger.warning("Could not give work back; it is taken over later.", exc_info=True)
