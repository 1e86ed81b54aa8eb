"""Reading the audit trail: what to keep of it, a page of it, and each act in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Q
from django.utils import timezone

from console.audit import WORDS
from console.models import Activity, ActivityQuerySet

PAGE = 50


@dataclass(frozen=True, slots=True)
class Filters:
    """What to keep; empty values keep everything. `until` is the last day that counts."""

    actor: str = ""
    action: str = ""
    entity: str = ""
    key: UUID | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One field of an entity before and after an act; None where it had none."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """Some activities, newest first, and the places of the next older and newer ones."""

    rows: Sequence[Activity]
    older: int | None
    newer: int | None


def keep(rows: ActivityQuerySet, filters: Filters) -> ActivityQuerySet:
    """Apply filters; `action` may be a whole action or, as in `source.`, all of one kind of entity."""
    if filters.actor:
        rows = rows.filter(actor__icontains=filters.actor)
    if filters.action.endswith("."):
        rows = rows.filter(action__startswith=filters.action)
    elif filters.action:
        rows = rows.filter(action=filters.action)
    if filters.entity:
        rows = rows.filter(Q(entity__icontains=filters.entity) | Q(entity_id=filters.entity))
    if filters.key:
        rows = rows.filter(api_key=filters.key)
    if filters.since:
        rows = rows.filter(created_at__gte=_midnight(filters.since))
    if filters.until:
        rows = rows.filter(created_at__lt=_midnight(filters.until + timedelta(days=1)))
    return rows


def page_of(rows: ActivityQuerySet, *, before: int | None = None, after: int | None = None) -> Page:
    """Return the page that follows `before` or leads up to `after`; new rows shift no page."""
    if after is not None:
        found = list(rows.filter(pk__gt=after).order_by("pk")[: PAGE + 1])
        more, found = len(found) > PAGE, found[:PAGE][::-1]
        return Page(found, found[-1].pk if found else None, found[0].pk if more else None)
    older = rows if before is None else rows.filter(pk__lt=before)
    found = list(older.order_by("-pk")[: PAGE + 1])
    more, found = len(found) > PAGE, found[:PAGE]
    return Page(found, found[-1].pk if more else None, found[0].pk if found and before is not None else None)


def words(action: str) -> str:
    """Return what an action is called in a sentence; one that nobody knows any more, as it is stored."""
    return WORDS.get(action, action)


def changes(activity: Activity) -> list[Change]:
    """Return what an act changed, by field; fields that stayed as they were are left out."""
    before, after = activity.before, activity.after
    names = [*before, *(name for name in after if name not in before)]
    pairs = [Change(name, _shown(before.get(name)), _shown(after.get(name))) for name in names]
    return [pair for pair in pairs if pair.before != pair.after]


def _shown(value: Any) -> str | None:
    match value:
        case None | "":
            return None
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(str(item) for item in value)
        case str():
            return value
        case _:
            return DjangoJSONEncoder(ensure_ascii=False).encode(value)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
