"""Exact and regex search: documents that could match by a trigram index, then their lines, one by one.

Documents are read in one statement, best names first where it can be told, until enough match or the time is up.
"""

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from time import perf_counter
from typing import Any
from uuid import UUID

from django.db import connection

from lightfast.lib.errors import UserError
from search.limits import TimeIsUp, time_limit
from search.modes import Mode
from search.patterns import SHORTEST, AllOf, Need, compile_pattern, needs
from search.query import Query
from search.scope import Scope

BUDGET = 1_000  # milliseconds
MOST_DOCUMENTS = 250  # that match; as many as pages of results reach
MOST_LINES = 100  # of a document that are shown
MOST_MATCHES = 2_000  # of a document that are counted
BATCH = 50  # documents read at once

CANDIDATES = """
SELECT d.id, d.key, d.kind, d.language, d.integration_id, d.text
FROM ingestion_document d
WHERE {where} AND {needed}
"""


@dataclass(frozen=True, slots=True)
class LineMatch:
    """A line that matches, from 1, and where in it, as offsets in characters."""

    line: int
    spans: tuple[tuple[int, int], ...]


@dataclass(slots=True)
class Matching:
    """A document with lines that match; `count` are all of them, `lines` the first."""

    document: UUID
    key: str
    kind: str
    language: str
    integration: UUID
    lines: list[LineMatch]
    count: int
    whole_words: int = 0


@dataclass(slots=True)
class Found:
    """Documents that match, best first, and whether all candidates were looked at."""

    documents: list[Matching] = field(default_factory=list)
    looked_at: int = 0
    timed_out: bool = False
    cut: bool = False


def find(scope: Scope, query: Query, mode: Mode, *, budget: int = BUDGET) -> Found:
    """Return documents with lines that have the query's text, or match it as a pattern.

    A text in lower case is found whatever its case in the document. Raises `UserError` for a pattern that is none.
    """
    literal = mode == Mode.EXACT
    text = query.text
    if "\n" in text:
        raise UserError("Lines are looked at one by one: search for a text without a line break.")
    smart = literal and text == text.lower()
    pattern = compile_pattern(text, literal=literal, case_sensitive=not smart)
    need: Need = _literal_need(text) if literal else needs(text)
    end = perf_counter() + budget / 1000
    found = Found()
    try:
        # Closed here: a cursor that is left to the garbage collector fails there, unseen, when its time is up.
        with time_limit(budget), closing(_candidates(scope, need)) as rows:
            for row in rows:
                found.looked_at += 1
                if (matching := _matching(row, pattern)) is not None:
                    found.documents.append(matching)
                if len(found.documents) >= MOST_DOCUMENTS:
                    found.cut = True
                    break
                if perf_counter() > end:
                    found.timed_out = True
                    break
    except TimeIsUp:
        found.timed_out = True
    found.documents.sort(key=lambda m: (-min(m.whole_words, 1), -m.count, m.key, m.document))
    return found


def _literal_need(text: str) -> Need:
    """Return the longest part of a line of ASCII that has to be there."""
    runs = "".join(c if " " <= c <= "~" else "\n" for c in text).split("\n")
    kept = tuple(run for run in runs if len(run) >= SHORTEST)
    return kept[0] if len(kept) == 1 else AllOf(kept)


def _candidates(scope: Scope, need: Need) -> Generator[tuple[Any, ...], None, None]:
    values = scope.values
    needed = _sql(need, values)
    statement = CANDIDATES.format(where=scope.where, needed=needed)
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, values)
        while rows := cursor.fetchmany(BATCH):
            yield from rows


def _sql(need: Need, values: dict[str, Any]) -> str:
    """Return the condition on a document's text that a need makes; its parameters are added to `values`."""
    if isinstance(need, str):
        name = f"needed{len(values)}"
        escaped = need.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        values[name] = f"%{escaped}%"
        return f"d.text ILIKE %({name})s"
    if not need.parts:
        return "true"
    word = " AND " if isinstance(need, AllOf) else " OR "
    return f"({word.join(_sql(part, values) for part in need.parts)})"


def _matching(row: Sequence[Any], pattern: Any) -> Matching | None:
    document, key, kind, language, integration, text = row
    lines: dict[int, list[tuple[int, int]]] = {}
    line, start, whole = 1, 0, 0
    for match in islice(pattern.finditer(text), MOST_MATCHES):
        first, last = match.span()
        line += text.count("\n", start, first)
        start = first
        begin = text.rfind("\n", 0, first) + 1
        if last > first or not lines.get(line):
            lines.setdefault(line, []).append((first - begin, last - begin))
        whole += _is_whole(text, first, last)
    if not lines:
        return None
    shown = [LineMatch(number, tuple(spans)) for number, spans in list(lines.items())[:MOST_LINES]]
    return Matching(document, key, kind, language, integration, shown, len(lines), whole)


def _is_whole(text: str, first: int, last: int) -> bool:
    before, after = text[first - 1 : first], text[last : last + 1]
    return not (before.isalnum() or before == "_" or after.isalnum() or after == "_")
