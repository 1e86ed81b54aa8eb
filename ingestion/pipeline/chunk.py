"""Cutting a text into chunks of whole lines: on syntax, on headings, or on blank lines."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import ceil

from ingestion.pipeline.languages import language_of
from ingestion.pipeline.outline import Mark, headings, symbols

CHUNKER_VERSION = 1
BYTES_PER_TOKEN = 2.8  # of stripped lines; a word-piece tokenizer spends nothing on indentation
LONGEST_PARSED = 600_000  # characters


@dataclass(frozen=True, slots=True)
class Piece:
    """A chunk of a text. Lines are counted from 1, both ends included; `heading` is a symbol or heading path."""

    ordinal: int
    text: str
    first_line: int
    last_line: int
    heading: str
    tokens: int


def estimate_tokens(text: str) -> int:
    """Return about how many tokens an embedding model makes of a text."""
    return ceil(sum(map(_cost, text.split("\n"))) / BYTES_PER_TOKEN)


def chunk(text: str, path: str, *, max_tokens: int) -> list[Piece]:
    """Cut a text into consecutive pieces of at most `max_tokens`, which joined are the text again.

    Lines end with a line feed only, as in every editor's numbering. A definition within the budget is never cut; a
    line beyond it is cut inside.
    """
    if not text.strip():
        return []
    lines = text.splitlines(keepends=True) if text.isascii() and not _ODD.intersection(text) else _lines(text)
    marks = _marks(text, path, lines, max_tokens)
    budget = max_tokens * BYTES_PER_TOKEN
    spent = [0, *accumulate(_cost(line) for line in lines)]
    pieces: list[Piece] = []
    for first, last, heading in _packed(lines, marks, spent, budget):
        if spent[last] - spent[first] > budget and last - first == 1:
            for part in _cut_line(lines[first], budget):
                pieces.append(Piece(len(pieces), part, first + 1, first + 1, heading, estimate_tokens(part)))
        else:
            body = "".join(lines[first:last])
            tokens = ceil((spent[last] - spent[first]) / BYTES_PER_TOKEN)
            pieces.append(Piece(len(pieces), body, first + 1, last, heading, tokens))
    return pieces


_ODD = frozenset("\r\x0b\x0c\x1c\x1d\x1e")  # what splitlines cuts at and we do not


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def _cost(line: str) -> int:
    bare = line.strip()
    return (len(bare) if bare.isascii() else len(bare.encode())) + 1


def _marks(text: str, path: str, lines: Sequence[str], max_tokens: int) -> list[Mark]:
    """Return where a piece may begin, and the heading of what begins there."""
    language = language_of(path, lines[0])
    if language == "markdown":
        return headings(lines)
    if len(text) > LONGEST_PARSED:
        return []
    spent = [0, *accumulate(_cost(line) for line in lines)]
    budget = max_tokens * BYTES_PER_TOKEN
    return symbols(text, language, lambda first, last: spent[min(last, len(lines))] - spent[first] > budget)


def _packed(
    lines: Sequence[str], marks: Sequence[Mark], spent: Sequence[int], budget: float
) -> Iterator[tuple[int, int, str]]:
    """Yield line ranges (first, end, heading): blocks between marks, small neighbors together, large ones cut."""
    starts = sorted({0, *(mark.line for mark in marks if mark.line < len(lines))})
    titles = {mark.line: mark.heading for mark in marks}
    open_first, open_heading = 0, titles.get(0, "")
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        heading = titles.get(start, "")
        if start > open_first and spent[end] - spent[open_first] > budget and not _blank(lines, open_first, start):
            yield from _halves(lines, open_first, start, open_heading, spent, budget)
            open_first, open_heading = start, heading
        open_heading = open_heading or heading
    yield from _halves(lines, open_first, len(lines), open_heading, spent, budget)


def _blank(lines: Sequence[str], first: int, end: int) -> bool:
    return not any(line.strip() for line in lines[first:end])


def _halves(
    lines: Sequence[str], first: int, end: int, heading: str, spent: Sequence[int], budget: float
) -> Iterator[tuple[int, int, str]]:
    """Cut a range that is too large, at a blank line where one is in the second half of what fits."""
    while spent[end] - spent[first] > budget and end - first > 1:
        fits = max(first + 1, bisect_left(spent, spent[first] + budget + 1, first, end + 1) - 1)
        blank = next((i for i in range(fits, (first + fits) // 2, -1) if i < end and not lines[i - 1].strip()), fits)
        cut = blank if not _blank(lines, first, blank) else fits
        while cut < end and _blank(lines, cut, end):
            cut = end
        while cut < end and _blank(lines, first, cut):
            cut += 1
        if cut >= end:
            break
        yield first, cut, heading
        first = cut
    yield first, end, heading


def _cut_line(line: str, budget: float) -> Iterator[str]:
    bytes_per_character = len(line.encode()) / len(line)
    step = max(1, int(budget / bytes_per_character))
    for start in range(0, len(line), step):
        yield line[start : start + step]
