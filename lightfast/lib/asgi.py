"""Letting an ASGI application answer a request of a WSGI server."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

import anyio
from asgiref.sync import async_to_sync
from django.http import HttpRequest, HttpResponse

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

# These are the web server's to say.
HOP_BY_HOP = frozenset({"connection", "content-length", "keep-alive", "transfer-encoding"})


def answer(application: Application, request: HttpRequest) -> HttpResponse:
    """Return an application's whole answer.

    The application runs in an event loop of this request's own. What it calls by `sync_to_async` runs in the thread
    that serves the request, with its database connection. The client is never told to have gone.
    """
    status, headers, body = async_to_sync(_exchange)(application, request)
    response = HttpResponse(body, status=status)
    del response["Content-Type"]
    for name, value in headers:
        if name.lower() not in HOP_BY_HOP:
            response[name] = value
    return response


async def _exchange(
    application: Application, request: HttpRequest
) -> tuple[int, Iterable[tuple[str, str]], bytes]:
    started: Message = {"status": 500, "headers": []}
    parts: list[bytes] = []
    asked = [{"type": "http.request", "body": request.body, "more_body": False}]

    async def receive() -> Message:
        if not asked:
            await anyio.sleep_forever()
        return asked.pop()

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            started.update(message)
        else:
            parts.append(message.get("body", b""))

    await application(_scope(request), receive, send)
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in started["headers"]]
    return started["status"], headers, b"".join(parts)


def _scope(request: HttpRequest) -> MutableMapping[str, Any]:
    headers = [
        (name.lower().encode(), value.encode("latin-1", "replace")) for name, value in request.headers.items()
    ]
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": request.scheme,
        "path": request.path,
        "raw_path": request.path.encode(),
        "root_path": "",
        "query_string": request.META.get("QUERY_STRING", "").encode(),
        "headers": headers,
        "client": (request.META.get("REMOTE_ADDR", ""), 0),
        "server": None,
    }
