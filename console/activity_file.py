"""Activities as files, sent while they are read: however many there are, memory stays small."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone

from console.models import ActivityQuerySet
from console.spreadsheet import csv_lines

ROWS = 2_000  # in memory at a time
COLUMNS = [
    "created_at", "actor", "action", "entity_type", "entity_id", "entity", "before", "after", "ip_address", "request_id"
]  # fmt: skip
TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


def activity_file(rows: ActivityQuerySet, name: str, form: str) -> HttpResponseBase:
    """Return activities, newest first, as a file of the form `csv` or `json`; raise `Http404` for another."""
    if form not in TYPES:
        raise Http404("Activities come as csv or json.")
    values = rows.order_by("-pk").values(*COLUMNS).iterator(chunk_size=ROWS)
    body = _csv(values) if form == "csv" else _json(values)
    file = f"{name}-activity-{timezone.now().date().isoformat()}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{file}"'}
    return StreamingHttpResponse(body, content_type=TYPES[form], headers=headers)


def _csv(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    return csv_lines(COLUMNS, ([_cell(value) for value in row.values()] for row in rows))


def _cell(value: Any) -> object:
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False) if value else ""
    return value.isoformat() if hasattr(value, "isoformat") else value


def _json(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    before = "["
    for row in rows:
        yield f"{before}\n{json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False)}"
        before = ","
    yield "[]\n" if before == "[" else "\n]\n"
