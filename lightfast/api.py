"""The API, put together from the apps' routers; every error is a problem with a request id."""

import logging
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from console.api import router as console_router
from ingestion.api import router as ingestion_router
from lightfast.lib.errors import ProblemError, UserError
from lightfast.lib.problem import problem
from lightfast.openapi import complete
from search.api import router as search_router
from search.api_documents import router as documents_router
from search.api_usage import router as usage_router

logger = logging.getLogger(__name__)

DESCRIPTION = """Search a workspace from programs, and look after its sources.

Send a key of the workspace as `Authorization: Bearer lf_…`. What a key may do are its scopes: `search`, `read`, `sync`
and `admin`, which includes the others. Ids of other workspaces are not found.

Lists come in pages: send `next` of one as `cursor` of the following. Writes take an `Idempotency-Key`. Every answer has
an `X-Request-ID`, and tells in `RateLimit` what is left; too many requests are answered 429 with `Retry-After`. Errors
are problem details (RFC 9457).
"""


class Api(NinjaAPI):
    """The API with a complete schema."""

    def get_openapi_schema(self, **options: Any) -> Any:
        """Return the OpenAPI schema, errors and headers included."""
        return complete(super().get_openapi_schema(**options))


api = Api(
    title="Lightfast",
    version="1",
    description=DESCRIPTION,
    urls_namespace="api",
    docs_url="/docs",
)
api.add_router("", search_router)
api.add_router("", documents_router)
api.add_router("", ingestion_router)
api.add_router("", console_router)
api.add_router("", usage_router)


def nothing(request: HttpRequest, rest: str) -> HttpResponse:
    """Answer for other addresses below the API's, before one is taken for a team's."""
    raise Http404("There is nothing at this address.")


@api.exception_handler(ProblemError)
def on_problem(request: HttpRequest, error: ProblemError) -> HttpResponse:
    """Answer an error that is a problem already."""
    return problem(error.status, error.detail, kind=error.kind, title=error.title, headers=error.headers)


@api.exception_handler(UserError)
def on_user_error(request: HttpRequest, error: UserError) -> HttpResponse:
    """Answer what cannot be done."""
    return problem(400, str(error), kind="bad-request")


@api.exception_handler(ValidationError)
def on_validation_error(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Answer input that is not of the schema, with each field and what is wrong with it."""
    errors: list[dict[str, Any]] = [
        {"field": ".".join(str(part) for part in item["loc"][1:]), "message": item["msg"]}
        for item in error.errors
    ]
    return problem(422, "Some fields are not as they should be.", kind="validation", errors=errors)


@api.exception_handler(AuthenticationError)
def on_authentication_error(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    """Answer a request without a usable key."""
    detail = "Send a key of the workspace: Authorization: Bearer lf_… It may be mistyped, expired or revoked."
    return problem(401, detail, kind="unauthorized", headers={"WWW-Authenticate": "Bearer"})


@api.exception_handler(Http404)
def on_not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    """Answer for what is not there, or is not the key's to see."""
    return problem(404, str(error) or "There is nothing at this address.", kind="not-found")


@api.exception_handler(HttpError)
def on_http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Answer a request that could not be read."""
    return problem(error.status_code, str(error))


@api.exception_handler(Exception)
def on_exception(request: HttpRequest, error: Exception) -> HttpResponse:
    """Answer a fault of ours; the log has it under the request id."""
    logger.error("An API request failed", exc_info=error)
    return problem(
        500, "Something went wrong on our side. The request id helps us to find it.", kind="internal"
    )
