"""What the API's schema says beyond what the operations declare: errors, headers and examples."""

from typing import Any

from pydantic import TypeAdapter

from lightfast.lib.api import Problem
from lightfast.lib.problem import CONTENT_TYPE

REF = "#/components/schemas/Problem"
RATE_HEADERS = {
    "RateLimit-Policy": "The limit: its kind, requests (q) and seconds (w).",
    "RateLimit": "What is left: requests (r), and the seconds (t) until it is whole again.",
}
RETRY_AFTER = {"Retry-After": "Seconds to wait."}
REQUEST_ID = {"X-Request-ID": "Finds the request in the log."}

# What each error means, and the problem that is its example.
ERRORS: dict[int, tuple[str, dict[str, Any]]] = {
    400: (
        "The request cannot be understood, or cannot be done.",
        {"type": "/problems/bad-request", "title": "Bad Request", "detail": "Type something to search for."},
    ),
    401: (
        "No usable key came with the request.",
        {
            "type": "/problems/unauthorized",
            "title": "Unauthorized",
            "detail": "Send a key of the workspace: Authorization: Bearer lf_… It may be mistyped, expired or revoked.",
        },
    ),
    403: (
        "The key lacks a scope.",
        {
            "type": "/problems/missing-scope",
            "title": "The key lacks a scope",
            "detail": "This needs the scope 'sync'; the key has search, read.",
        },
    ),
    404: (
        "It is not there, or not in the key's workspace.",
        {
            "type": "/problems/not-found",
            "title": "Not Found",
            "detail": "There is no such document in this workspace.",
        },
    ),
    409: (
        "It cannot be done as things are, or the first request with this Idempotency-Key is still under way.",
        {
            "type": "/problems/conflict",
            "title": "Not as things are",
            "detail": "acme/shop is paused, so it cannot sync. Resume it first.",
        },
    ),
    422: (
        "Some fields are not as they should be, or the Idempotency-Key came with another request before.",
        {
            "type": "/problems/validation",
            "title": "Unprocessable Entity",
            "detail": "Some fields are not as they should be.",
            "errors": [{"field": "limit", "message": "Input should be less than or equal to 100"}],
        },
    ),
    429: (
        "The key has made too many requests of this kind.",
        {
            "type": "/problems/rate-limit",
            "title": "Too many requests",
            "detail": "This key may make 120 requests of the kind 'search' in 60 seconds. Wait 17 s.",
        },
    ),
    500: (
        "Something went wrong on the server.",
        {
            "type": "/problems/internal",
            "title": "Internal Server Error",
            "detail": "Something went wrong on our side. The request id helps us to find it.",
        },
    ),
    503: (
        "The server cannot answer now.",
        {"type": "/problems/migrations", "title": "Not migrated", "detail": "Run: manage.py migrate"},
    ),
}


def complete(schema: dict[str, Any]) -> dict[str, Any]:
    """Add errors, headers and the `Problem` schema to what django-ninja generates, in place."""
    problem = TypeAdapter(Problem).json_schema(
        ref_template="#/components/schemas/{model}", mode="serialization"
    )
    schemas = schema["components"]["schemas"]
    schemas |= problem.pop("$defs", {})
    schemas["Problem"] = problem
    for path, operations in schema["paths"].items():
        for operation in operations.values():
            _complete(path, operation)
    return schema


def _complete(path: str, operation: dict[str, Any]) -> None:
    secured = bool(operation.get("security"))
    for status, answer in operation["responses"].items():
        answer["description"] = "Done." if str(status).startswith("2") else answer["description"]
        answer["headers"] = _headers(
            REQUEST_ID | (RATE_HEADERS if secured else {}) | answer.pop("x-headers", {})
        )
    for status in _errors_of(path, operation, secured=secured):
        description, example = ERRORS[status]
        extra = RETRY_AFTER if status in (409, 429) else {}
        limited = RATE_HEADERS if secured and status != 401 else {}
        operation["responses"][status] = {
            "description": description,
            "headers": _headers(REQUEST_ID | limited | extra),
            "content": {
                CONTENT_TYPE: {
                    "schema": {"$ref": REF},
                    "example": {
                        **example,
                        "status": status,
                        "request_id": "0192f0c16a7b7c3e8f521d2a3b4c5d6e",
                    },
                }
            },
        }


def _errors_of(path: str, operation: dict[str, Any], *, secured: bool) -> list[int]:
    """Return the statuses with which an operation may refuse."""
    if not secured:
        return [503]
    found = [401, 403, 429, 500]
    takes = bool(operation.get("parameters") or operation.get("requestBody"))
    found += [400, 422] if takes else []
    found += [404] if "{" in path else operation.pop("x-errors", [])
    names = [parameter["name"] for parameter in operation.get("parameters", [])]
    found += [409] if "Idempotency-Key" in names else []
    return sorted(found)


def _headers(described: dict[str, str]) -> dict[str, Any]:
    return {name: {"description": text, "schema": {"type": "string"}} for name, text in described.items()}
