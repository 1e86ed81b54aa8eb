"""Where providers send their webhooks."""

import re
from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from ingestion import webhooks
from ingestion.sources.errors import BadDelivery, BadSignature

MOST_DIGITS = 16  # of a length that is worth reading

ADDRESS = re.compile(r"/webhooks/([-\w]+)/")


class InboxMiddleware:
    """Hand webhooks to their view at once: what browsers need would be a third of the time that one takes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        found = ADDRESS.fullmatch(request.path_info)
        return receive(request, found[1]) if found else self.get_response(request)


@csrf_exempt
@require_POST
def receive(request: HttpRequest, kind: str) -> JsonResponse:
    """Store a signed delivery and answer 202; one that came before is answered the same."""
    try:
        limit = webhooks.inbox_of(kind).max_delivery_bytes
    except LookupError as error:
        return _refuse(HTTPStatus.NOT_FOUND, str(error))
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdigit() and len(length) < MOST_DIGITS):
        return _refuse(HTTPStatus.BAD_REQUEST, "Content-Length is no number.")
    if int(length) > limit:
        return _refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The body is larger than {limit:,} bytes.")
    body = request.read(int(length))  # not `request.body`, whose limit is that of forms
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        pk, created = webhooks.receive(kind, headers, body)
    except BadSignature as error:
        return _refuse(HTTPStatus.UNAUTHORIZED, str(error))
    except BadDelivery as error:
        return _refuse(HTTPStatus.BAD_REQUEST, str(error))
    return _answer(HTTPStatus.ACCEPTED, {"id": str(pk), "new": created})


def _refuse(status: HTTPStatus, detail: str) -> JsonResponse:
    return _answer(status, {"detail": detail})


def _answer(status: HTTPStatus, body: dict[str, object]) -> JsonResponse:
    """Return an answer of known length, which Django's own middleware would see to further down."""
    answer = JsonResponse(body, status=status)
    answer["Content-Length"] = str(len(answer.content))
    return answer
