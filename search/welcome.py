"""What the search page offers before anything was typed, and when nothing was found."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from console.models import User, Workspace
from ingestion.models import Chunk, Document, Integration, Run
from search.fusion import is_test
from search.models import SearchLog
from search.modes import Mode
from search.state import State

RECENT = 6
LONG = 30  # characters of a name
PROSE = ("markdown", "rst", "text", "asciidoc", "")
NAME = re.compile(r"[A-Za-z_]\w{2,}")
LOOKED_AT = 100  # searches of a person, and documents of a workspace, among which to choose


@dataclass(frozen=True, slots=True)
class Example:
    """Something to try, and what it shows."""

    state: State
    says: str


@dataclass(frozen=True, slots=True)
class Welcome:
    """The workspace's own words to try, and what the person searched for before."""

    examples: list[Example]
    recent: list[str]


def is_empty(workspace: Workspace) -> bool:
    """Tell whether nothing can be found yet."""
    return not Document.objects.in_workspace(workspace).exists()


def welcome(workspace: Workspace, user: User) -> Welcome:
    """Return what to offer to a person in a workspace."""
    return Welcome(list(_examples(workspace)), recent(workspace, user))


def recent(workspace: Workspace, user: User) -> list[str]:
    """Return what a person last searched for here, each once."""
    logs = SearchLog.objects.in_workspace(workspace).filter(user=user, api_key=None).order_by("-created_at")
    return list(dict.fromkeys(logs.values_list("query", flat=True)[:LOOKED_AT]))[:RECENT]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the first syncs are."""

    sources: int
    running: int


def progress(workspace: Workspace) -> Progress:
    """Return how many sources there are, and how many are syncing."""
    return Progress(
        Integration.objects.in_workspace(workspace).count(),
        Run.objects.in_workspace(workspace).active().count(),
    )


def _examples(workspace: Workspace) -> Iterator[Example]:
    """Yield queries of symbols, headings and names that are there."""
    newest = Document.objects.in_workspace(workspace).order_by("-id")
    rows = sorted(
        newest.values_list("pk", "key", "kind", "language")[:LOOKED_AT], key=lambda row: is_test(row[1])
    )
    headings = _headings([pk for pk, *_ in rows])
    titled = [(headings[pk], language) for pk, _, _, language in rows if pk in headings]
    code = ((_last(heading), tongue) for heading, tongue in titled if tongue not in PROSE)
    symbol, language = next(((name, tongue) for name, tongue in code if 0 < len(name) < LONG), ("", ""))
    subject = next((h.rsplit(" > ", 1)[-1].lower() for h, tongue in titled if tongue in PROSE), "")
    path = next((key for _, key, kind, _ in rows if kind == "file" and "/" in key), "")
    if symbol:
        yield Example(State(text=symbol), "a name in the code, in whatever style you write it")
    if subject:
        yield Example(State(text=subject), "what something is about, in your own words")
    if path:
        yield Example(State(text=path.rsplit("/", 1)[-1]), "a file by its name")
    if symbol and " " not in language:
        yield Example(State(text=f"{symbol} lang:{language}"), f"only in {language}")
    if symbol:
        yield Example(State(text=rf"{symbol[:10]}\w*\(", mode=Mode.REGEX), "lines that match a pattern")
    if path and (subject or symbol):
        folder = path.split("/", 1)[0]
        yield Example(State(text=f"{subject or symbol} -path:{folder}/"), f"anywhere but in {folder}/")


def _headings(documents: Sequence[UUID]) -> dict[UUID, str]:
    """Return the heading or symbol of the longest chunk of each document that has any."""
    chunks = Chunk.objects.filter(document__in=documents).exclude(heading="")
    longest = chunks.order_by("document_id", "-tokens").distinct("document_id")
    return dict(longest.values_list("document_id", "heading"))


def _last(heading: str) -> str:
    """Return the last name of a symbol path."""
    names = NAME.findall(heading)
    return names[-1] if names else ""
