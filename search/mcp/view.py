"""The address of the MCP server: keys, limits and origins are checked here, the protocol is the SDK's."""

import json
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from console.audit import Actor
from console.auth import count
from console.keys import find_key
from console.models import Scope
from lightfast.lib.asgi import answer
from lightfast.lib.client_address import address_of
from lightfast.lib.errors import ProblemError
from lightfast.lib.problem import problem


@csrf_exempt
def mcp(request: HttpRequest) -> HttpResponse:
    """Answer a message of an agent that has a key of a workspace."""
    origin = request.headers.get("Origin")
    if origin is not None and not _is_ours(origin):
        detail = "Pages of this origin may not call Lightfast. An admin can name it in CORS_ALLOWED_ORIGINS."
        return problem(403, detail, kind="origin")
    if request.method != "POST":
        return problem(405, "Send messages by POST; nothing is streamed here.", headers={"Allow": "POST"})
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    key = find_key(token.strip()) if scheme.lower() == "bearer" else None
    if key is None:
        detail = (
            "Send a key of the workspace: Authorization: Bearer lf_… It may be mistyped, expired or revoked."
        )
        headers = {"WWW-Authenticate": 'Bearer realm="Lightfast", error="invalid_token"'}
        return problem(401, detail, kind="unauthorized", headers=headers)
    # Not before the first agent comes: the SDK is large.
    from search.mcp.caller import caller
    from search.mcp.server import application

    try:
        count(request, key, _policy(request.body))
    except ProblemError as error:
        return problem(error.status, error.detail, kind=error.kind, title=error.title, headers=error.headers)
    token_of_caller = caller.set(Actor(api_key=key, ip_address=address_of(request)))
    try:
        return answer(application, request)
    finally:
        caller.reset(token_of_caller)


def _is_ours(origin: str) -> bool:
    base = urlsplit(settings.BASE_URL)
    return origin in (f"{base.scheme}://{base.netloc}", *settings.CORS_ALLOWED_ORIGINS)


def _policy(body: bytes) -> Scope:
    """Return the limit that a message counts towards: a tool's own, else that of reading."""
    from search.mcp.caller import TOOLS

    try:
        message = json.loads(body)
        name = message["params"]["name"] if message["method"] == "tools/call" else ""
    except (ValueError, KeyError, TypeError):
        return Scope.READ
    declared = TOOLS.get(name) if isinstance(name, str) else None
    return declared.scope if declared is not None else Scope.READ
