"""What an examination of an installation finds."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact; `hint` says what to do about it."""

    level: Level
    what: str
    hint: str = ""


Exam = Callable[[], Iterable[Finding]]


def ok(what: str) -> Finding:
    """Return a finding that needs nothing."""
    return Finding(Level.OK, what)


def warning(what: str, hint: str) -> Finding:
    """Return a finding that somebody should see to."""
    return Finding(Level.WARNING, what, hint)


def error(what: str, hint: str) -> Finding:
    """Return a finding that keeps something from working."""
    return Finding(Level.ERROR, what, hint)
