"""Connections to the application's database for code that is not Django's ORM."""

from typing import Any, Self

import psycopg
from django.db import connections


class DjangoConnection(psycopg.Connection[Any]):
    """A psycopg connection with the parameters of Django's default database, whatever they are by then."""

    @classmethod
    def connect(cls, conninfo: str = "", **kwargs: Any) -> Self:  # type: ignore[override]
        """Connect; `conninfo` and `kwargs` add to Django's parameters."""
        params = connections["default"].get_connection_params()  # type: ignore[no-untyped-call]
        known = {key: params[key] for key in ("dbname", "user", "password", "host", "port") if params.get(key)}
        return super().connect(conninfo, **{**known, **kwargs})
