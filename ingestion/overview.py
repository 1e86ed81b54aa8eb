"""What a workspace holds and how it does, in a number of queries that does not depend on how much that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum

from console.models import Workspace
from ingestion.models import Integration, Run, Store, Tally
from ingestion.problems import Problem, problems_of

LANGUAGES = 8
RUNS = 6
SOURCES = 8


@dataclass(frozen=True, slots=True)
class Contents:
    """What is indexed: documents by kind and by language, the most first."""

    documents: int
    chunks: int
    size: int
    kinds: list[tuple[str, int]]
    languages: list[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source as lists show it."""

    source: Integration
    documents: int
    last_run: Run | None

    @property
    def state(self) -> str:
        """Its state in one word: that of a source, or `syncing`."""
        busy = self.last_run is not None and self.last_run.is_active and not self.last_run.hold
        return "syncing" if busy and self.source.state == "active" else self.source.state


@dataclass(frozen=True, slots=True)
class Overview:
    """A workspace at a glance. `stalest` are the sources whose index is oldest."""

    contents: Contents
    sources: int
    oldest: datetime | None
    newest: datetime | None
    stalest: list[SourceRow]
    runs: list[Run]
    problems: list[Problem]
    active: int


def contents_of(workspace: Workspace) -> Contents:
    """Return what a workspace's index holds, from the counts that are kept."""
    held = Tally.objects.in_workspace(workspace).held()
    stores = Store.objects.filter(workspace=workspace).aggregate(chunks=Sum("serving__chunk_total"))
    return Contents(
        documents=held.documents,
        chunks=stores["chunks"] or 0,
        size=held.size,
        kinds=held.kinds.most_common(),
        languages=held.most_used(LANGUAGES),
    )


def rows_of(sources: Sequence[Integration]) -> list[SourceRow]:
    """Return the sources with how many documents each has and its last run."""
    ids = [source.pk for source in sources]
    documents = Tally.objects.filter(integration__in=ids).documents_by_source()
    runs = Run.objects.last_of(Integration.objects.filter(pk__in=ids))
    last = {run.integration_id: run for run in runs}
    return [SourceRow(source, documents.get(source.pk, 0), last.get(source.pk)) for source in sources]


def overview_of(workspace: Workspace) -> Overview:
    """Return a workspace at a glance."""
    sources = list(Integration.objects.in_workspace(workspace).select_related("connection").order_by("name"))
    rows = rows_of(sources)
    runs = Run.objects.in_workspace(workspace).select_related("integration")
    active = list(runs.active())
    synced = [source.synced_at for source in sources if source.synced_at]
    return Overview(
        contents=contents_of(workspace),
        sources=len(sources),
        oldest=min(synced, default=None),
        newest=max(synced, default=None),
        stalest=sorted(rows, key=_age)[:SOURCES],
        runs=list(runs.order_by("-id")[:RUNS]),
        problems=problems_of(
            workspace,
            sources,
            held=[run for run in active if run.hold],
            last_runs=[row.last_run for row in rows if row.last_run is not None],
        ),
        active=sum(not run.hold for run in active),
    )


def _age(row: SourceRow) -> float:
    return row.source.synced_at.timestamp() if row.source.synced_at else 0.0
