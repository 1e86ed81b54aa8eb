"""Connections to the application's database for code that is not Django's ORM."""

from typing import Any, Self

import psycopg
from django.db import connections
from psycopg import pq

_LIBPQ = {option.keyword.decode() for option in pq.Conninfo.get_defaults()}


class DjangoConnection(psycopg.Connection[Any]):
    """A psycopg connection with the parameters of Django's default database, whatever they are by then."""

    @classmethod
    def connect(cls, conninfo: str = "", **kwargs: Any) -> Self:
        """Connect; `conninfo` and `kwargs` add to Django's parameters."""
        params = connections["default"].get_connection_params()
        # The rest of Django's are about its own cursors.
        known = {name: value for name, value in params.items() if name in _LIBPQ and value}
        return super().connect(conninfo, **{**known, **kwargs})
