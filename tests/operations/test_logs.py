"""Log lines say what they are about."""

import json
import logging
from uuid import uuid4

import dramatiq
import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils.module_loading import import_string

from lightfast.lib.log_context import ContextFilter, MessageContextMiddleware
from lightfast.lib.request_id import RequestIdMiddleware

logger = logging.getLogger("lightfast.test")


def line(log_format: str, message: str = "it happened") -> str:
    """Format a record as the settings do."""
    spec = dict(settings.LOGGING["formatters"][log_format])
    factory = spec.pop("()", None)
    if "format" in spec:
        spec["fmt"] = spec.pop("format")
    formatter = import_string(factory)(**spec)
    record = logger.makeRecord(logger.name, logging.INFO, __file__, 1, message, (), None)
    assert ContextFilter().filter(record)
    return str(formatter.format(record))


@pytest.fixture
def processing() -> dict[str, str]:
    """Stand in a worker's thread at a run."""
    broker = dramatiq.get_broker()
    run_id = str(uuid4())
    message = broker.get_actor("plan_run").message(run_id)
    context = MessageContextMiddleware()
    context.before_process_message(broker, dramatiq.MessageProxy(message))
    return {"run_id": run_id, "actor": "plan_run", "message_id": message.message_id}


def test_a_line_of_a_worker_names_the_run(processing: dict[str, str]) -> None:
    assert f"run_id={processing['run_id']}" in line("line")
    MessageContextMiddleware().after_process_message()
    assert "[-]" in line("line")


def test_json_has_the_ids_as_fields(processing: dict[str, str]) -> None:
    found = json.loads(line("json"))
    assert processing.items() <= found.items()
    assert (found["level"], found["logger"], found["message"]) == ("INFO", "lightfast.test", "it happened")
    assert found["timestamp"].endswith(("Z", "+00:00"))
    MessageContextMiddleware().after_process_message()


def test_a_line_of_a_request_has_the_id_that_the_answer_has() -> None:
    seen: list[str] = []

    def view(_: HttpRequest) -> HttpResponse:
        seen.append(line("line"))
        return HttpResponse()

    answer = RequestIdMiddleware(view)(RequestFactory().get("/"))
    assert f"request_id={answer['X-Request-ID']}" in seen[0]


@pytest.mark.parametrize("log_format", ["line", "json"])
def test_no_secret_is_in_a_line(log_format: str) -> None:
    said = line(log_format, "got ghs_0123456789abcdefghijklmnop from https://me:hunter2@example.com")
    assert "ghs_" not in said
    assert "hunter2" not in said
