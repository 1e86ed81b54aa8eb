"""Requests: sent again where that may help, and their errors told."""

import random
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any
from uuid import uuid4

import httpx

from lightfast_client.errors import Problem, Unreachable

AGAIN = frozenset({429, 502, 503, 504})


class Transport:
    """Sends requests with a key. All of them may be repeated: those that write carry an Idempotency-Key."""

    def __init__(self, http: httpx.Client, *, retries: int, patience: float) -> None:
        self._http, self._retries, self._patience = http, retries, patience

    def get(self, path: str, **query: Any) -> Any:
        """Read something; a value of None is not sent."""
        return self._send("GET", path, params=_given(query))

    def post(self, path: str, **body: Any) -> Any:
        """Ask for something that needs a body."""
        return self._send("POST", path, json=_given(body))

    def write(self, path: str, idempotency_key: str | None = None, **body: Any) -> Any:
        """Change something once, however often it is sent."""
        headers = {"Idempotency-Key": idempotency_key or str(uuid4())}
        return self._send("POST", path, json=_given(body), headers=headers)

    def _send(self, method: str, path: str, **options: Any) -> Any:
        for attempt in range(self._retries + 1):
            last = attempt == self._retries
            try:
                answer = self._http.request(method, f"api/v1/{path}", **options)
            except httpx.TransportError as error:
                if last:
                    raise Unreachable(f"{self._http.base_url} does not answer: {error}") from error
                time.sleep(self._pause(attempt, None))
                continue
            wait = self._pause(attempt, answer)
            if answer.status_code not in AGAIN or last or wait > self._patience:
                return _result(answer)
            time.sleep(wait)
        raise AssertionError("unreachable")

    def _pause(self, attempt: int, answer: httpx.Response | None) -> float:
        """Return the seconds to wait: what the server says, or longer each time with some chance in it."""
        told = _retry_after(answer.headers) if answer is not None else None
        return told if told is not None else min(8.0, 0.25 * 2.0**attempt) * random.uniform(0.5, 1)  # noqa: S311


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _retry_after(headers: httpx.Headers) -> float | None:
    told = headers.get("Retry-After", "")
    if told.isdigit():
        return float(told)
    try:
        return max(0.0, parsedate_to_datetime(told).timestamp() - time.time())
    except (TypeError, ValueError):
        return None


def _result(answer: httpx.Response) -> Any:
    try:
        body = answer.json()
    except ValueError:
        raise Unreachable(f"{answer.url} answered {answer.status_code}, and not as Lightfast does.") from None
    if answer.is_success:
        return body
    if not isinstance(body, dict):
        raise Unreachable(f"{answer.url} answered {answer.status_code}, and not as Lightfast does.")
    known = {name: body[name] for name in ("type", "title", "request_id", "errors") if name in body}
    raise Problem(answer.status_code, str(body.get("detail", answer.reason_phrase)), **known)
