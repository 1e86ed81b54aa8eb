"""Charts: figures over a period, which pages show as a drawing and as a table of the same cells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.http import HttpRequest
from django.utils import timezone

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time up to now, in buckets of one length."""

    slug: str
    label: str
    span: timedelta
    bucket: timedelta

    @property
    def start(self) -> datetime:
        """The beginning of the first bucket; the last one is under way."""
        now, epoch = timezone.now(), datetime(2000, 1, 1, tzinfo=timezone.get_default_timezone())
        return now - (now - epoch) % self.bucket - self.span + self.bucket

    @property
    def parameters(self) -> dict[str, Any]:
        """What statements need of it."""
        return {"start": self.start, "bucket": self.bucket, "last": self.span - self.bucket}


PERIODS = {
    period.slug: period
    for period in (
        Period("24h", "24 hours", timedelta(hours=24), timedelta(hours=1)),
        Period("7d", "7 days", timedelta(days=7), timedelta(hours=6)),
        Period("30d", "30 days", timedelta(days=30), timedelta(days=1)),
    )
}
USUAL = PERIODS["7d"]


@dataclass(frozen=True, slots=True)
class Series:
    """A column of a chart; `tone` is a color of the design system, None among the values is no figure."""

    label: str
    tone: str
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Chart:
    """Series over the same times. `form` is `lines`, or `bars` that stand on each other; `unit` names a formatter."""

    title: str
    form: str
    unit: str
    times: Sequence[datetime]
    series: Sequence[Series]

    @property
    def rows(self) -> list[tuple[datetime, list[float | None]]]:
        """The table: each time with its values."""
        columns = [series.values for series in self.series]
        return [(moment, list(values)) for moment, *values in zip(self.times, *columns, strict=True)]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(value for series in self.series for value in series.values)


def chart_of(title: str, form: str, unit: str, rows: Sequence[Row], **columns: tuple[str, str]) -> Chart:
    """Return the chart of rows that have a `bucket` and the named columns, each with its label and tone."""
    series = [Series(label, tone, [row[name] for row in rows]) for name, (label, tone) in columns.items()]
    return Chart(title, form, unit, [row["bucket"] for row in rows], series)


def query_rows(statement: str, parameters: Mapping[str, Any]) -> list[Row]:
    """Return the rows of a statement as dictionaries."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def asked_period(request: HttpRequest) -> Period:
    """Return the period that an address asks for, else the usual one."""
    return PERIODS.get(request.GET.get("period", ""), USUAL)


def period_tabs(current: Period) -> list[dict[str, object]]:
    """Return the tabs from which a period is chosen."""
    return [
        {"label": period.label, "href": f"?period={period.slug}", "current": period == current}
        for period in PERIODS.values()
    ]
