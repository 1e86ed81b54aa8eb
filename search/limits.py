"""An end to statements that take too long."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled
from psycopg.pq import TransactionStatus


class TimeIsUp(Exception):
    """A statement was ended because its time was up."""


@contextmanager
def time_limit(milliseconds: int) -> Iterator[None]:
    """Let statements of the block run for so long each; raise `TimeIsUp` for one that would not."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('statement_timeout')")
            (before,) = cursor.fetchone()
            limit_statement(milliseconds)
            yield
            if connection.connection.info.transaction_status == TransactionStatus.INERROR:
                raise TimeIsUp
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [before])
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TimeIsUp from error
        raise


def limit_statement(milliseconds: float) -> None:
    """Let the next statements of a `time_limit` run for less long."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(max(1, int(milliseconds)))])
