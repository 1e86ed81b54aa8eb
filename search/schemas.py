"""What the search API takes and answers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from ninja import Field, Schema
from pydantic import StringConstraints

from lightfast.lib.api import PageIn, PageOut, Text
from search.modes import Effort, Mode
from search.query import LONGEST

MOST_DOCUMENTS = 20  # whose contents are asked for at once

Name = Annotated[Text, StringConstraints(min_length=1, max_length=300)]


class FactsIn(Schema):
    """Values of documents: of one field any will do, of several fields each must hold. Case does not matter."""

    sources: list[Name] = Field([], max_length=100, description="Ids or names of sources, or their kinds.")
    repositories: list[Name] = Field([], max_length=20, description="Names, or globs such as `acme/*`.")
    paths: list[Name] = Field([], max_length=20, description="Globs: `src/`, `*.py`, `/docs/**/*.md`.")
    languages: list[Name] = Field([], max_length=50, description="Such as `python`.")
    kinds: list[Name] = Field([], max_length=20, description="Such as `file`, `issue` or `pull_request`.")
    authors: list[Name] = Field([], max_length=20)
    labels: list[Name] = Field([], max_length=20)
    states: list[Name] = Field([], max_length=20, description="Such as `open` or `merged`.")


class FiltersIn(FactsIn):
    """Which documents may be found; empty fields let all through."""

    after: datetime | None = Field(None, description="Changed at its source at this time or later.")
    before: datetime | None = Field(None, description="Changed at its source before this time.")


class SearchIn(FiltersIn):
    """A search."""

    query: Text = Field(
        ...,
        max_length=LONGEST,
        description='Words, identifiers, or a question; "quotes" must be found as they are.'
        " Filters may stand in it: repo:shop lang:go -path:vendor/ kind:issue state:open after:2026-01-31",
        examples=["where are retries bounded", "verify_signature lang:python -path:tests/"],
    )
    mode: Mode = Field(
        Mode.HYBRID,
        description="`hybrid` finds by words, meaning and path, `semantic` by meaning, `lexical` by words and path, "
        "`exact` lines with this very text, `regex` lines that match an RE2 pattern.",
    )
    effort: Effort = Field(
        Effort.BALANCED,
        description="What a ranked search may cost: `fast` asks no model, `thorough` reranks where that is configured.",
    )
    without: FactsIn | None = Field(None, description="Documents with any of these values are not found.")
    syntax: bool = Field(True, description="Read filters in the query; false takes all of it as text.")
    limit: int = Field(10, ge=1, le=50, description="Results at most.")
    offset: int = Field(0, ge=0, le=200, description="Results to leave out first; `cursor` wins over it.")
    cursor: Text | None = Field(None, max_length=40, description="`next` of the page before.")
    store: Text = Field("default", max_length=60)
    explain: bool = Field(False, description="Tell each leg's rank, score and share.")


class SimilarIn(FiltersIn):
    """What to find the like of."""

    document: UUID
    first_line: int | None = Field(None, ge=1, le=2**31 - 1, description="Only these lines of it.")
    last_line: int | None = Field(None, ge=1, le=2**31 - 1)
    without: FactsIn | None = Field(None, description="Documents with any of these values are not found.")
    limit: int = Field(10, ge=1, le=50, description="Results at most.")
    cursor: Text | None = Field(None, max_length=40, description="`next` of the page before.")
    store: Text = Field("default", max_length=60)


class SnippetOut(Schema):
    """Lines of a text; highlights are [start, end) offsets in characters."""

    text: str
    first_line: int
    last_line: int
    highlights: list[tuple[int, int]]


class MatchOut(Schema):
    """A chunk of a result, or lines of it that match exactly."""

    heading: str = Field(..., description="Heading or symbol path.", examples=["OrderService > ship"])
    first_line: int
    last_line: int
    url: str = Field(..., description="These lines at the provider.")
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
    key: str = Field(..., description="Its name in the source: a path, a number.")
    title: str
    language: str
    source: SourceRef
    score: float = Field(..., description="Comparable within one answer only.")
    count: int = Field(
        ..., description="Matching lines of an exact or regex search; `matches` may show fewer."
    )
    heading: str
    first_line: int
    last_line: int
    url: str
    matches: list[MatchOut]
    indexed_at: datetime
    index_age_seconds: float | None = Field(..., description="Since the index was last equal to the source.")
    explain: dict[str, PlaceOut] | None


class FacetOut(Schema):
    """How many of the documents found have a value; `value` goes into a filter."""

    value: str
    label: str
    count: int


class FoundOut(PageOut):
    """What was found. `notes` tell what could not take part in the ranking."""

    results: list[ResultOut]
    total: int = Field(..., description="Documents found; a ranked search counts a few hundred at most.")
    complete: bool = Field(..., description="False where time ran out before all was looked at.")
    took_ms: float
    stages: dict[str, float] = Field(
        ..., description="Milliseconds by stage, as in the Server-Timing header."
    )
    notes: list[str]


class SearchOut(FoundOut):
    """What was found, and by which words."""

    terms: list[str]
    facets: dict[str, list[FacetOut]] = Field(..., description="By `source`, `kind` and `language`.")


class DocumentsIn(PageIn, FiltersIn):
    """Which documents are wanted."""


class DocumentRow(Schema):
    """A document without its text."""

    id: UUID
    kind: str
    key: str = Field(..., description="Its name in the source: a path, a number.")
    title: str
    language: str
    url: str
    source: SourceRef
    revision: str
    author: str
    state: str
    labels: list[str]
    size: int = Field(..., description="Bytes at the source.")
    lines: int
    indexed_at: datetime
    source_updated_at: datetime | None


class Documents(PageOut):
    """Documents of the workspace, those that came last first."""

    items: list[DocumentRow]


class LinesIn(Schema):
    """Which lines are wanted; all of them where nothing is said."""

    first_line: int = Field(1, ge=1, le=2**31 - 1)
    last_line: int | None = Field(None, ge=1, le=2**31 - 1)


class DocumentOut(DocumentRow):
    """A document with its text, or the lines asked for."""

    first_line: int
    last_line: int
    text: str


class PartIn(LinesIn):
    """A document, or lines of it."""

    id: UUID


class ContentsIn(Schema):
    """Whose contents are wanted."""

    documents: list[PartIn] = Field(..., min_length=1, max_length=MOST_DOCUMENTS)


class ContentsOut(Schema):
    """Contents in the order they were asked for, and the ids that are not there."""

    documents: list[DocumentOut]
    missing: list[UUID]


class LimitOut(Schema):
    """A rate limit of the key that asks."""

    policy: str
    limit: int = Field(..., description="Requests in a window; 0 is without limit.")
    remaining: int | None
    window_seconds: int
    reset_seconds: int


class UsageOut(Schema):
    """How much is in the workspace, and how much it is used."""

    sources: int
    documents: int
    chunks: int = Field(..., description="When last counted.")
    searches_today: int
    searches_30_days: int
    tokens_embedded_30_days: int
    limits: list[LimitOut]
