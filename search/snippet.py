"""The lines of a chunk to show, and what to mark in them."""

from collections.abc import Collection
from dataclasses import dataclass

from ingestion.pipeline.lexemes import spans

LINES = 10
LONGEST_LINE = 300  # characters


@dataclass(frozen=True, slots=True)
class Snippet:
    """Consecutive lines; highlights are (start, end) offsets into the text."""

    text: str
    first_line: int
    last_line: int
    highlights: list[tuple[int, int]]


def snippet(text: str, first_line: int, terms: Collection[str]) -> Snippet:
    """Return the window of lines with most of the query's distinct terms, the earliest of equals."""
    wanted = frozenset(terms)
    lines = [line.rstrip("\r")[:LONGEST_LINE] for line in text.rstrip("\n").split("\n")]
    found = [_found_in(line, wanted) for line in lines]
    starts = range(max(1, len(lines) - LINES + 1))
    best = max(starts, key=lambda start: (len(set().union(*found[start : start + LINES])), -start))
    shown = lines[best : best + LINES]
    body = "\n".join(shown)
    return Snippet(body, first_line + best, first_line + best + len(shown) - 1, highlights(body, wanted))


def highlights(text: str, terms: Collection[str]) -> list[tuple[int, int]]:
    """Return where the words stand that have one of the terms."""
    wanted = frozenset(terms)
    return [(start, end) for start, end, found in spans(text) if not wanted.isdisjoint(found)]


def _found_in(line: str, wanted: frozenset[str]) -> set[str]:
    return {term for _, _, found in spans(line) for term in found if term in wanted}
