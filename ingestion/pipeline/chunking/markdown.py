"""Outlining Markdown by its headings."""

import re
from collections.abc import Iterator

import numpy as np

from ingestion.pipeline.chunking.layout import LEVEL, NO_CUT, Layout, Outline
from ingestion.pipeline.chunking.names import join, shorten

# The lines that matter: ATX headings, underlines of setext headings, and code fences.
MARKER = re.compile(
    rb"^ {0,3}(?:(?P<atx>#{1,6})(?=[ \t\r\n]|\Z)(?P<title>[^\r\n]*)|(?P<under>=+|-+)[ \t]*(?=[\r\n]|\Z)"
    rb"|(?P<fence>`{3,}|~{3,})(?P<info>[^\r\n]*))",
    re.MULTILINE,
)
CLOSING_HASHES = re.compile(r"(?:^|[ \t])#+[ \t]*$")
MARKUP = re.compile(r"!?\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])|<[^>]*>|\{#[^}]*\}|[`*]+")
# What may not stand above an underline: these lines are no paragraph.
NO_PARAGRAPH = re.compile(rb"[ \t]*(?:[#>|]|[-+*][ \t]|\d+[.)][ \t]|[-=*_ \t]+\r?$)|(?: {4}|\t)|[ \t]*\r?$")
FRONT_MATTER = re.compile(rb"---[ \t]*\r?\n(?:.*\n)*?(?:---|\.\.\.)[ \t]*(?=[\r\n]|\Z)")

# Penalties beside the levels 1 to 6 of headings.
PARAGRAPH, LINE, CODE_BLOCK, CODE_LINE = 10, 12, 13, 14


def outline_markdown(layout: Layout) -> Outline:
    """Prefer cuts before headings, the larger the better, then between paragraphs, then lines, at last in code."""
    penalties = np.full(layout.lines, LINE << LEVEL, dtype=np.uint8)
    after_blank = layout.after_blank()
    penalties[after_blank] = PARAGRAPH << LEVEL
    headings: list[tuple[int, int, str]] = []
    for first, end, level, title in _blocks(layout):
        if level:
            penalties[first] = level << LEVEL
            penalties[first + 1 : end] = NO_CUT
            headings.append((first, level, title))
        else:
            inside = slice(first + 1, end)
            penalties[inside] = np.where(after_blank[inside], CODE_BLOCK << LEVEL, CODE_LINE << LEVEL)
    return Outline(penalties, list(_sections(headings, layout.lines)))


def _blocks(layout: Layout) -> Iterator[tuple[int, int, int, str]]:
    """Yield first line, line after the last, level and title of headings, and fenced code with level 0."""
    data = layout.data
    front = FRONT_MATTER.match(data)
    position = front.end() if front else 0
    opened, fence = 0, b""
    for match in MARKER.finditer(data, position):
        line = layout.line_of(match.start())
        if mark := match["fence"]:
            if not fence and not (mark[:1] == b"`" and b"`" in match["info"]):
                opened, fence = line, mark
            elif fence and mark.startswith(fence) and not match["info"].strip():
                yield opened, line + 1, 0, ""
                fence = b""
        elif fence:
            continue
        elif atx := match["atx"]:
            title = CLOSING_HASHES.sub("", match["title"].decode("utf-8", "replace"))
            yield line, line + 1, len(atx), _clean(title)
        elif line and layout.starts[line - 1] >= position:
            above = data[layout.starts[line - 1] : layout.starts[line]].rstrip(b"\n")
            if not NO_PARAGRAPH.match(above):
                level = 1 if match["under"].startswith(b"=") else 2
                yield line - 1, line + 1, level, _clean(above.decode("utf-8", "replace"))
    if fence:
        yield opened, layout.lines, 0, ""


def _sections(headings: list[tuple[int, int, str]], lines: int) -> Iterator[tuple[int, int, str]]:
    """Yield every heading's lines, up to the next, and the titles that lead to it."""
    above: list[tuple[int, str]] = []
    for number, (first, level, title) in enumerate(headings):
        above = [(outer, name) for outer, name in above if outer < level]
        above.append((level, title))
        end = headings[number + 1][0] if number + 1 < len(headings) else lines
        yield first, end, join(name for _, name in above if name)


def _clean(title: str) -> str:
    return shorten(MARKUP.sub(lambda match: match[1] or "", title))
