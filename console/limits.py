"""Rate limits of API keys, counted in the database so that all processes share them."""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from console.models import ApiKey, RateWindow
from lightfast.lib.errors import ProblemError

WINDOW = 60  # seconds

# One statement, hence atomic: a request either begins a window or is one more in it.
TAKE = """
INSERT INTO console_ratewindow AS w (api_key_id, policy, started_at, used)
VALUES (%(key)s, %(policy)s, clock_timestamp(), 1)
ON CONFLICT (api_key_id, policy) DO UPDATE SET
    used = CASE WHEN w.started_at > EXCLUDED.started_at - %(window)s * interval '1 second'
        THEN least(w.used, %(limit)s) + 1 ELSE 1 END,
    started_at = CASE WHEN w.started_at > EXCLUDED.started_at - %(window)s * interval '1 second'
        THEN w.started_at ELSE EXCLUDED.started_at END
RETURNING used, greatest(1, ceil(%(window)s - extract(epoch FROM clock_timestamp() - started_at)))::int
"""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a key may still do under a policy: `limit` a window, `remaining` of this one, which ends in `reset` s."""

    policy: str
    limit: int
    used: int
    reset: int

    @property
    def remaining(self) -> int:
        """How many requests are left in this window."""
        return max(0, self.limit - self.used)

    def refuse_if_spent(self) -> None:
        """Raise the problem of a request too many."""
        if self.used > self.limit:
            raise ProblemError(
                429,
                "rate-limit",
                "Too many requests",
                f"This key may make {self.limit} requests of the kind {self.policy!r} in {WINDOW} seconds. "
                f"Wait {self.reset} s.",
                headers={"Retry-After": str(self.reset)},
            )


def limits() -> dict[str, int]:
    """Return the policies and how many requests each allows in a window; 0 is without limit."""
    return {
        "search": settings.RATE_LIMIT_SEARCH,
        "read": settings.RATE_LIMIT_READ,
        "sync": settings.RATE_LIMIT_SYNC,
        "admin": settings.RATE_LIMIT_ADMIN,
    }


def take(key: ApiKey, policy: str) -> Allowance | None:
    """Count a request; None where there is no limit."""
    limit = limits()[policy]
    if not limit:
        return None
    values: dict[str, Any] = {"key": key.pk, "policy": policy, "window": WINDOW, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(TAKE, values)
        row = cursor.fetchone()
    assert row is not None
    return Allowance(policy, limit, *row)


def left(key: ApiKey) -> list[Allowance]:
    """Return what a key may still do under each policy, without counting."""
    windows = {window.policy: window for window in RateWindow.objects.filter(api_key=key)}
    found = []
    for policy, limit in limits().items():
        window = windows.get(policy)
        age = (timezone.now() - window.started_at).total_seconds() if window is not None else WINDOW
        over = window is None or age >= WINDOW
        found.append(
            Allowance(policy, limit, 0 if over or window is None else window.used, max(0, ceil(WINDOW - age)))
        )
    return found


class RateLimitMiddleware:
    """Tell what is left of a rate limit, as draft-ietf-httpapi-ratelimit-headers has it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        allowance: Allowance | None = getattr(request, "allowance", None)
        if allowance is not None:
            response["RateLimit-Policy"] = f'"{allowance.policy}";q={allowance.limit};w={WINDOW}'
            response["RateLimit"] = f'"{allowance.policy}";r={allowance.remaining};t={allowance.reset}'
        return response
