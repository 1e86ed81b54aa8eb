"""Where providers send their webhooks."""

from http import HTTPStatus

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from ingestion import webhooks
from ingestion.sources.base import BadDelivery, BadSignature

MOST_DIGITS = 16  # of a length that is worth reading


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
        delivery, created = webhooks.receive(kind, headers, body)
    except BadSignature as error:
        return _refuse(HTTPStatus.UNAUTHORIZED, str(error))
    except BadDelivery as error:
        return _refuse(HTTPStatus.BAD_REQUEST, str(error))
    return JsonResponse({"id": str(delivery.pk), "new": created}, status=HTTPStatus.ACCEPTED)


def _refuse(status: HTTPStatus, detail: str) -> JsonResponse:
    return JsonResponse({"detail": detail}, status=status)
