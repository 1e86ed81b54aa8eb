"""Exact and regex search: documents that could match by a trigram index, then those of them that do.

Documents are read in one statement, best names first where it can be told, until enough match or the time is up. Where
in a line it matches, is told of those documents only that are shown (`lines_of`).
"""

import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from time import perf_counter
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection

from lightfast.lib.errors import UserError
from search.limits import TimeIsUp, limit_statement, time_limit
from search.modes import Mode
from search.patterns import SHORTEST, AllOf, Need, compile_pattern, needs
from search.query import Query
from search.scope import Scope

MOST_DOCUMENTS = 250  # that match; as many as pages of results reach
MOST_MATCHES = 2_000  # of a document that are looked at
CONTINUATIONS = bytes(range(0x80, 0xC0))  # of a character in UTF-8, after its first byte
BATCH = 50  # documents read at once, after the first few: those are there to be shown before the time is up
ANY_CASE = re.compile(r"\(\?[a-zA-Z]*i")  # in a pattern; what only looks like a flag costs no more than time

CANDIDATES = """
SELECT d.id, d.key, d.kind, d.language, d.integration_id, d.text
FROM ingestion_document d
WHERE {where} AND {needed}
"""

# The planner does not know that a text has to be unpacked to be read: to it, reading all documents is cheap, the more
# so as a cursor might not want the last row.
BY_INDEX = """
SELECT set_config('cursor_tuple_fraction', '1', true), set_config('enable_seqscan', %s, true)
"""


@dataclass(frozen=True, slots=True)
class LineMatch:
    """A line that matches, from 1, and where in it, as offsets in characters."""

    line: int
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Matching:
    """A document with lines that match, and how many there are; `whole` if one of them has it as a whole word."""

    document: UUID
    key: str
    kind: str
    language: str
    integration: UUID
    count: int
    whole: bool


@dataclass(slots=True)
class Found:
    """Documents that match, best first, and whether all candidates were looked at."""

    pattern: Any
    documents: list[Matching] = field(default_factory=list)
    looked_at: int = 0
    timed_out: bool = False
    cut: bool = False


def find(scope: Scope, query: Query, mode: Mode) -> Found:
    """Return documents with lines that have the query's text, or match it as a pattern.

    A text in lower case is found whatever its case in the document. Raises `UserError` for a pattern that is none.
    """
    literal = mode == Mode.EXACT
    text = query.text
    if "\n" in text:
        raise UserError("Lines are looked at one by one: search for a text without a line break.")
    # A pattern says by itself where case does not matter.
    any_case = text == text.lower() != text.upper() if literal else bool(ANY_CASE.search(text))
    found = Found(compile_pattern(text, literal=literal, case_sensitive=not (literal and any_case)))
    need: Need = _literal_need(text) if literal else needs(text)
    end = perf_counter() + settings.LINE_SEARCH_BUDGET / 1000
    try:
        # Closed here: a cursor that is left to the garbage collector fails there, unseen, when its time is up.
        with (
            time_limit(settings.LINE_SEARCH_BUDGET),
            closing(_candidates(scope, need, any_case=any_case, end=end)) as rows,
        ):
            for row in rows:
                found.looked_at += 1
                if (matching := _matching(row, found.pattern)) is not None:
                    found.documents.append(matching)
                if len(found.documents) >= MOST_DOCUMENTS:
                    found.cut = True
                    break
                if perf_counter() > end:
                    found.timed_out = True
                    break
    except TimeIsUp:
        found.timed_out = True
    found.documents.sort(key=lambda m: (not m.whole, -m.count, m.key, m.document))
    return found


def lines_of(text: str, pattern: Any) -> Iterator[LineMatch]:
    """Find the lines of a text that match, and where in them; who needs but a few stops there."""
    data = text.encode()  # see `_matching`
    line, begin, end = 1, 0, -1
    spans: list[tuple[int, int]] = []
    at = column = 0  # bytes and characters, told of the line so far
    for match in islice(pattern.finditer(data), MOST_MATCHES):
        first, last = match.span()
        if first == len(data) and data.endswith(b"\n"):  # after the last line
            break
        if first > end:  # in another line
            if spans:
                yield LineMatch(line, tuple(spans))
            line += data.count(b"\n", begin, first)
            begin = at = data.rfind(b"\n", 0, first) + 1
            end = data.find(b"\n", first)
            end = len(data) if end < 0 else end
            spans, column = [], 0
        if last > first or not spans:
            start = column + _characters(data[at:first])
            at, column = last, start + _characters(data[first:last])
            spans.append((start, column))
    if spans:
        yield LineMatch(line, tuple(spans))


def _characters(data: bytes) -> int:
    """Count the characters that begin here: a pattern may match bytes, and cut one."""
    return len(data.translate(None, CONTINUATIONS))


def _literal_need(text: str) -> Need:
    """Return the longest part of a line of ASCII that has to be there."""
    runs = "".join(c if " " <= c <= "~" else "\n" for c in text).split("\n")
    kept = tuple(run for run in runs if len(run) >= SHORTEST)
    return kept[0] if len(kept) == 1 else AllOf(kept)


def _candidates(
    scope: Scope, need: Need, *, any_case: bool, end: float
) -> Generator[tuple[Any, ...], None, None]:
    values = scope.values
    needed = _sql(need, values, "ILIKE" if any_case else "LIKE")
    statement = CANDIDATES.format(where=scope.where, needed=needed)
    with connection.cursor() as cursor:
        cursor.execute(BY_INDEX, ["on" if needed == "true" else "off"])
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, values)
        batch = 1
        while rows := cursor.fetchmany(batch):
            yield from rows
            limit_statement((end - perf_counter()) * 1000)
            batch = min(2 * batch, BATCH)


def _sql(need: Need, values: dict[str, Any], operator: str) -> str:
    """Return the condition on a document's text that a need makes; its parameters are added to `values`."""
    if isinstance(need, str):
        name = f"needed{len(values)}"
        escaped = need.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        values[name] = f"%{escaped}%"
        return f"d.text {operator} %({name})s"
    if not need.parts:
        return "true"
    word = " AND " if isinstance(need, AllOf) else " OR "
    return f"({word.join(_sql(part, values, operator) for part in need.parts)})"


def _matching(row: Sequence[Any], pattern: Any) -> Matching | None:
    document, key, kind, language, integration, text = row
    # Bytes: of a text, each match would have its offsets counted in characters, which nobody asks for here.
    data, at, end = text.encode(), 0, -1
    count, whole = 0, False
    for _ in range(MOST_MATCHES):
        match = pattern.search(data, at)
        if match is None:
            break
        first, last = match.span()
        if first == len(data) and data.endswith(b"\n"):  # after the last line
            break
        if first > end:  # in another line
            count += 1
            end = data.find(b"\n", first)
            end = len(data) if end < 0 else end
        whole = whole or not (_is_word(data[max(first - 1, 0) : first]) or _is_word(data[last : last + 1]))
        at = end + 1 if whole else max(last, first + 1)
        if at > len(data):
            break
    return Matching(document, key, kind, language, integration, count, whole) if count else None


def _is_word(character: bytes) -> bool:
    return character.isalnum() or character == b"_" or character > b"\x7f"
