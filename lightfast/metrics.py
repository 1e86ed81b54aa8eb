"""`/metrics` for Prometheus: requests as the web server counts them, the state of the work as the database has it."""

import hmac
import os
from collections.abc import Iterator

from django.conf import settings
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

# Where the processes of one web server add up what they count; prometheus_client's own variable.
SHARED_DIR = "PROMETHEUS_MULTIPROC_DIR"

CONNECTIONS = """
SELECT coalesce(state, 'other'), count(*) FROM pg_stat_activity WHERE datname = current_database() GROUP BY 1
"""
LIMITS = "SELECT current_setting('max_connections')::int, pg_database_size(current_database())"


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer a scraper that sends METRICS_TOKEN as its bearer token."""
    if not settings.METRICS_TOKEN:
        raise Http404("METRICS_TOKEN is unset.")
    given = request.headers.get("Authorization", "").encode()
    if not hmac.compare_digest(given, f"Bearer {settings.METRICS_TOKEN}".encode()):
        return HttpResponse("Send METRICS_TOKEN as a bearer token.\n", "text/plain", 401)
    registry = CollectorRegistry()
    for path in settings.METRIC_COLLECTORS:
        registry.register(import_string(path)())
    if SHARED_DIR in os.environ:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return HttpResponse(generate_latest(registry), CONTENT_TYPE_LATEST)
    return HttpResponse(generate_latest(REGISTRY) + generate_latest(registry), CONTENT_TYPE_LATEST)


class DatabaseCollector(Collector):
    """How full the database is, in bytes and in connections."""

    def collect(self) -> Iterator[Metric]:
        """Yield the figures."""
        with connection.cursor() as cursor:
            cursor.execute(CONNECTIONS)
            states = cursor.fetchall()
            cursor.execute(LIMITS)
            most, size = cursor.fetchone() or (0, 0)
        name = "lightfast_database_connections"
        connections = GaugeMetricFamily(name, "Connections to the database, by state.", labels=["state"])
        for state, number in states:
            connections.add_metric([state], number)
        yield connections
        yield GaugeMetricFamily(f"{name}_max", "Connections that the server allows.", value=most)
        yield GaugeMetricFamily("lightfast_database_size_bytes", "Size of the database.", value=size)
