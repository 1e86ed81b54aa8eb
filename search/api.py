"""The search API."""

from typing import Annotated
from uuid import UUID

from django.http import Http404, HttpRequest
from ninja import Field, Router

from console.auth import ApiKeyAuth, actor_of_key
from console.models import ApiKey, Scope
from ingestion.models import Document, Integration
from search.filters import Filters
from search.results import Result
from search.retrieve import get_document, search
from search.schemas import (
    DocumentOut,
    MatchOut,
    PlaceOut,
    ResultOut,
    SearchIn,
    SearchOut,
    SnippetOut,
    SourceRef,
)

router = Router(tags=["search"])


@router.post("/search", auth=ApiKeyAuth(Scope.SEARCH), response=SearchOut, operation_id="search")
def post_search(request: HttpRequest, body: SearchIn) -> SearchOut:
    """Search the key's workspace by words, meaning and path."""
    key: ApiKey = request.auth  # type: ignore[attr-defined]
    filters = Filters(sources=tuple(body.sources), kinds=tuple(body.kinds), languages=tuple(body.languages))
    found = search(
        key.workspace,
        body.query,
        filters=filters,
        mode=body.mode,
        effort=body.effort,
        store=body.store,
        limit=body.limit,
        offset=body.offset,
        actor=actor_of_key(request),
    )
    return SearchOut(
        results=[_result(result, explain=body.explain) for result in found.results],
        total=found.total,
        terms=list(found.terms),
        took_ms=found.milliseconds,
        stages=found.stages,
        notes=found.notes,
    )


@router.get(
    "/documents/{document_id}", auth=ApiKeyAuth(Scope.READ), response=DocumentOut, operation_id="get_document"
)
def read_document(
    request: HttpRequest,
    document_id: UUID,
    first_line: Annotated[int, Field(ge=1)] = 1,
    last_line: Annotated[int | None, Field(ge=1)] = None,
) -> DocumentOut:
    """Return a document of the key's workspace, whole or a range of its lines."""
    key: ApiKey = request.auth  # type: ignore[attr-defined]
    document = get_document(key.workspace, document_id)
    if document is None:
        raise Http404("There is no such document in this workspace.")
    first = min(first_line, document.lines)
    last = max(first, min(last_line or document.lines, document.lines))
    text = document.text if (first, last) == (1, document.lines) else _lines(document.text, first, last)
    return DocumentOut(
        id=document.pk,
        kind=document.kind,
        key=document.key,
        title=document.title,
        language=document.language,
        url=document.url,
        source=_source(document.integration),
        revision=document.revision,
        author=document.author,
        state=document.state,
        labels=document.labels,
        size=document.size,
        lines=document.lines,
        first_line=first,
        last_line=last,
        text=text,
        indexed_at=document.indexed_at,
        source_updated_at=document.source_updated_at,
    )


def _lines(text: str, first: int, last: int) -> str:
    """Return lines from 1, both ends included; they end with a line feed only, as everywhere."""
    return "".join(f"{line}\n" for line in text.split("\n")[first - 1 : last])


def _source(integration: Integration) -> SourceRef:
    return SourceRef(id=integration.pk, kind=integration.kind, name=integration.name)


def _result(result: Result, *, explain: bool) -> ResultOut:
    document: Document = result.document
    best = result.matches[0]
    age = result.index_age
    places = {name: PlaceOut(rank=p.rank, score=p.score, share=p.share) for name, p in result.places.items()}
    return ResultOut(
        id=document.pk,
        kind=document.kind,
        key=document.key,
        title=document.title,
        language=document.language,
        source=_source(result.source),
        score=round(result.score, 6),
        heading=best.heading,
        first_line=best.first_line,
        last_line=best.last_line,
        url=best.url,
        matches=[
            MatchOut(
                heading=match.heading,
                first_line=match.first_line,
                last_line=match.last_line,
                url=match.url,
                snippet=SnippetOut(
                    text=match.snippet.text,
                    first_line=match.snippet.first_line,
                    last_line=match.snippet.last_line,
                    highlights=match.snippet.highlights,
                ),
            )
            for match in result.matches
        ],
        indexed_at=document.indexed_at,
        index_age_seconds=round(age.total_seconds(), 1) if age is not None else None,
        explain=places if explain else None,
    )
