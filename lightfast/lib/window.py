"""Windows on long lists in the browser: what follows or goes before a row, never a count of them all."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import QueryDict

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Window(Generic[Row]):
    """Some rows; `previous` and `next` are the queries of the windows beside it, empty where nothing is."""

    rows: list[Row]
    previous: str = ""
    next: str = ""


def window(rows: QuerySet[Row], query: QueryDict, *, size: int, newest_first: bool = True) -> Window[Row]:
    """Return the rows by primary key that follow the one in `after`, or go before the one in `before`."""
    after, before = (_key(rows.model, query.get(name)) for name in ("after", "before"))
    backwards = before is not None
    descending = newest_first != backwards
    bound = before if backwards else after
    if bound is not None:
        rows = rows.filter(**{"pk__lt" if descending else "pk__gt": bound})
    found = list(rows.order_by("-pk" if descending else "pk")[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    if not found:
        return Window([])
    has_previous = more if backwards else bound is not None
    has_next = backwards or more
    return Window(
        found,
        _query(query, before=found[0].pk) if has_previous else "",
        _query(query, after=found[-1].pk) if has_next else "",
    )


def _key(model: type[Model], text: str | None) -> Any:
    try:
        return model._meta.pk.to_python(text) if text else None
    except ValidationError:
        return None


def _query(query: QueryDict, **place: object) -> str:
    changed = query.copy()
    for name in ("after", "before", "page"):
        changed.pop(name, None)
    for name, value in place.items():
        changed[name] = str(value)
    return f"?{changed.urlencode()}"
