"""A place for secrets that end: tokens that several processes may share."""

from datetime import datetime
from typing import Protocol

from django.utils import timezone


class Vault(Protocol):
    """Keeps values by name until they expire."""

    def get(self, name: str) -> str | None:
        """Return a value that has not expired."""
        ...

    def put(self, name: str, value: str, expires_at: datetime) -> None:
        """Keep a value, in place of the one that had the name."""
        ...

    def drop(self, name: str) -> None:
        """Forget a value."""
        ...


class MemoryVault:
    """A vault of this process alone."""

    def __init__(self) -> None:
        self._values: dict[str, tuple[str, datetime]] = {}

    def get(self, name: str) -> str | None:
        """Return a value that has not expired."""
        value, expires_at = self._values.get(name, ("", timezone.now()))
        return value if expires_at > timezone.now() else None

    def put(self, name: str, value: str, expires_at: datetime) -> None:
        """Keep a value, in place of the one that had the name."""
        self._values[name] = value, expires_at

    def drop(self, name: str) -> None:
        """Forget a value."""
        self._values.pop(name, None)
