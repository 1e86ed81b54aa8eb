"""Pages of long lists: a cursor says where the last page ended, so rows that come or go meanwhile shift nothing."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet

from lightfast.lib.errors import ProblemError

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows, and the cursor of those after them; None at the end."""

    items: list[Row]
    next: str | None


def newest_first(rows: QuerySet[Row], *, cursor: str | None, limit: int) -> Page[Row]:
    """Return at most `limit` rows by descending primary key, from behind the cursor; raise `ProblemError`."""
    if cursor:
        rows = rows.filter(pk__lt=_primary_key(rows.model, cursor))
    found = list(rows.order_by("-pk")[: limit + 1])
    more = len(found) > limit
    return Page(found[:limit], encoded(found[limit - 1].pk) if more else None)


def encoded(place: object) -> str:
    """Return the cursor of a place: text that URLs take as it is."""
    return urlsafe_b64encode(str(place).encode()).decode().rstrip("=")


def decoded(cursor: str) -> str:
    """Return the place of a cursor; raise `ProblemError` for a text that is none."""
    try:
        place = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except ValueError:
        raise bad_cursor() from None
    if encoded(place) != cursor:
        raise bad_cursor()
    return place


def bad_cursor() -> ProblemError:
    """Return the problem of a cursor that this list did not give."""
    detail = "This is no cursor of this list. Take `next` of its last page, or leave the cursor out."
    return ProblemError(400, "bad-cursor", "Not a cursor", detail)


def _primary_key(model: type[Model], cursor: str) -> Any:
    try:
        return model._meta.pk.to_python(decoded(cursor))
    except (ValidationError, ValueError):
        raise bad_cursor() from None
