"""The search API."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

from console.auth import ApiKeyAuth, actor_of_key, key_of
from console.models import Scope
from search.documents import document_or_404
from search.present import filters_of, found_out, offset_of, search_out, time_stages
from search.related import similar
from search.retrieve import search
from search.schemas import FoundOut, SearchIn, SearchOut, SimilarIn

router = Router(tags=["search"])

TIMED = {"responses": {200: {"x-headers": {"Server-Timing": "Milliseconds by stage, and their total."}}}}


@router.post(
    "/search",
    auth=ApiKeyAuth(Scope.SEARCH),
    response=SearchOut,
    operation_id="search",
    openapi_extra=TIMED,
)
def post_search(request: HttpRequest, body: SearchIn, response: HttpResponse) -> SearchOut:
    """Search the workspace by words, meaning and path, by exact text, or by a pattern."""
    offset = offset_of(body.cursor, body.offset)
    found = search(
        key_of(request).workspace,
        body.query,
        filters=filters_of(body, body.without),
        mode=body.mode,
        effort=body.effort,
        store=body.store,
        limit=body.limit,
        offset=offset,
        actor=actor_of_key(request),
        syntax=body.syntax,
    )
    time_stages(response, found)
    return search_out(found, offset=offset, limit=body.limit, explain=body.explain)


@router.post(
    "/similar",
    auth=ApiKeyAuth(Scope.SEARCH),
    response=FoundOut,
    operation_id="similar",
    openapi_extra={**TIMED, "x-errors": [404]},
)
def post_similar(request: HttpRequest, body: SimilarIn, response: HttpResponse) -> FoundOut:
    """Find the documents most similar in meaning to one of the workspace, or to some of its lines."""
    workspace, offset = key_of(request).workspace, offset_of(body.cursor)
    document = document_or_404(workspace, body.document)
    part = body.first_line is not None or body.last_line is not None
    lines = (body.first_line or 1, body.last_line or document.lines) if part else None
    found = similar(
        workspace,
        document,
        lines=lines,
        filters=filters_of(body, body.without),
        store=body.store,
        limit=body.limit,
        offset=offset,
    )
    time_stages(response, found)
    return found_out(found, offset=offset, limit=body.limit)
