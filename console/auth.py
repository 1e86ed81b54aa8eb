"""Authentication of API requests by bearer keys."""

from datetime import timedelta

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from console.audit import Actor
from console.keys import find_key
from console.models import ApiKey, Scope
from lightfast.lib.errors import ProblemError

USE_NOTED_EVERY = timedelta(minutes=1)


class ApiKeyAuth(HttpBearer):
    """Let requests in whose key has a scope; `request.auth` is then the key."""

    openapi_name = "ApiKey"

    def __init__(self, scope: Scope | None = None) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey | None:
        """Return the key; None makes a 401 of it, a missing scope a 403."""
        key = find_key(token)
        if key is None:
            return None
        if self.scope is not None and self.scope not in key.scopes and Scope.ADMIN not in key.scopes:
            raise ProblemError(
                403,
                "missing-scope",
                "The key lacks a scope",
                f"This needs the scope {self.scope.value!r}; the key has {', '.join(key.scopes)}.",
            )
        now = timezone.now()
        stale = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_NOTED_EVERY)
        ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)
        return key


def actor_of_key(request: HttpRequest) -> Actor:
    """Return who acts in a request with a key."""
    return Actor(api_key=request.auth, ip_address=request.META.get("REMOTE_ADDR"))  # type: ignore[attr-defined]
