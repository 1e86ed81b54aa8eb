"""What answers to htmx need beyond their fragment."""

from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect


class FragmentMiddleware:
    """Complete fragments: toasts for messages, the login page for ended sessions.

    It stands below the message and htmx middlewares.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Take the rest of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and complete what is a fragment."""
        response = self.get_response(request)
        htmx = request.htmx  # type: ignore[attr-defined]
        if response.headers.get("Content-Type", "").startswith("text/html"):
            patch_vary_headers(response, ["HX-Request"])
        if not htmx or htmx.boosted:
            return response
        if _leads_to_login(response):
            here = urlsplit(htmx.current_url_abs_path or "/")
            query = urlencode({"next": here._replace(scheme="", netloc="").geturl()})
            return HttpResponseClientRedirect(f"{resolve_url(settings.LOGIN_URL)}?{query}")
        if _is_fragment(response):
            _append_toasts(request, response)
        return response


def _leads_to_login(response: HttpResponse) -> bool:
    if response.status_code != 302:
        return False
    return urlsplit(response.headers.get("Location", "")).path == resolve_url(settings.LOGIN_URL)


def _is_fragment(response: HttpResponse) -> bool:
    whole = response.streaming or "HX-Redirect" in response or "HX-Refresh" in response
    html = response.headers.get("Content-Type", "").startswith("text/html")
    return html and not whole and response.status_code in (200, 201, 422)


def _append_toasts(request: HttpRequest, response: HttpResponse) -> None:
    waiting = get_messages(request)
    if len(waiting):
        context = {"messages": waiting, "oob": True}
        response.content += render_to_string("ui/toasts.html", context, request).encode()
