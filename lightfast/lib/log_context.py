"""What a log line is about: the request, or the message with the rows it names."""

import inspect
import logging
from collections.abc import Mapping
from contextvars import ContextVar

import dramatiq

from lightfast.lib.request_id import current_request_id

_NOTHING: Mapping[str, str] = {}
_message: ContextVar[Mapping[str, str]] = ContextVar("message", default=_NOTHING)


class ContextFilter(logging.Filter):
    """Give every record the request id, and in a worker the actor and the ids of its message, such as `run_id`."""

    def filter(self, record: logging.LogRecord) -> bool:
        request_id = current_request_id()
        context = {**_message.get(), **({"request_id": request_id} if request_id != "-" else {})}
        for name, value in context.items():
            setattr(record, name, value)
        record.context = " ".join(f"{name}={value}" for name, value in context.items()) or "-"
        return True


class MessageContextMiddleware(dramatiq.Middleware):
    """Remember which message a worker's thread is at, under the names of the actor's parameters."""

    def before_process_message(self, broker: dramatiq.Broker, message: dramatiq.MessageProxy) -> None:
        """Begin."""
        parameters = inspect.signature(broker.get_actor(message.actor_name).fn).parameters
        ids = {name: str(value) for name, value in zip(parameters, message.args, strict=False)}
        _message.set({"actor": message.actor_name, "message_id": message.message_id, **ids})

    def after_process_message(self, *_: object, **__: object) -> None:
        """End."""
        _message.set(_NOTHING)

    after_skip_message = after_process_message
