"""Usage: how much there is, and how much it is used."""

from django.http import HttpRequest
from ninja import Router

from console.auth import ApiKeyAuth, key_of
from console.limits import WINDOW, left
from console.models import Scope
from search.schemas import LimitOut, UsageOut
from search.usage import usage_of

router = Router(tags=["usage"])


@router.get("/usage", auth=ApiKeyAuth(Scope.READ), response=UsageOut, operation_id="usage")
def get_usage(request: HttpRequest) -> UsageOut:
    """Tell how much is in the workspace, how much it is searched, and what the key may still do."""
    key = key_of(request)
    limits = [
        LimitOut(
            policy=one.policy,
            limit=one.limit,
            remaining=one.remaining if one.limit else None,
            window_seconds=WINDOW,
            reset_seconds=one.reset,
        )
        for one in left(key)
    ]
    return UsageOut(**usage_of(key.workspace), limits=limits)
