"""The database's clock, which all machines share: what others wait for must not hang on one that is wrong."""

from datetime import datetime, timedelta

from django.db import connection
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now


def shared_now() -> datetime:
    """Ask the database for the time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        (now,) = cursor.fetchone()
    assert isinstance(now, datetime)
    return now


def shared_time_after(wait: timedelta) -> CombinedExpression:
    """Return what the database will take for the time after `wait`."""
    return Now() + wait
