"""Results as the search page shows them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from django.utils.safestring import SafeString

from search.coloring import colored
from search.fusion import Place
from search.results import Match, Result, Results
from search.snippet import Snippet, highlights
from search.windows import Line, numbered

MOST_LINES = (8, 3)  # of the best match, and of the others
KINDS = {
    "commit": "git-commit-horizontal",
    "file": "file-code",
    "issue": "circle-dot",
    "page": "file-text",
    "pull_request": "git-pull-request",
    "release": "tag",
}
LEGS = {
    "lexical": "Words",
    "semantic": "Meaning",
    "name": "The file you named",
    "path": "Name and path",
    "symbol": "Headings and symbols",
    "definition": "Defines what you named",
    "nearness": "Words side by side",
    "verbatim": "As you wrote it",
    "folder": "Beside others that were found",
    "test": "A test, which you did not ask for",
    "rerank": "Reranking model",
}


@dataclass(frozen=True, slots=True)
class ShownMatch:
    """A match with its lines in color; `url` is where they are at the provider."""

    heading: str
    lines: list[Line]
    url: str

    @property
    def first(self) -> int:
        """The number of the first line shown."""
        return self.lines[0].number

    @property
    def last(self) -> int:
        """The number of the last line shown."""
        return self.lines[-1].number


@dataclass(frozen=True, slots=True)
class Reason:
    """What one leg of the search thinks of a result: `share` is its percentage of the whole score."""

    leg: str
    rank: int
    score: float
    share: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A result with its name marked, its matches and its reasons."""

    result: Result
    name: SafeString
    icon: str
    matches: list[ShownMatch]
    reasons: list[Reason]


def shown(answer: Results) -> list[Shown]:
    """Return the results of a search for the page."""
    return [
        Shown(
            result=result,
            name=_name(result, answer.terms),
            icon=KINDS.get(result.document.kind, "file"),
            matches=[_match(result, match, first=not number) for number, match in enumerate(result.matches)],
            reasons=reasons(result.places),
        )
        for result in answer.results
    ]


def reasons(places: Mapping[str, Place]) -> list[Reason]:
    """Return what each leg contributed, most first."""
    whole = sum(place.share for place in places.values()) or 1
    found = [
        Reason(LEGS.get(leg, leg.capitalize()), place.rank, place.score, round(100 * place.share / whole))
        for leg, place in places.items()
    ]
    return sorted(found, key=lambda reason: -reason.share)


def trimmed(snippet: Snippet, size: int) -> Snippet:
    """Return at most `size` lines of a snippet: those with most marks, the earliest of equals."""
    lines = snippet.text.split("\n")
    if len(lines) <= size:
        return snippet
    edges = [0, *accumulate(len(line) + 1 for line in lines)]
    first = max(
        range(len(lines) - size + 1),
        key=lambda number: (_within(snippet.highlights, edges[number], edges[number + size]), -number),
    )
    low, high = edges[first], edges[first + size] - 1
    marks = [(start - low, end - low) for start, end in snippet.highlights if low <= start and end <= high]
    number = snippet.first_line + first
    return Snippet(snippet.text[low:high], number, number + size - 1, marks)


def _within(marks: Iterable[tuple[int, int]], low: int, high: int) -> int:
    return sum(low <= start < high for start, _ in marks)


def _match(result: Result, match: Match, *, first: bool) -> ShownMatch:
    part = trimmed(match.snippet, MOST_LINES[0 if first else 1])
    lines = numbered(part.text, result.document.language, part.first_line, part.highlights)
    return ShownMatch(match.heading, lines, match.url)


def _name(result: Result, terms: Sequence[str]) -> SafeString:
    document = result.document
    name = document.title if document.title and document.kind != "file" else document.key
    return colored(name.replace("\n", " "), "", highlights(name, terms))[0]
