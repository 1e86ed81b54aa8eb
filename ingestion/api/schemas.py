"""What ingestion's part of the API takes and answers."""

from datetime import datetime
from uuid import UUID

from ninja import Field, Schema

from ingestion.models import ConfigState, IntegrationState, ItemAction, ItemState, Run, RunState, Trigger
from lightfast.lib.api import PageIn, PageOut, Text


class SourcesIn(PageIn):
    """Which sources are wanted."""

    state: IntegrationState | None = Field(None, description="Only those in this state.")
    kind: Text | None = Field(None, max_length=40, description="Only those of this kind, such as `github`.")


class SourceOut(Schema):
    """A resource that is synced into the workspace."""

    id: UUID
    kind: str = Field(..., examples=["github"])
    name: str = Field(..., examples=["acme/shop"])
    resource: str = Field(..., alias="resource_id", description="Its id at the provider.")
    store: str = Field(..., alias="store.name")
    state: IntegrationState
    state_reason: str = Field(..., description="Why it is blocked, and what to do.")
    notice: str = Field(..., description="What to know of it: it is archived, empty.")
    revision: str = Field(
        ..., alias="cursor", description="What the index is equal to; empty before the first sync."
    )
    branch: str = Field(..., alias="cursor_label")
    documents: int = Field(..., alias="documents_count", description="In the index.")
    synced_at: datetime | None = Field(..., description="When the index was last equal to the source.")
    next_sync_at: datetime | None = Field(..., description="When it syncs unasked.")
    config_state: ConfigState = Field(..., description="What was found of a `lightfast.yml`.")
    config_file: str
    created_at: datetime


class Sources(PageOut):
    """Sources of the workspace, newest first."""

    items: list[SourceOut]


class SyncIn(Schema):
    """How to sync."""

    full: bool = Field(False, description="Compare everything, not only what changed since the last sync.")


class RunsIn(PageIn):
    """Which runs are wanted."""

    source: UUID | None = Field(None, description="Only those of this source.")
    state: RunState | None = Field(None, description="Only those in this state.")


class RunOut(Schema):
    """One execution of a sync. Counts are of documents."""

    id: UUID
    source: UUID = Field(..., alias="integration_id")
    source_name: str = Field(..., alias="integration.name")
    trigger: Trigger
    full: bool
    state: RunState
    hold: str = Field(
        ...,
        description="What a running one waits for: `budget`, `confirmation` (which `confirm_run` gives), or nothing.",
    )
    error: str = Field(..., description="Why it failed or waits, and what to do.")
    revision: str
    branch: str = Field(..., alias="revision_label")
    planned: int | None = Field(..., description="Documents to process; null until that is known.")
    settled: int = Field(..., description="Of those, how many are done, skipped or failed.")
    listed: int
    added: int
    changed: int
    removed: int
    unchanged: int
    skipped: int
    failed: int
    chunks_written: int
    chunks_embedded: int
    chunks_reused: int
    tokens_embedded: int
    stage_seconds: dict[str, float]
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @staticmethod
    def resolve_planned(run: Run) -> int | None:
        """Return how many documents are to be processed, once that is known."""
        return sum(run.planned.values()) if run.planned_at is not None else None

    @staticmethod
    def resolve_settled(run: Run) -> int:
        """Return how many documents are processed; removals follow when they all are."""
        planned: int = sum(run.planned.values())
        return min(run.settled, planned)


class Runs(PageOut):
    """Runs of the workspace, newest first."""

    items: list[RunOut]


class ItemsIn(PageIn):
    """Which items are wanted."""

    state: ItemState | None = Field(None, description="Only those in this state.")


class ItemOut(Schema):
    """One document's part in a run."""

    id: int
    action: ItemAction
    kind: str
    key: str
    revision: str
    size: int | None
    state: ItemState
    reason: str = Field(..., description="A code, why it was skipped or failed.")
    detail: str
    attempts: int
    settled_at: datetime | None


class Items(PageOut):
    """Items of a run, newest first."""

    items: list[ItemOut]


class IndexOut(Schema):
    """A configuration of an index, and how large it is under it."""

    embedder: str
    model: str
    dimensions: int
    chunk_tokens: int
    chunks: int = Field(..., alias="chunk_count", description="When last counted.")


class StoreOut(Schema):
    """An index of the workspace. While it is re-made, `target` differs from what is `serving`."""

    id: UUID
    name: str
    serving: IndexOut | None
    target: IndexOut | None
    sources: int
    created_at: datetime


class Stores(PageOut):
    """Stores of the workspace, newest first."""

    items: list[StoreOut]
