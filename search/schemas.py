"""What the search API takes and answers."""

from datetime import datetime
from uuid import UUID

from ninja import Field, Schema

from search.modes import Effort, Mode
from search.query import LONGEST


class SearchIn(Schema):
    """A search."""

    query: str = Field(
        ...,
        max_length=LONGEST,
        description='Words, identifiers, or a question; "quotes" must be found as they are.'
        " Filters may stand in it: repo:shop lang:go -path:vendor/ kind:issue state:open after:2026-01-31",
    )
    mode: Mode = Field(Mode.HYBRID, description="What counts as found.")
    effort: Effort = Field(Effort.BALANCED, description="What a ranked search may cost.")
    limit: int = Field(10, ge=1, le=50, description="Results at most.")
    offset: int = Field(0, ge=0, le=200, description="Results to leave out first.")
    store: str = Field("default", max_length=60)
    sources: list[UUID] = Field([], max_length=100, description="Only these sources.")
    kinds: list[str] = Field([], max_length=20, description="Only documents of these kinds, such as `file`.")
    languages: list[str] = Field([], max_length=50, description="Only these languages, such as `python`.")
    explain: bool = Field(False, description="Tell each leg's rank, score and share.")


class SnippetOut(Schema):
    """Lines of a text; highlights are [start, end) offsets in characters."""

    text: str
    first_line: int
    last_line: int
    highlights: list[tuple[int, int]]


class MatchOut(Schema):
    """A chunk of a result."""

    heading: str
    first_line: int
    last_line: int
    url: str
    snippet: SnippetOut


class PlaceOut(Schema):
    """A result's place in one leg."""

    rank: int
    score: float
    share: float


class SourceRef(Schema):
    """The source of a document."""

    id: UUID
    kind: str
    name: str


class ResultOut(Schema):
    """A found document; its own lines, heading and address are those of its best match."""

    id: UUID
    kind: str
    key: str
    title: str
    language: str
    source: SourceRef
    score: float
    heading: str
    first_line: int
    last_line: int
    url: str
    matches: list[MatchOut]
    indexed_at: datetime
    index_age_seconds: float | None
    explain: dict[str, PlaceOut] | None


class SearchOut(Schema):
    """What was found. `notes` tell what could not take part in the ranking."""

    results: list[ResultOut]
    total: int
    terms: list[str]
    took_ms: float
    stages: dict[str, float]
    notes: list[str]


class DocumentOut(Schema):
    """A document with its text, or the lines asked for."""

    id: UUID
    kind: str
    key: str
    title: str
    language: str
    url: str
    source: SourceRef
    revision: str
    author: str
    state: str
    labels: list[str]
    size: int
    lines: int
    first_line: int
    last_line: int
    text: str
    indexed_at: datetime
    source_updated_at: datetime | None
