"""Sources: what is synced, and syncing it."""

from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Body, Query, Router

from console.auth import ApiKeyAuth, actor_of_key, key_of
from console.idempotency import IDEMPOTENT, idempotent
from console.models import Scope
from ingestion import services
from ingestion.api.conflict import conflicts_told
from ingestion.api.runs import run_out
from ingestion.api.schemas import RunOut, SourceOut, Sources, SourcesIn, SyncIn
from ingestion.models import Integration
from ingestion.models.integration import IntegrationQuerySet
from lightfast.lib.pagination import Page, newest_first

router = Router()


@router.get("", auth=ApiKeyAuth(Scope.READ), response=Sources, operation_id="list_sources")
def list_sources(request: HttpRequest, page: Query[SourcesIn]) -> Page[Integration]:
    """List the sources of the workspace, with how fresh each is."""
    rows = _rows(request)
    if page.state is not None:
        rows = rows.filter(state=page.state)
    if page.kind is not None:
        rows = rows.filter(kind=page.kind)
    return newest_first(rows, cursor=page.cursor, limit=page.limit)


@router.get("/{source_id}", auth=ApiKeyAuth(Scope.READ), response=SourceOut, operation_id="get_source")
def get_source(request: HttpRequest, source_id: UUID) -> Integration:
    """Tell how a source does."""
    return _source(request, source_id)


@router.post(
    "/{source_id}/sync",
    auth=ApiKeyAuth(Scope.SYNC),
    response={202: RunOut},
    operation_id="sync_source",
    openapi_extra=IDEMPOTENT,
)
@idempotent(202)
def sync_source(request: HttpRequest, source_id: UUID, body: Body[SyncIn] = SyncIn(full=False)) -> RunOut:  # noqa: B008
    """Queue a sync; where one is running already, one more follows it, and the running one is returned."""
    source = _source(request, source_id)
    with conflicts_told():
        run = services.sync_now(integration=source, full=body.full, actor=actor_of_key(request))
    return run_out(run.pk)


@router.post(
    "/{source_id}/pause",
    auth=ApiKeyAuth(Scope.SYNC),
    response=SourceOut,
    operation_id="pause_source",
    openapi_extra=IDEMPOTENT,
)
@idempotent()
def pause_source(request: HttpRequest, source_id: UUID) -> SourceOut:
    """Stop syncing a source, its active run included. What is indexed stays searchable."""
    services.pause(integration=_source(request, source_id), actor=actor_of_key(request))
    return SourceOut.from_orm(_source(request, source_id))


@router.post(
    "/{source_id}/resume",
    auth=ApiKeyAuth(Scope.SYNC),
    response=SourceOut,
    operation_id="resume_source",
    openapi_extra=IDEMPOTENT,
)
@idempotent()
def resume_source(request: HttpRequest, source_id: UUID) -> SourceOut:
    """Sync a paused or blocked source again, at once."""
    services.resume(integration=_source(request, source_id), actor=actor_of_key(request))
    return SourceOut.from_orm(_source(request, source_id))


def _rows(request: HttpRequest) -> IntegrationQuerySet:
    rows = Integration.objects.in_workspace(key_of(request).workspace)
    return rows.select_related("store", "workspace__organization").with_documents()


def _source(request: HttpRequest, source_id: UUID) -> Integration:
    return get_object_or_404(_rows(request), pk=source_id)
