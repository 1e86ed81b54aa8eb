"""What the routers of every app share: pages of lists, and how problems look in the schema."""

from datetime import UTC, datetime
from typing import Annotated

from ninja import Field, Schema
from pydantic import BeforeValidator

from lightfast.lib.errors import UserError
from lightfast.lib.text import storable


def _storable(value: object) -> object:
    return storable(value) if isinstance(value, str) else value


Text = Annotated[str, BeforeValidator(_storable)]  # without what Postgres cannot hold


def aware(moment: datetime | None) -> datetime | None:
    """Return a time in UTC, which one without a zone is taken for: Postgres knows no zones 16 hours away."""
    if moment is None or moment.tzinfo is None:
        return moment and moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise UserError(f"{moment.isoformat()} is beyond the calendar.") from error


class PageIn(Schema):
    """Which part of a list is wanted."""

    cursor: Text | None = Field(None, max_length=200, description="`next` of the page before.")
    limit: int = Field(50, ge=1, le=100, description="Entries at most.")


class PageOut(Schema):
    """A part of a list."""

    next: str | None = Field(..., description="The cursor of the next page; null on the last one.")


class FieldProblem(Schema):
    """What is wrong with a field."""

    field: str
    message: str


class Problem(Schema):
    """Problem details (RFC 9457); every error is one."""

    type: str = Field(..., description="`/problems/…`, or `about:blank` where the status says it all.")
    title: str
    status: int
    detail: str = Field(..., description="What is wrong with this request, and what to do.")
    request_id: str = Field(..., description="Finds the request in the log.")
    errors: list[FieldProblem] = Field(
        [], description="Of a validation problem: what is wrong with each field."
    )
