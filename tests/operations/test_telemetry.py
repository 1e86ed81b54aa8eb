"""Errors and traces go where the settings say, and hold nobody's secrets."""

import gzip
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.up.running import PROJECT

FAIL = """
import logging
import django
django.setup()
secret = "hunter2-in-a-variable"
try:
    raise RuntimeError("the engine is on fire")
except RuntimeError:
    logging.getLogger("lightfast").exception("Something failed")
import sentry_sdk
sentry_sdk.flush(10)
"""
TRACE = """
import django
django.setup()
from django.test import Client
from opentelemetry import trace
assert Client().get("/health/live", headers={"Host": "localhost"}).status_code == 200
trace.get_tracer_provider().shutdown()
"""


class Collector(ThreadingHTTPServer):
    """A Sentry, or an OpenTelemetry collector, that keeps what it is sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.received: dict[str, bytes] = {}

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class Handler(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.server.received[self.path] = self.server.received.get(self.path, b"") + body
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def run(script: str, environment: dict[str, str]) -> None:
    own = {"DJANGO_SETTINGS_MODULE": "lightfast.settings", **environment}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=PROJECT, env={**os.environ, **own}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_an_error_is_reported_without_code_or_variables(collector: Collector) -> None:
    run(FAIL, {"SENTRY_DSN": f"http://key@127.0.0.1:{collector.port}/1"})
    report = collector.received["/api/1/envelope/"]
    assert b"the engine is on fire" in report
    assert b"hunter2" not in report


def test_a_request_is_traced(collector: Collector) -> None:
    run(TRACE, {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collector.port}"})
    assert b"health/live" in collector.received["/v1/traces"]


def test_nothing_is_even_imported_where_nothing_is_configured() -> None:
    run(
        "import django, sys\ndjango.setup()\n"
        "assert not {'sentry_sdk', 'opentelemetry.sdk'} & set(sys.modules), sorted(sys.modules)\n",
        {},
    )
