"""Waking an actor that looks for its work itself: a hundred calls within a moment are one message."""

import threading
from time import monotonic

from django.db import transaction

from ingestion import wake

PAUSE = 0.05  # seconds between two messages of a process


class Bell:
    """Wakes one actor. What rings soon after a message is one more message, a moment later: none goes unheard."""

    def __init__(self, actor: str) -> None:
        self._actor = actor
        self._lock = threading.Lock()
        self._sending = threading.Lock()
        self._held: threading.Timer | None = None
        self._sent_at = float("-inf")

    def ring(self) -> None:
        """Wake the actor once the transaction has committed."""
        transaction.on_commit(self._ring, robust=True)

    def flush(self) -> None:
        """Send what is held back; once this returns, it is sent, by whomever."""
        with self._sending:
            with self._lock:
                if self._held is None:
                    return
                self._held.cancel()
                self._held, self._sent_at = None, monotonic()
            wake.send(self._actor)

    def _ring(self) -> None:
        with self._lock:
            if self._held is not None:
                return
            now = monotonic()
            if (wait := self._sent_at + PAUSE - now) > 0:
                self._held = threading.Timer(wait, self.flush)
                self._held.daemon = True
                self._held.start()
                return
            self._sent_at = now
        wake.send(self._actor)


deliveries = Bell("process_deliveries")
