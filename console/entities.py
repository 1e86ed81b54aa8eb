"""Where the things that activities tell of can be opened; every app adds the kinds it knows, in `AppConfig.ready`."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from console.models import Activity, Organization


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of entity: the rows that a team still has, the page of one, and the row's values in its address."""

    rows: Callable[[Organization], QuerySet[Any]]
    view: str
    values: Sequence[str]


KINDS: dict[str, Kind] = {}


def find_links(organization: Organization, activities: Iterable[Activity]) -> Mapping[tuple[str, str], str]:
    """Return addresses by kind and id; one query for each kind of entity, however many rows there are."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for activity in activities:
        if activity.entity_type in KINDS:
            wanted[activity.entity_type].add(activity.entity_id)
    return {
        (kind, pk): address
        for kind, pks in wanted.items()
        for pk, address in _addresses(organization, kind, pks)
    }


def _addresses(organization: Organization, kind: str, pks: Collection[str]) -> Iterable[tuple[str, str]]:
    known = KINDS[kind]
    rows = known.rows(organization).filter(pk__in=pks).values_list("pk", *known.values)
    for pk, *values in rows:
        yield str(pk), reverse(known.view, args=[organization.slug, *values])
