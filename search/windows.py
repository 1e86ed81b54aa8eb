"""A long text, some lines at a time, each in color."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.utils.safestring import SafeString

from search.coloring import Span, colored

LINES = 500  # of a window
CHARACTERS = 60_000  # of a window, more or less: the first line is always shown
LONGEST_LINE = 5_000  # characters that are shown of one line
LEAD = 150  # lines before a window that are read for its colors: a comment or a text may have begun in them
ABOVE = 30  # lines shown before the ones that were asked for

Lines = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Line:
    """A numbered line; `cut` is how many characters of it are not shown."""

    number: int
    html: SafeString
    chosen: bool = False
    cut: int = 0


@dataclass(frozen=True, slots=True)
class Window:
    """Consecutive lines of a text of `total` lines."""

    lines: list[Line]
    total: int

    @property
    def first(self) -> int:
        """The number of the first line."""
        return self.lines[0].number

    @property
    def last(self) -> int:
        """The number of the last line."""
        return self.lines[-1].number

    @property
    def next(self) -> int | None:
        """Where the next window begins."""
        return self.last + 1 if self.last < self.total else None

    @property
    def previous(self) -> int | None:
        """Where the window before this one begins."""
        return max(1, self.first - LINES) if self.first > 1 else None


def split_lines(text: str) -> list[str]:
    """Return a text's lines as everywhere: they end with a line feed, and a last empty one is none."""
    lines = text.replace("\r\n", "\n").split("\n")
    return lines[:-1] if len(lines) > 1 and not lines[-1] else lines


def window_around(lines: Sequence[str], language: str, chosen: Lines | None) -> Window:
    """Return the window that shows the `chosen` lines: the first one if they are in it."""
    first = chosen[0] if chosen else 1
    window = window_at(lines, language, 1, chosen=chosen)
    return window if first <= window.last else window_at(lines, language, first - ABOVE, chosen=chosen)


def window_at(
    lines: Sequence[str], language: str, first: int, *, last: int | None = None, chosen: Lines | None = None
) -> Window:
    """Return the window that begins at line `first` and ends at `last` at the latest."""
    start = min(max(first, 1), len(lines)) - 1
    end, size = start, 0
    until = min(len(lines), start + LINES, max(last or len(lines), start + 1))
    while end < until and (end == start or size < CHARACTERS):
        size += min(len(lines[end]), LONGEST_LINE)
        end += 1
    lead = max(0, start - LEAD)
    shown = [line[:LONGEST_LINE] for line in lines[lead:end]]
    html = colored("\n".join(shown), language)[start - lead :]
    low, high = chosen or (0, 0)
    return Window(
        [
            Line(number, line, low <= number <= high, max(0, len(lines[number - 1]) - LONGEST_LINE))
            for number, line in enumerate(html, start + 1)
        ],
        len(lines),
    )


def numbered(text: str, language: str, first: int, marks: Sequence[Span]) -> list[Line]:
    """Return the lines of a snippet that begins at line `first`, with words marked."""
    return [Line(number, html) for number, html in enumerate(_kept(text, language, tuple(marks)), first)]


@lru_cache(
    maxsize=2_000
)  # some megabytes; each letter that somebody types finds much the same as the one before
def _kept(text: str, language: str, marks: tuple[Span, ...]) -> list[SafeString]:
    return colored(text, language, marks)
