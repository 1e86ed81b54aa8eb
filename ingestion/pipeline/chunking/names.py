"""Paths of headings and symbols."""

from collections.abc import Iterable

MAX_NAME = 80  # characters
MAX_DEPTH = 5


def shorten(name: str) -> str:
    """Put a name on one line of at most 80 characters."""
    name = " ".join(name.split())
    return name if len(name) <= MAX_NAME else f"{name[: MAX_NAME - 1]}…"


def join(names: Iterable[str]) -> str:
    """Write a path; of a very deep one, its beginning and its last parts."""
    parts = list(names)
    if len(parts) > MAX_DEPTH:
        parts = [parts[0], "…", *parts[2 - MAX_DEPTH :]]
    return " > ".join(parts)
