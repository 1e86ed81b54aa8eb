"""Authentication of API requests by bearer keys."""

from datetime import timedelta

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from console.audit import Actor
from console.keys import find_key
from console.limits import take
from console.models import ApiKey, Scope
from lightfast.lib.client_address import address_of
from lightfast.lib.errors import ProblemError

USE_NOTED_EVERY = timedelta(minutes=1)


class ApiKeyAuth(HttpBearer):
    """Let requests in whose key has a scope; `request.auth` is then the key."""

    openapi_name = "ApiKey"
    openapi_description = "A key of the workspace, which begins with `lf_`."

    def __init__(self, scope: Scope | None = None) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey | None:
        """Return the key; None makes a 401 of it, a spent rate limit a 429, a missing scope a 403."""
        key = find_key(token)
        if key is not None:
            count(request, key, self.scope)
            if self.scope is not None:
                require_scope(key, self.scope)
        return key


def count(request: HttpRequest, key: ApiKey, scope: Scope | None) -> None:
    """Count a request of a key; raise the `ProblemError` of one too many."""
    allowance = take(key, (scope or Scope.READ).value)
    request.allowance = allowance  # type: ignore[attr-defined]
    if allowance is not None:
        allowance.refuse_if_spent()
    _note_use(key)


def require_scope(key: ApiKey, scope: Scope) -> None:
    """Raise the `ProblemError` of a scope that the key lacks."""
    if not has_scope(key, scope):
        raise ProblemError(
            403,
            "missing-scope",
            "The key lacks a scope",
            f"This needs the scope {scope.value!r}; the key has {', '.join(key.scopes)}.",
        )


def has_scope(key: ApiKey, scope: Scope) -> bool:
    """Tell whether a key may do something; the scope `admin` includes all."""
    return scope in key.scopes or Scope.ADMIN in key.scopes


def _note_use(key: ApiKey) -> None:
    now = timezone.now()
    if key.last_used_at is None or key.last_used_at < now - USE_NOTED_EVERY:
        stale = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_NOTED_EVERY)
        ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)


def key_of(request: HttpRequest) -> ApiKey:
    """Return the key that a request came with."""
    key: ApiKey = request.auth  # type: ignore[attr-defined]
    return key


def actor_of_key(request: HttpRequest) -> Actor:
    """Return who acts in a request with a key."""
    return Actor(api_key=key_of(request), ip_address=address_of(request))
