"""The console's part of the API."""

from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router

from console.auth import ApiKeyAuth, actor_of_key, key_of
from console.idempotency import IDEMPOTENT, idempotent
from console.models import Activity, ApiKey, Scope
from console.schemas import Activities, KeyIn, KeyOut, Keys, NewKey, Whoami
from console.services import create_api_key, revoke_api_key
from lightfast.lib.api import PageIn, Text, aware
from lightfast.lib.pagination import Page, newest_first

router = Router(tags=["keys"])


@router.get("/whoami", auth=ApiKeyAuth(), response=Whoami, operation_id="whoami")
def whoami(request: HttpRequest) -> Whoami:
    """Tell what the key is and which workspace it opens."""
    key = key_of(request)
    return Whoami.from_orm(
        {
            "key": key.name,
            "prefix": key.prefix,
            "scopes": key.scopes,
            "expires_at": key.expires_at,
            "workspace": key.workspace,
            "organization": key.workspace.organization,
        }
    )


@router.get("/keys", auth=ApiKeyAuth(Scope.ADMIN), response=Keys, operation_id="list_keys")
def list_keys(request: HttpRequest, page: Query[PageIn]) -> Page[ApiKey]:
    """List the keys of the workspace, those revoked or expired included."""
    rows = ApiKey.objects.in_workspace(key_of(request).workspace)
    return newest_first(rows, cursor=page.cursor, limit=page.limit)


@router.post(
    "/keys",
    auth=ApiKeyAuth(Scope.ADMIN),
    response={201: NewKey},
    operation_id="create_key",
    openapi_extra=IDEMPOTENT,
)
@idempotent(201)
def create_key(request: HttpRequest, body: KeyIn) -> NewKey:
    """Make a key of the workspace. Its text is in this answer and nowhere else."""
    key, token = create_api_key(
        workspace=key_of(request).workspace,
        name=body.name,
        scopes=body.scopes,
        expires_at=aware(body.expires_at),
        actor=actor_of_key(request),
    )
    return NewKey(**KeyOut.from_orm(key).dict(), token=token)


@router.post(
    "/keys/{key_id}/revoke",
    auth=ApiKeyAuth(Scope.ADMIN),
    response=KeyOut,
    operation_id="revoke_key",
    openapi_extra=IDEMPOTENT,
)
@idempotent()
def revoke_key(request: HttpRequest, key_id: UUID) -> KeyOut:
    """Revoke a key for good; one that is revoked stays so."""
    key = get_object_or_404(ApiKey.objects.in_workspace(key_of(request).workspace), pk=key_id)
    revoke_api_key(key=key, actor=actor_of_key(request))
    key.refresh_from_db()
    return KeyOut.from_orm(key)


@router.get(
    "/activity",
    auth=ApiKeyAuth(Scope.ADMIN),
    response=Activities,
    operation_id="list_activity",
    tags=["activity"],
)
def list_activity(request: HttpRequest, page: Query[PageIn], action: Text | None = None) -> Page[Activity]:
    """List who did what in the workspace; `action` keeps one kind, such as `source.paused`."""
    rows = Activity.objects.in_workspace(key_of(request).workspace)
    if action is not None:
        rows = rows.filter(action=action)
    return newest_first(rows, cursor=page.cursor, limit=page.limit)
