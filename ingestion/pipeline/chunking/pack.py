"""Packing lines into pieces: as full as the budget allows, cut where it hurts least."""

from bisect import bisect_left, bisect_right

import numpy as np

from ingestion.pipeline.chunking.layout import BAD, LEVEL, NO_CUT, Layout, Outline, line_penalties

# Shares of the budget. A piece is at least LEAST full if it can be; SMALL, or else anything, if that saves a bad cut;
# from GOOD on, a nuance decides where to cut, and before that only a better level does; what is left at the end is no
# smaller than REST if that can be.
SMALL, LEAST, GOOD, REST = 0.1, 1 / 3, 0.6, 0.2
SEPARATORS = (b" ", b",", b";", b">", b"}", b")")


def pack(layout: Layout, outline: Outline, budget: int) -> list[tuple[int, int]]:
    """Return the byte ranges of the pieces, in order and without gaps; none costs more than `budget`."""
    cuts = _cuts(layout, outline, budget)
    offsets = [layout.starts[line] for line in cuts]
    costs = [layout.costs[line] for line in cuts]
    penalties = outline.penalties[cuts[:-1]].tobytes() + b"\0"
    pieces: list[tuple[int, int]] = []
    here, end = 0, len(cuts) - 1
    while here < end:
        cut = _choose(costs, penalties, here, budget) if costs[end] - costs[here] > budget else end
        if cut > here:
            _add(pieces, offsets[here], offsets[cut], layout, budget)
        else:
            cut = here + 1
            pieces.extend(_split_line(layout, offsets[here], offsets[cut], budget))
        here = cut
    return pieces


def _add(pieces: list[tuple[int, int]], start: int, end: int, layout: Layout, budget: int) -> None:
    """Add a piece, to the one before if it is small and both fit the budget."""
    running = layout.running
    small = running[end] - running[start] < budget * SMALL
    if small and pieces and running[end] - running[pieces[-1][0]] <= budget:
        start, _ = pieces.pop()
    pieces.append((start, end))


def _cuts(layout: Layout, outline: Outline, budget: int) -> list[int]:
    """Return the lines to cut before, with the first and the end; what is between two fits or is one line."""
    penalties = outline.penalties
    penalties[layout.blank()] = NO_CUT
    # Not before the first thing there is: what would come of it is a piece of white space.
    penalties[layout.line_costs[:-1] == 0] = NO_CUT
    bounds = np.concatenate(([0], np.flatnonzero(penalties != NO_CUT), [layout.lines]))
    too_large = np.flatnonzero(np.diff(layout.line_costs[bounds]) > budget)
    if len(too_large):
        by_lines = line_penalties(layout)
        by_lines[layout.line_costs[:-1] == 0] = NO_CUT
        for gap in too_large.tolist():
            inside = slice(bounds[gap] + 1, bounds[gap + 1])
            penalties[inside] = by_lines[inside]
    cuts: list[int] = np.flatnonzero(penalties != NO_CUT).tolist()
    return [0, *cuts, layout.lines]


def _choose(costs: list[int], penalties: bytes, here: int, budget: int) -> int:
    """Return the cut to end the piece at that begins at `here`; `here` itself when not even one line fits."""
    base = costs[here]
    last = bisect_right(costs, base + budget, here + 1) - 1
    least = bisect_left(costs, base + budget * LEAST, here + 1, last + 1)
    if _best(penalties, least, last) >= BAD:
        small = bisect_left(costs, base + budget * SMALL, here + 1, last + 1)
        least = next(
            (first for first in (small, here + 1) if _best(penalties, first, least - 1) < BAD), least
        )
    if least > last:
        return last
    level = _best(penalties, least, last) >> LEVEL
    # Where the part that is being cut ends soon after, the rest of it should not be tiny.
    soon = bisect_left(costs, base + budget * (1 + REST), last + 1)
    for cut in range(last + 1, soon):
        if penalties[cut] >> LEVEL < level:
            last = max(least, bisect_right(costs, costs[cut] - budget * REST, least, last + 1) - 1)
            level = _best(penalties, least, last) >> LEVEL
            break
    good = bisect_left(costs, base + budget * GOOD, least, last + 1)
    first = good if _best(penalties, good, last) >> LEVEL == level else least
    return penalties.rindex(_best(penalties, first, last), first, last + 1)


def _best(penalties: bytes, first: int, last: int) -> int:
    return min(penalties[first : last + 1], default=NO_CUT)


def _split_line(layout: Layout, start: int, end: int, budget: int) -> list[tuple[int, int]]:
    """Split one line that is longer than the budget, after a separator where one is near; white space stays behind.

    Continuation bytes and white space cost nothing, so the last prefix of a cost ends with a whole character.
    """
    running, data = layout.running, layout.data
    pieces = []
    while running[end] - running[start] > budget:
        stop = int(np.searchsorted(running, running[start] + budget, side="right")) - 1
        near = int(np.searchsorted(running, running[start] + int(budget * GOOD)))
        separator = max(data.rfind(mark, near, stop) for mark in SEPARATORS)
        if separator >= 0:
            stop = int(np.searchsorted(running, running[separator + 1], side="right")) - 1
        pieces.append((start, stop))
        start = stop
    pieces.append((start, end))
    return pieces
