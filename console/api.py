"""The console's part of the API."""

from django.http import HttpRequest
from ninja import Router

from console.auth import ApiKeyAuth
from console.models import ApiKey
from console.schemas import Whoami

router = Router(tags=["keys"])


@router.get("/whoami", auth=ApiKeyAuth(), response=Whoami, operation_id="whoami")
def whoami(request: HttpRequest) -> Whoami:
    """Tell what the key is and which workspace it opens."""
    key: ApiKey = request.auth  # type: ignore[attr-defined]
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
