"""Syntax colors: the HTML of a text line by line, with words marked. It holds nothing but spans and marks."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from time import perf_counter

from django.utils.safestring import SafeString, mark_safe
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Generic, Keyword, Literal, Name, Number, Operator, String, _TokenType
from pygments.util import ClassNotFound

from lightfast.lib.visible import visible

PATIENCE = 0.2  # seconds; what is not colored by then stays plain
LONGEST_LINE = 2_000  # characters; a text with longer ones is data, and slow to color

CLASSES: dict[_TokenType, str] = {
    Comment: "c",
    Comment.Preproc: "d",
    Generic.Deleted: "del",
    Generic.Heading: "k",
    Generic.Inserted: "ins",
    Generic.Subheading: "k",
    Generic.Strong: "k",
    Keyword: "k",
    Keyword.Constant: "n",
    Keyword.Type: "t",
    Literal.Date: "n",
    Name.Attribute: "t",
    Name.Builtin: "b",
    Name.Class: "t",
    Name.Constant: "n",
    Name.Decorator: "d",
    Name.Exception: "t",
    Name.Function: "f",
    Name.Namespace: "t",
    Name.Tag: "k",
    Name.Variable: "b",
    Number: "n",
    Operator.Word: "k",
    String: "s",
    String.Doc: "c",
}
# Where Pygments says otherwise than ingestion.pipeline.languages; "" has no colors of its own.
LEXERS = {
    "assembly": "gas",
    "astro": "html",
    "bazel": "python",
    "csv": "",
    "handlebars": "html",
    "jupyter": "json",
    "latex": "tex",
    "less": "scss",
    "sass": "scss",
    "starlark": "python",
    "svelte": "html",
    "text": "",
    "vue": "html",
}

Span = tuple[int, int]
Token = tuple[int, int, str]


def colored(text: str, language: str, marks: Sequence[Span] = ()) -> list[SafeString]:
    """Return the HTML of each line; `marks` are [start, end) offsets, in order and apart."""
    lines: list[SafeString] = []
    line: list[str] = []
    for start, end, shade, marked in _pieces(_joined(_tokens(text, language)), marks):
        first, *rest = text[start:end].split("\n")
        line.append(_html(first, shade, marked))
        for part in rest:
            lines.append(mark_safe("".join(line)))  # noqa: S308 (made of `visible` and our own tags)
            line = [_html(part, shade, marked)]
    lines.append(mark_safe("".join(line)))  # noqa: S308 (as above)
    return lines


@lru_cache(maxsize=256)
def lexer_of(language: str) -> Lexer | None:
    """Return what colors a language, or None."""
    alias = LEXERS.get(language, language.replace(" ", "-"))
    try:
        return get_lexer_by_name(alias, stripnl=False, ensurenl=False) if alias else None
    except ClassNotFound:
        return None


def _html(text: str, shade: str, marked: bool) -> str:
    html = visible(text)
    if shade and html:
        html = f'<span class="{shade}">{html}</span>'
    return f"<mark>{html}</mark>" if marked and html else html


def _tokens(text: str, language: str) -> Iterator[Token]:
    """Yield [start, end) and the class of every piece; they cover the text whatever its lexer does."""
    lexer = lexer_of(language)
    position = 0
    if lexer is not None and max(map(len, text.split("\n"))) <= LONGEST_LINE:
        give_up = perf_counter() + PATIENCE
        for index, kind, value in lexer.get_tokens_unprocessed(text):
            start, end = max(index, position), min(index + len(value), len(text))
            if end <= start:
                continue
            if start > position:
                yield position, start, ""
            yield start, end, _class_of(kind)
            position = end
            if perf_counter() > give_up:
                break
    if position < len(text):
        yield position, len(text), ""


@lru_cache(maxsize=512)
def _class_of(kind: _TokenType | None) -> str:
    while kind is not None:
        if kind in CLASSES:
            return CLASSES[kind]
        kind = kind.parent
    return ""


def _joined(tokens: Iterable[Token]) -> Iterator[Token]:
    """Join neighbors of one class."""
    for shade, group in groupby(tokens, itemgetter(2)):
        same = list(group)
        yield same[0][0], same[-1][1], shade


def _pieces(tokens: Iterable[Token], marks: Sequence[Span]) -> Iterator[tuple[int, int, str, bool]]:
    """Cut the tokens where marks begin and end."""
    waiting = iter(marks)
    mark = next(waiting, None)
    for start, end, shade in tokens:
        at = start
        while at < end:
            while mark is not None and mark[1] <= at:
                mark = next(waiting, None)
            if mark is None or mark[0] >= end:
                yield at, end, shade, False
                break
            cut = mark[0] if at < mark[0] else min(end, mark[1])
            yield at, cut, shade, at >= mark[0]
            at = cut
