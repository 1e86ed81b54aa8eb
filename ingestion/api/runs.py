"""Runs: what syncs did, document by document."""

from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router

from console.auth import ApiKeyAuth, actor_of_key, key_of
from console.idempotency import IDEMPOTENT, idempotent
from console.models import Scope
from ingestion import services
from ingestion.api.conflict import conflicts_told
from ingestion.api.schemas import Items, ItemsIn, RunOut, Runs, RunsIn
from ingestion.models import Run, RunItem
from lightfast.lib.pagination import Page, newest_first

router = Router()


@router.get("", auth=ApiKeyAuth(Scope.READ), response=Runs, operation_id="list_runs")
def list_runs(request: HttpRequest, page: Query[RunsIn]) -> Page[Run]:
    """List the runs of the workspace."""
    rows = Run.objects.in_workspace(key_of(request).workspace).select_related("integration")
    if page.source is not None:
        rows = rows.filter(integration=page.source)
    if page.state is not None:
        rows = rows.filter(state=page.state)
    return newest_first(rows, cursor=page.cursor, limit=page.limit)


@router.get("/{run_id}", auth=ApiKeyAuth(Scope.READ), response=RunOut, operation_id="get_run")
def get_run(request: HttpRequest, run_id: UUID) -> Run:
    """Tell where a run stands."""
    rows = Run.objects.in_workspace(key_of(request).workspace).select_related("integration")
    return get_object_or_404(rows, pk=run_id)


@router.get("/{run_id}/items", auth=ApiKeyAuth(Scope.READ), response=Items, operation_id="list_run_items")
def list_run_items(request: HttpRequest, run_id: UUID, page: Query[ItemsIn]) -> Page[RunItem]:
    """List what a run did to each document, or is about to."""
    rows = RunItem.objects.filter(run=_run(request, run_id))
    if page.state is not None:
        rows = rows.filter(state=page.state)
    return newest_first(rows, cursor=page.cursor, limit=page.limit)


@router.post(
    "/{run_id}/cancel",
    auth=ApiKeyAuth(Scope.SYNC),
    response=RunOut,
    operation_id="cancel_run",
    openapi_extra=IDEMPOTENT,
)
@idempotent()
def cancel_run(request: HttpRequest, run_id: UUID) -> RunOut:
    """Cancel a run; one that has ended stays as it is."""
    run = _run(request, run_id)
    services.cancel(run=run, actor=actor_of_key(request))
    return run_out(run.pk)


@router.post(
    "/{run_id}/confirm",
    auth=ApiKeyAuth(Scope.SYNC),
    response=RunOut,
    operation_id="confirm_run",
    openapi_extra=IDEMPOTENT,
)
@idempotent()
def confirm_run(request: HttpRequest, run_id: UUID) -> RunOut:
    """Give the go-ahead that a run waits for whose `hold` is `confirmation`; any other stays as it is."""
    run = _run(request, run_id)
    services.confirm(run=run, actor=actor_of_key(request))
    return run_out(run.pk)


@router.post(
    "/{run_id}/retry",
    auth=ApiKeyAuth(Scope.SYNC),
    response={202: RunOut},
    operation_id="retry_run",
    openapi_extra=IDEMPOTENT,
)
@idempotent(202)
def retry_run(request: HttpRequest, run_id: UUID) -> RunOut:
    """Queue a run that tries the failed documents again, with whatever else has changed meanwhile."""
    run = _run(request, run_id)
    with conflicts_told():
        retry = services.retry_failed(run=run, actor=actor_of_key(request))
    return run_out(retry.pk)


def run_out(run_id: UUID) -> RunOut:
    """Return what is told of a run that is known to be the key's to see."""
    return RunOut.from_orm(Run.objects.select_related("integration").get(pk=run_id))


def _run(request: HttpRequest, run_id: UUID) -> Run:
    rows = Run.objects.in_workspace(key_of(request).workspace)
    return get_object_or_404(rows.select_related("integration", "workspace__organization"), pk=run_id)
