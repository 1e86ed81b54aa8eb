"""What the legs of a search return."""

from typing import NamedTuple
from uuid import UUID


class Hit(NamedTuple):
    """A chunk that a leg found; scores of different legs cannot be compared."""

    chunk: int
    document: UUID
    score: float


def quoted(term: str) -> str:
    """Quote a term for a tsquery."""
    escaped = term.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
