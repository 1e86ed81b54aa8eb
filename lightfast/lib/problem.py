"""RFC 9457 problem details: how every error of the API looks."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from lightfast.lib.request_id import current_request_id

CONTENT_TYPE = "application/problem+json"
API = "/api/"


def problem(
    status: int,
    detail: str,
    *,
    kind: str = "",
    title: str = "",
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> HttpResponse:
    """Return a problem; `kind` is the last part of its type's address, `more` its further members."""
    phrase = HTTPStatus(status).phrase
    body = {
        "type": f"/problems/{kind}" if kind else "about:blank",
        "title": title or phrase,
        "status": status,
        "detail": detail,
        "request_id": current_request_id(),
        **more,
    }
    return JsonResponse(body, status=status, content_type=CONTENT_TYPE, headers=dict(headers or {}))


class ApiProblemMiddleware:
    """Turn the errors that Django answers itself, under the API's address, into problems."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if (
            response.status_code < HTTPStatus.BAD_REQUEST
            or not request.path.startswith(API)
            or response.get("Content-Type", "").startswith(CONTENT_TYPE)
        ):
            return response
        details = {
            HTTPStatus.NOT_FOUND: "There is nothing at this address.",
            HTTPStatus.METHOD_NOT_ALLOWED: f"{request.method} is not possible here. Use {response.get('Allow', '')}.",
        }
        detail = details.get(HTTPStatus(response.status_code), HTTPStatus(response.status_code).description)
        kept = {name: response[name] for name in ("Allow", "Retry-After") if name in response}
        return problem(response.status_code, detail, headers=kept)
