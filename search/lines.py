"""Showing lines that match exactly, each with the lines around it."""

from collections.abc import Iterable, Iterator, Sequence

from search.exact import LineMatch
from search.snippet import LONGEST_LINE, Snippet

CONTEXT = 2  # lines before and after
MOST_LINES = 5  # that match, shown together


def groups(matches: Iterable[LineMatch]) -> Iterator[list[LineMatch]]:
    """Put lines together whose surroundings touch, a few at most."""
    group: list[LineMatch] = []
    for match in matches:
        if group and (match.line - group[-1].line > 2 * CONTEXT or len(group) == MOST_LINES):
            yield group
            group = []
        group.append(match)
    if group:
        yield group


def line_snippet(lines: Sequence[str], group: Sequence[LineMatch]) -> Snippet:
    """Return a group's lines with those around them; what matches is marked."""
    first = max(1, group[0].line - CONTEXT)
    last = min(len(lines), group[-1].line + CONTEXT)
    shown = [line.rstrip("\r")[:LONGEST_LINE] for line in lines[first - 1 : last]]
    starts = [0]
    for line in shown:
        starts.append(starts[-1] + len(line) + 1)
    marks = []
    for match in group:
        row = match.line - first
        width = len(shown[row])
        marks += [
            (starts[row] + min(start, width), starts[row] + min(end, width))
            for start, end in match.spans
            if start < width
        ]
    return Snippet("\n".join(shown), first, last, marks)
