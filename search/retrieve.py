"""The read door: nobody else queries chunks."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from time import perf_counter
from uuid import UUID

from django.utils import timezone

from console.audit import Actor
from console.models import Workspace
from ingestion.embedding.base import EmbedderError
from ingestion.models import Chunk, Document, Integration
from ingestion.sources import get_source
from search import fusion
from search.legs import Hit
from search.lexical import idfs, lexical
from search.models import SearchLog
from search.query import Query, parse
from search.scope import Filters, Scope, scope_of
from search.semantic import query_vector, semantic
from search.snippet import Snippet, snippet

logger = logging.getLogger(__name__)

MATCHES = 3  # chunks shown of a document


@dataclass(frozen=True, slots=True)
class Match:
    """A chunk of a result."""

    heading: str
    first_line: int
    last_line: int
    url: str
    snippet: Snippet


@dataclass(frozen=True, slots=True)
class Result:
    """A found document with its best chunks. `places` tell each leg's rank, score and share of `score`."""

    document: Document
    source: Integration
    score: float
    matches: list[Match]
    places: Mapping[str, fusion.Place]

    @property
    def index_age(self) -> timedelta | None:
        """How long ago the index was last equal to the source."""
        return timezone.now() - self.source.synced_at if self.source.synced_at else None


@dataclass(slots=True)
class Results:
    """What a search found; `stages` are milliseconds, `notes` tell of legs that could not take part."""

    query: Query
    results: list[Result] = field(default_factory=list)
    total: int = 0
    terms: tuple[str, ...] = ()
    stages: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def milliseconds(self) -> float:
        """How long all of it took."""
        return round(sum(self.stages.values()), 1)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage."""
        start = perf_counter()
        yield
        self.stages[name] = round((perf_counter() - start) * 1000, 2)


def search(
    workspace: Workspace,
    text: str,
    *,
    filters: Filters | None = None,
    store: str = "default",
    limit: int = 10,
    offset: int = 0,
    actor: Actor | None = None,
) -> Results:
    """Search a workspace's index by terms, meaning and path, and log the search.

    Raises `UserError` for a query that cannot be one. An embedder that fails leaves the lexical ranking and a note.
    """
    filters = filters or Filters()
    answer = Results(parse(text))
    scope = scope_of(workspace, filters, store)
    if scope is not None and scope.integrations:
        _search(scope, answer, limit, offset)
    _log(workspace, answer, filters, actor or Actor())
    return answer


def get_document(workspace: Workspace, document_id: UUID) -> Document | None:
    """Return a document of the workspace with its source, or None."""
    found = Document.objects.in_workspace(workspace).select_related("integration")
    return found.filter(pk=document_id).first()


def _search(scope: Scope, answer: Results, limit: int, offset: int) -> None:
    query = answer.query
    with answer.stage("lexical"):
        weights = idfs(scope, query.terms)
        lexical_hits = lexical(scope, query, weights)
    semantic_hits: list[Hit] = []
    if not query.phrases:
        try:
            with answer.stage("embed"):
                vector = query_vector(scope, query)
            with answer.stage("semantic"):
                semantic_hits = semantic(scope, vector)
        except EmbedderError as error:
            logger.warning("A search goes without its semantic leg: %s", error)
            answer.notes.append(f"Ranked by words only: {error}")
    with answer.stage("fuse"):
        ranked = _fused(lexical_hits, semantic_hits, weights)
    answer.total, answer.terms = len(ranked), tuple(weights)
    with answer.stage("load"):
        answer.results = _load(scope, ranked[offset : offset + limit], answer.terms)


def _fused(
    lexical_hits: Sequence[Hit], semantic_hits: Sequence[Hit], weights: Mapping[str, float]
) -> list[fusion.Ranked]:
    documents = {hit.document for hit in (*lexical_hits, *semantic_hits)}
    paths = dict(Document.objects.filter(pk__in=documents).values_list("pk", "key"))
    legs = {
        "lexical": fusion.by_document(lexical_hits),
        "semantic": fusion.by_document(semantic_hits),
        "path": fusion.by_path(paths, weights),
    }
    return fusion.fuse(legs, [lexical_hits, semantic_hits])


def _load(scope: Scope, ranked: Sequence[fusion.Ranked], terms: Sequence[str]) -> list[Result]:
    """Load what is shown of the ranked documents; one that was removed since is left out."""
    documents = Document.objects.defer("text").in_bulk([row.document for row in ranked])
    chunks = Chunk.objects.defer("lexemes").in_bulk([pk for row in ranked for pk in row.chunks[:MATCHES]])
    results = []
    for row in ranked:
        document = documents.get(row.document)
        found = [chunks[pk] for pk in row.chunks[:MATCHES] if pk in chunks]
        if document is None or not found:
            continue
        source = scope.integrations[document.integration_id]
        line_url = get_source(source.kind).line_url
        matches = []
        for chunk in found:
            part = snippet(chunk.text, chunk.first_line, terms)
            url = line_url(document.url, part.first_line, part.last_line)
            matches.append(Match(chunk.heading, chunk.first_line, chunk.last_line, url, part))
        results.append(Result(document, source, row.score, matches, row.places))
    return results


def _log(workspace: Workspace, answer: Results, filters: Filters, actor: Actor) -> None:
    SearchLog.objects.create(
        workspace=workspace,
        user=actor.user,
        api_key=actor.api_key,
        query=answer.query.text,
        mode="hybrid",
        filters=filters.as_json(),
        results=answer.total,
        milliseconds=answer.milliseconds,
        stages=answer.stages,
    )
