"""Reading very many rows with little memory."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet


def in_batches(rows: QuerySet[Any, dict[str, Any]], size: int) -> Iterator[dict[str, Any]]:
    """Return the rows of `values("id", …)` by id, at most `size` in memory.

    Each batch is a query of its own: no transaction, cursor or connection is held between them.
    """
    last = None
    while True:
        ordered = rows.order_by("id")
        batch = list((ordered if last is None else ordered.filter(id__gt=last))[:size])
        yield from batch
        if len(batch) < size:
            return
        last = batch[-1]["id"]
