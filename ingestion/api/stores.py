"""Stores: the indexes of a workspace."""

from django.db.models import Count
from django.http import HttpRequest
from ninja import Query, Router

from console.auth import ApiKeyAuth, key_of
from console.models import Scope
from ingestion.api.schemas import Stores
from ingestion.models import Store
from lightfast.lib.api import PageIn
from lightfast.lib.pagination import Page, newest_first

router = Router()


@router.get("", auth=ApiKeyAuth(Scope.READ), response=Stores, operation_id="list_stores")
def list_stores(request: HttpRequest, page: Query[PageIn]) -> Page[Store]:
    """List the stores of the workspace, with the model that each was made by."""
    rows = Store.objects.filter(workspace=key_of(request).workspace).select_related("serving", "target")
    return newest_first(rows.annotate(sources=Count("integrations")), cursor=page.cursor, limit=page.limit)
