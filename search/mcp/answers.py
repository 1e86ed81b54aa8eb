"""What the tools answer: less than the API does, for readers who pay by the word."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from ingestion.models import Document
from lightfast.lib.pagination import encoded
from search.present import FARTHEST
from search.results import Match, Result, Results


class Excerpt(BaseModel):
    """Lines of a document."""

    first_line: int
    last_line: int
    heading: str = Field(description="Heading or symbol that the lines belong to.")
    text: str


class Hit(BaseModel):
    """A document found; read more of it with read_document."""

    document: UUID = Field(description="Its id, for read_document and similar.")
    source: str
    path: str = Field(description="Its path, or another name in its source.")
    title: str
    kind: str
    language: str
    url: str = Field(description="The best lines at the provider: cite it.")
    excerpts: list[Excerpt]


class Found(BaseModel):
    """Documents found, best first."""

    results: list[Hit]
    total: int = Field(description="Documents found in all.")
    complete: bool = Field(description="False where time ran out: narrow the search down.")
    next_cursor: str | None = Field(description="Send it as `cursor` for more.")
    notes: list[str] = Field(description="What could not take part, and what to do about it.")


class Lines(BaseModel):
    """Lines of a document."""

    document: UUID
    source: str
    path: str
    url: str
    language: str
    first_line: int
    last_line: int
    lines: int = Field(description="How many lines the document has.")
    next_line: int | None = Field(description="Send it as `first_line` to read on; null at the end.")
    text: str


class Listed(BaseModel):
    """A document, without its text."""

    document: UUID
    source: str
    path: str
    title: str
    kind: str
    language: str
    lines: int


class Listing(BaseModel):
    """Documents, those that came last first."""

    documents: list[Listed]
    next_cursor: str | None = Field(description="Send it as `cursor` for more.")


class SourceState(BaseModel):
    """A source, and how fresh its index is."""

    name: str = Field(description="Use it in the filter `source`.")
    kind: str
    documents: int
    state: str
    branch: str
    synced_at: datetime | None = Field(description="When the index was last equal to the source.")
    notice: str


class SourceList(BaseModel):
    """The sources of the workspace."""

    sources: list[SourceState]
    next_cursor: str | None = Field(description="Send it as `cursor` for more.")


def found(results: Results, *, offset: int, limit: int) -> Found:
    """Tell what was found."""
    more = offset + limit < min(results.total, FARTHEST)
    return Found(
        results=[_hit(result) for result in results.results],
        total=results.total,
        complete=results.complete,
        next_cursor=encoded(offset + limit) if more else None,
        notes=list(results.notes),
    )


def _hit(result: Result) -> Hit:
    document = result.document
    return Hit(
        document=document.pk,
        source=result.source.name,
        path=document.key,
        title=document.title,
        kind=document.kind,
        language=document.language,
        url=result.matches[0].url,
        excerpts=[_excerpt(match) for match in result.matches],
    )


def _excerpt(match: Match) -> Excerpt:
    snippet = match.snippet
    return Excerpt(
        first_line=snippet.first_line, last_line=snippet.last_line, heading=match.heading, text=snippet.text
    )


def listed(document: Document) -> Listed:
    """Name a document."""
    return Listed(
        document=document.pk,
        source=document.integration.name,
        path=document.key,
        title=document.title,
        kind=document.kind,
        language=document.language,
        lines=document.lines,
    )
