"""A text as bytes and lines, with what every prefix of it costs."""

from bisect import bisect_right
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ingestion.pipeline.chunking.tokens import running_cost

NEWLINE = 10
NO_CUT = 255  # as a penalty: not before this line
# A penalty is a level, the smaller the better, and so many bits for a nuance below it.
LEVEL = 3
# Of cuts between what belongs together; those of lines whose syntax is not known are worse still.
BAD_LEVEL = 27
BAD = BAD_LEVEL << LEVEL
TOP_LEVEL, BLOCK_LEVEL, LINE_LEVEL = 28, 29, 30


class Layout:
    """Lines end with a line feed, as in git and every editor: a carriage return alone ends none."""

    def __init__(self, text: str) -> None:
        self.data = text.encode("utf-8", "surrogatepass")
        buffer = np.frombuffer(self.data, dtype=np.uint8)
        ends = np.flatnonzero(buffer == NEWLINE) + 1
        if not len(ends) or ends[-1] != len(buffer):
            ends = np.append(ends, len(buffer))
        bounds = np.concatenate(([0], ends))
        self.running = running_cost(self.data)
        self.line_costs: npt.NDArray[np.int32] = self.running[bounds]
        self.first_bytes = buffer[bounds[:-1]]
        # Offsets and costs at the beginning of every line, and at the end of the text.
        self.starts: list[int] = bounds.tolist()
        self.costs: list[int] = self.line_costs.tolist()
        self.lines = len(self.starts) - 1

    def line_of(self, offset: int) -> int:
        """Return the number of the line, from 0, that has the byte at `offset`."""
        return min(bisect_right(self.starts, offset), self.lines) - 1

    def cost(self, first: int, end: int) -> int:
        """Return the cost of the lines from `first` up to `end`, which is not counted."""
        return self.costs[end] - self.costs[first]

    def blank(self) -> npt.NDArray[np.bool_]:
        """Tell of every line whether it has ASCII white space only."""
        return np.equal(self.line_costs[1:], self.line_costs[:-1])

    def after_blank(self) -> npt.NDArray[np.bool_]:
        """Tell of every line whether a blank one is before it."""
        return np.concatenate(([False], self.blank()[:-1]))


@dataclass(slots=True)
class Outline:
    """Where a text may be cut, and what its parts are called.

    `penalties` has one for every line, of cutting before it. `sections` are first line, line after the last, and
    path; one inside another comes after it.
    """

    penalties: npt.NDArray[np.uint8]
    sections: list[tuple[int, int, str]] = field(default_factory=list)


def line_penalties(layout: Layout) -> npt.NDArray[np.uint8]:
    """Return penalties that know of blank lines and indentation only: best is a paragraph at the left margin."""
    after_blank = layout.after_blank()
    margin = (layout.first_bytes > 32) & ~np.isin(layout.first_bytes, np.frombuffer(b")]}", dtype=np.uint8))
    penalties = np.full(layout.lines, LINE_LEVEL << LEVEL, dtype=np.uint8)
    penalties[margin] = (BLOCK_LEVEL << LEVEL) + 1
    penalties[after_blank] = BLOCK_LEVEL << LEVEL
    penalties[margin & after_blank] = TOP_LEVEL << LEVEL
    penalties[layout.blank()] = NO_CUT
    return penalties
