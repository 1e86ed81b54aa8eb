"""Where a request comes from, behind proxies that say so."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_ipv46_address
from django.http import HttpRequest, HttpResponse


def address_of(request: HttpRequest | None) -> str | None:
    """Return the address that a request comes from; None where there is none, as over a socket of this machine."""
    return request.META.get("REMOTE_ADDR") or None if request is not None else None


class ClientAddressMiddleware:
    """Put the client's address where everybody looks for it: `REMOTE_ADDR`.

    Each of the TRUSTED_PROXIES adds the address that it was called from at the right end of X-Forwarded-For; what
    stands to the left of theirs, the client may have made up.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        trusted: int = settings.TRUSTED_PROXIES
        passed = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
        if trusted and len(passed) >= trusted and _is_address(passed[-trusted]):
            request.META["REMOTE_ADDR"] = passed[-trusted]
        return self.get_response(request)


def _is_address(text: str) -> bool:
    try:
        validate_ipv46_address(text)
    except ValidationError:
        return False
    return True
