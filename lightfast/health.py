"""Whether this server lives, and whether it can serve: what load balancers and orchestrators ask."""

import logging
from collections.abc import Callable

import dramatiq
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from lightfast import __version__

logger = logging.getLogger(__name__)
_migrated = False  # once seen to be so, it stays so for this program


class HealthMiddleware:
    """Answer `/health/live` and `/health/ready`.

    It comes before what looks at the host's name and asks for HTTPS: probes have neither.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        probe = {"/health/live": live, "/health/ready": ready}.get(request.path_info)
        return probe(request) if probe else self.get_response(request)


@require_safe
@never_cache
def live(request: HttpRequest) -> HttpResponse:
    """Tell that the process answers; it asks nothing else, so that a database that is away restarts nobody."""
    return JsonResponse({"status": "ok", "version": __version__})


@require_safe
@never_cache
def ready(request: HttpRequest) -> HttpResponse:
    """Tell whether requests can be served; 503 with what is in the way when they cannot."""
    found = problems()
    body = {"status": "unavailable" if found else "ok", "version": __version__, "problems": found}
    return JsonResponse(body, status=503 if found else 200)


def problems() -> dict[str, str]:
    """Return what is in the way of serving, by its part: `database`, `migrations` or `broker`."""
    try:
        if not is_migrated():
            return {"migrations": "The database is older than this program. Run: manage.py migrate"}
    except DatabaseError as error:
        logger.warning("Not ready: %s", error)
        return {"database": "The database does not answer."}
    try:
        ping_broker()
    except Exception as error:  # noqa: BLE001 - each broker's client has its own
        logger.warning("Not ready: %s", error)
        return {"broker": "The queue does not answer."}
    return {}


def is_migrated() -> bool:
    """Tell whether the database answers with every migration that this program knows; raise `DatabaseError`."""
    global _migrated  # noqa: PLW0603 - a fact of the process
    if _migrated:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    else:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _migrated


def ping_broker() -> None:
    """Reach the broker; raises whatever its client raises. Postgres as the queue needs no second look."""
    broker = dramatiq.get_broker()
    if (client := getattr(broker, "client", None)) is not None:  # Redis
        client.ping()
    elif hasattr(broker, "connection"):  # RabbitMQ
        broker.connection  # noqa: B018 - it opens one, or finds the open one
