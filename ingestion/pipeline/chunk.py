"""Cutting a document's text into chunks."""

from bisect import bisect_right
from dataclasses import dataclass

import numpy as np

from ingestion.pipeline.chunking.grammars import grammar_of, parse
from ingestion.pipeline.chunking.layout import Layout, Outline, line_penalties
from ingestion.pipeline.chunking.markdown import outline_markdown
from ingestion.pipeline.chunking.pack import pack
from ingestion.pipeline.chunking.syntax import MAX_LINE_AVERAGE, MAX_SYNTAX_BYTES, outline_syntax
from ingestion.pipeline.chunking.tokens import SCALE, tokens
from ingestion.pipeline.languages import language_of

CHUNKER_VERSION = 1  # raise it with every change that cuts or names any text differently
MIN_TOKENS = 8
OUTSIDE_WEIGHT = 1 / 4  # of a line that no section has, against one that some has, in naming a piece


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text. Lines are counted from 1, and both are in it; `tokens` is an estimate."""

    ordinal: int
    text: str
    first_line: int
    last_line: int
    heading: str
    tokens: int


def chunk(text: str, path: str, *, max_tokens: int) -> list[Piece]:
    """Cut `text` into pieces of whole lines that together are exactly `text`, none estimated over `max_tokens`.

    On syntax for the languages we have a grammar of, on headings for Markdown, on blank lines and indentation for all
    else. A line longer than a piece may be is cut inside. White space costs nothing, and is never a piece of its own
    unless there is nothing else. `heading` is where most of the piece belongs: "class Foo > def bar", or
    "Install > Linux".
    """
    if max_tokens < MIN_TOKENS:
        raise ValueError(f"max_tokens must be at least {MIN_TOKENS}, not {max_tokens}.")
    if not text:
        return []
    layout = Layout(text)
    budget = max_tokens * SCALE
    outline = _outline(layout, text, path, budget)
    ranges = pack(layout, outline, budget)
    headings = _headings(layout, outline, ranges)
    running, ascii_only = layout.running, len(layout.data) == len(text)
    return [
        Piece(
            ordinal=ordinal,
            text=text[start:end] if ascii_only else layout.data[start:end].decode("utf-8", "surrogatepass"),
            first_line=layout.line_of(start) + 1,
            last_line=layout.line_of(end - 1) + 1,
            heading=heading,
            tokens=tokens(int(running[end] - running[start])),
        )
        for ordinal, ((start, end), heading) in enumerate(zip(ranges, headings, strict=True))
    ]


def _outline(layout: Layout, text: str, path: str, budget: int) -> Outline:
    language = language_of(path, text[:200].partition("\n")[0])
    if language == "markdown":
        return outline_markdown(layout)
    grammar = grammar_of(language, path, layout.data)
    size = len(layout.data)
    if grammar and size <= MAX_SYNTAX_BYTES and size <= MAX_LINE_AVERAGE * layout.lines:
        tree = parse(layout.data, grammar)
        if tree is not None:
            return outline_syntax(layout, tree, grammar, budget)
    return Outline(line_penalties(layout))


def _headings(layout: Layout, outline: Outline, ranges: list[tuple[int, int]]) -> list[str]:
    """Name every piece after the section that most of it belongs to, counting a line to its innermost section."""
    if not outline.sections:
        return [""] * len(ranges)
    owners = np.zeros(layout.lines, dtype=np.int32)
    for number, (first, end, _) in enumerate(outline.sections, start=1):
        owners[first:end] = number
    names = ["", *(path for _, _, path in outline.sections)]
    runs: list[int] = [0, *(np.flatnonzero(np.diff(owners)) + 1).tolist()]
    owner_of: list[int] = owners[runs].tolist()
    runs.append(layout.lines)
    headings = []
    for start, end in ranges:
        first, last = layout.line_of(start), layout.line_of(end - 1)
        shares: dict[str, float] = {}
        run = bisect_right(runs, first) - 1
        while run < len(owner_of) and runs[run] <= last:
            cost = layout.cost(max(runs[run], first), min(runs[run + 1], last + 1))
            name = names[owner_of[run]]
            shares[name] = shares.get(name, 0) + (cost if name else cost * OUTSIDE_WEIGHT)
            run += 1
        headings.append(max(shares, key=lambda name: shares[name]))
    return headings
