"""Telling htmx's requests from those for whole pages."""

from typing import cast

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails


def htmx_of(request: HttpRequest) -> HtmxDetails:
    """Return what htmx tells of a request; it is falsy where htmx has not made it."""
    return cast(HtmxDetails, request.htmx)  # type: ignore[attr-defined]


def wants_fragment(request: HttpRequest) -> bool:
    """Tell whether a request wants a part of the page: one of htmx that does not stand in for a link."""
    htmx = htmx_of(request)
    return bool(htmx) and not htmx.boosted
