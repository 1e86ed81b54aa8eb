"""How the API tells that something cannot be done as things are."""

from collections.abc import Iterator
from contextlib import contextmanager

from lightfast.lib.errors import ProblemError, UserError


@contextmanager
def conflicts_told() -> Iterator[None]:
    """Make a conflict (409) of what a service refuses in the present state."""
    try:
        yield
    except UserError as error:
        raise ProblemError(409, "conflict", "Not as things are", str(error)) from error
