"""Writes that may be sent again: the answer to the first is kept under the key that the client gave.

See draft-ietf-httpapi-idempotency-key-header. What failed is not kept, so that it can be tried again.
"""

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Schema

from console.auth import key_of
from console.models import KeptAnswer
from lightfast.lib.crypto import decrypt, encrypt
from lightfast.lib.errors import ProblemError

P = ParamSpec("P")

HEADER = "Idempotency-Key"
KEPT = timedelta(hours=24)
UNDER_WAY = timedelta(minutes=1)  # after this, a write whose process died may be sent again
SHAPE = re.compile(r"[!-~]{1,255}")

# For `openapi_extra` of an operation.
IDEMPOTENT: dict[str, Any] = {
    "parameters": [
        {
            "name": HEADER,
            "in": "header",
            "required": False,
            "description": "Any text of your own, such as a UUID. The same request with the same key, within 24 hours, "
            "is not done again and gets the first one's answer.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
            "example": "0192f0c1-6a7b-7c3e-8f52-1d2a3b4c5d6e",
        }
    ]
}

# Returns the row's id for whoever may do the write: the first, or the first after an answer has expired.
CLAIM = """
INSERT INTO console_keptanswer AS k (api_key_id, key, fingerprint, sealed_body, expires_at)
VALUES (%(api_key)s, %(key)s, %(fingerprint)s, '', %(until)s)
ON CONFLICT (api_key_id, key) DO UPDATE
SET fingerprint = EXCLUDED.fingerprint, status = NULL, sealed_body = '', expires_at = EXCLUDED.expires_at
WHERE k.expires_at <= %(now)s
RETURNING id
"""


def idempotent(
    status: int = 200,
) -> Callable[[Callable[Concatenate[HttpRequest, P], Schema]], Callable[..., HttpResponse]]:
    """Make an operation out of a function that writes and returns what to answer.

    The write and the answer's keeping are one transaction.
    """

    def decorate(write: Callable[Concatenate[HttpRequest, P], Schema]) -> Callable[..., HttpResponse]:
        @wraps(write)
        def wrapped(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            def done() -> str:
                return write(request, *args, **kwargs).model_dump_json()

            if HEADER not in request.headers:
                with transaction.atomic():
                    return _answer(status, done())
            claim = _claim(request)
            if isinstance(claim, HttpResponse):
                return claim
            return _answer(status, _keep(claim, status, done))

        return wrapped

    return decorate


def _claim(request: HttpRequest) -> int | HttpResponse:
    """Return the id of the row to fill, or the answer of the time before."""
    key = request.headers[HEADER]
    if not SHAPE.fullmatch(key):
        detail = f"{HEADER} is 1 to 255 characters of ASCII without spaces."
        raise ProblemError(400, "idempotency-key", "Not an idempotency key", detail)
    api_key, now = key_of(request), timezone.now()
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode() + request.body).digest()
    values: dict[str, Any] = {
        "api_key": api_key.pk,
        "key": key,
        "fingerprint": digest,
        "until": now + UNDER_WAY,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, values)
        row = cursor.fetchone()
    if row is not None:
        return int(row[0])
    kept = KeptAnswer.objects.filter(api_key=api_key, key=key).first()
    if kept is not None and bytes(kept.fingerprint) != digest:
        detail = f"This {HEADER} was sent with another request. Use a new one for each."
        raise ProblemError(422, "idempotency-mismatch", "Another request has this key", detail)
    if kept is None or kept.status is None:
        detail = "The first request with this key is still under way. Ask again in a moment."
        raise ProblemError(409, "idempotency-busy", "Under way", detail, headers={"Retry-After": "1"})
    answer = _answer(kept.status, decrypt(bytes(kept.sealed_body))["body"])
    answer["Idempotency-Replayed"] = "true"
    return answer


def _keep(claim: int, status: int, done: Callable[[], str]) -> str:
    row = KeptAnswer.objects.filter(pk=claim)
    try:
        with transaction.atomic():
            body = done()
            row.update(status=status, sealed_body=encrypt({"body": body}), expires_at=timezone.now() + KEPT)
    except BaseException:
        row.delete()
        raise
    return body


def _answer(status: int, body: str) -> HttpResponse:
    return HttpResponse(body, status=status, content_type="application/json; charset=utf-8")
