"""Who calls a tool, and the way from the protocol's event loop to the thread that serves the request."""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.http import Http404
from mcp.server.mcpserver.exceptions import ToolError

from console.audit import Actor
from console.auth import require_scope
from console.models import Scope
from lightfast.lib.errors import ProblemError, UserError

P = ParamSpec("P")
R = TypeVar("R")

caller: ContextVar[Actor] = ContextVar("mcp_caller")


@dataclass(frozen=True, slots=True)
class Declared:
    """A tool: its function for the protocol, its title, and the scope that it needs."""

    call: Callable[..., Any]
    title: str
    scope: Scope


TOOLS: dict[str, Declared] = {}


def tool(scope: Scope, *, title: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare a tool; what it cannot do becomes an answer that the agent can read."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            key = caller.get().api_key
            assert key is not None
            try:
                require_scope(key, scope)
                return function(*args, **kwargs)
            except (UserError, ProblemError, Http404) as error:
                raise ToolError(str(error)) from error

        @wraps(function)
        async def call(*args: P.args, **kwargs: P.kwargs) -> R:
            return await sync_to_async(run)(*args, **kwargs)

        TOOLS[function.__name__] = Declared(call, title, scope)
        return function

    return decorate
