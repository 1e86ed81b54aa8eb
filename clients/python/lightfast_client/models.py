"""What the API answers. Fields that a newer server adds are left out; its vocabularies are plain text here."""

from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

T = TypeVar("T")


class Model(BaseModel):
    """An answer, or a part of one."""

    model_config = ConfigDict(frozen=True)


class Page(Model, Generic[T]):
    """A part of a list, and the cursor of the next; None on the last page."""

    items: list[T]
    next: str | None


class SourceRef(Model):
    """The source of a document."""

    id: UUID
    kind: str
    name: str


class Place(Model):
    """A result's place in one leg."""

    rank: int
    score: float
    share: float


class Snippet(Model):
    """Lines of a text; highlights are [start, end) offsets in characters."""

    first_line: int
    highlights: list[tuple[int, int]]
    last_line: int
    text: str


class Match(Model):
    """A chunk of a result, or lines of it that match exactly."""

    first_line: int
    heading: str
    last_line: int
    snippet: Snippet
    url: str


class Result(Model):
    """A found document; its own lines, heading and address are those of its best match."""

    count: int
    explain: dict[str, Place] | None
    first_line: int
    heading: str
    id: UUID
    index_age_seconds: float | None
    indexed_at: datetime
    key: str
    kind: str
    language: str
    last_line: int
    matches: list[Match]
    score: float
    source: SourceRef
    title: str
    url: str


class Facet(Model):
    """How many of the documents found have a value; `value` goes into a filter."""

    count: int
    label: str
    value: str


class Found(Model):
    """What was found. `notes` tell what could not take part in the ranking."""

    complete: bool
    next: str | None
    notes: list[str]
    results: list[Result]
    stages: dict[str, float]
    took_ms: float
    total: int


class SearchAnswer(Found):
    """What was found, and by which words."""

    facets: dict[str, list[Facet]]
    terms: list[str]


class DocumentRow(Model):
    """A document without its text."""

    author: str
    id: UUID
    indexed_at: datetime
    key: str
    kind: str
    labels: list[str]
    language: str
    lines: int
    revision: str
    size: int
    source: SourceRef
    source_updated_at: datetime | None
    state: str
    title: str
    url: str


class Document(DocumentRow):
    """A document with its text, or the lines asked for."""

    first_line: int
    last_line: int
    text: str


class Contents(Model):
    """Contents in the order they were asked for, and the ids that are not there."""

    documents: list[Document]
    missing: list[UUID]


class Source(Model):
    """A resource that is synced into the workspace."""

    branch: str
    config_file: str
    config_state: str
    created_at: datetime
    documents: int
    id: UUID
    kind: str
    name: str
    next_sync_at: datetime | None
    notice: str
    resource: str
    revision: str
    state: str
    state_reason: str
    store: str
    synced_at: datetime | None


class Run(Model):
    """One execution of a sync. Counts are of documents."""

    added: int
    branch: str
    changed: int
    chunks_embedded: int
    chunks_reused: int
    chunks_written: int
    created_at: datetime
    error: str
    failed: int
    finished_at: datetime | None
    full: bool
    hold: str
    id: UUID
    listed: int
    planned: int | None
    removed: int
    revision: str
    settled: int
    skipped: int
    source: UUID
    source_name: str
    stage_seconds: dict[str, float]
    started_at: datetime | None
    state: str
    tokens_embedded: int
    trigger: str
    unchanged: int


class RunItem(Model):
    """One document's part in a run."""

    action: str
    attempts: int
    detail: str
    id: int
    key: str
    kind: str
    reason: str
    revision: str
    settled_at: datetime | None
    size: int | None
    state: str


class Index(Model):
    """A configuration of an index, and how large it is under it."""

    chunk_tokens: int
    chunks: int
    dimensions: int
    embedder: str
    model: str


class Store(Model):
    """An index of the workspace. While it is re-made, `target` differs from what is `serving`."""

    created_at: datetime
    id: UUID
    name: str
    serving: Index | None
    sources: int
    target: Index | None


class Key(Model):
    """A key of the workspace, without its text."""

    created_at: datetime
    expires_at: datetime | None
    id: UUID
    last_used_at: datetime | None
    name: str
    prefix: str
    revoked_at: datetime | None
    scopes: list[str]


class NewKey(Key):
    """A key just made."""

    token: str


class Activity(Model):
    """Who did what to what, when, from where."""

    action: str
    actor: str
    after: dict[str, Any]
    before: dict[str, Any]
    created_at: datetime
    entity: str
    entity_id: str
    entity_type: str
    id: int
    ip_address: str | None
    request_id: str


class Limit(Model):
    """A rate limit of the key that asks."""

    limit: int
    policy: str
    remaining: int | None
    reset_seconds: int
    window_seconds: int


class Usage(Model):
    """How much is in the workspace, and how much it is used."""

    chunks: int
    documents: int
    limits: list[Limit]
    searches_30_days: int
    searches_today: int
    sources: int
    tokens_embedded_30_days: int


class Named(Model):
    """Something with an id and a name."""

    id: UUID
    name: str
    slug: str


class Whoami(Model):
    """A key and what it opens."""

    expires_at: datetime | None
    key: str
    organization: Named
    prefix: str
    scopes: list[str]
    workspace: Named
