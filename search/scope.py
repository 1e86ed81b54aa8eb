"""What a search may look at: one index version of a workspace, some integrations, and filters on documents."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any
from uuid import UUID

from console.models import Workspace
from ingestion.models import IndexVersion, Integration, IntegrationState, Store
from lightfast.lib.errors import UserError
from search.filters import Filters

NAMES = 8  # that a note lists


@dataclass(frozen=True, slots=True)
class Scope:
    """The serving version of a store and the integrations in sight. `where` is needed on documents only if narrow."""

    version: IndexVersion
    integrations: dict[UUID, Integration]
    narrow: bool
    conditions: tuple[str, ...] = ()
    parameters: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """SQL on the document `d`, with the parameters of `values`."""
        return " AND ".join(("d.integration_id = ANY(%(integrations)s)", *self.conditions))

    @property
    def values(self) -> dict[str, Any]:
        """Parameters of `where`, and the version."""
        return {**self.parameters, "version": self.version.pk, "integrations": list(self.integrations)}


def scope_of(workspace: Workspace, filters: Sequence[Filters], store_name: str = "default") -> Scope | None:
    """Return what a search of a workspace looks at when all of the filters hold, or None while there is nothing yet.

    Raises `UserError` for a store that is not there. Sources of other workspaces are not found, like any other id.
    """
    stores = Store.objects.select_related("serving").filter(workspace=workspace)
    store = stores.filter(name=store_name).first()
    if store is None and store_name != "default":
        raise UserError(f"There is no store {store_name!r} in {workspace}.")
    if store is None or store.serving is None:
        return None
    everything = list(Integration.objects.filter(workspace=workspace, store=store))
    alive = [row for row in everything if row.state != IntegrationState.REMOVING]
    visible = {row.pk: row for row in alive if all(_lets_through(one, row) for one in filters)}
    conditions: list[str] = []
    parameters: dict[str, Any] = {}
    for number, one in enumerate(filters):
        found, values = one.conditions(f"filter{number}")
        conditions += found
        parameters |= values
    narrow = len(visible) < len(everything) or bool(conditions)
    notes = tuple(_notes(filters, alive))
    return Scope(store.serving, visible, narrow, tuple(conditions), parameters, notes)


def is_source(value: UUID | str, row: Integration) -> bool:
    """Tell whether a value names a source: its id, its name, or the slug of its kind."""
    name = str(value).lower()
    return name in (str(row.pk), row.name.lower(), row.kind)


def is_repository(value: str, row: Integration) -> bool:
    """Tell whether a value names a repository: in full (acme/shop), by its last part, or as a glob (acme/*)."""
    name, pattern = row.name.lower(), value.lower().strip("/")
    return fnmatchcase(name, pattern) or fnmatchcase(name.rsplit("/", 1)[-1], pattern)


def _lets_through(filters: Filters, row: Integration) -> bool:
    without = filters.without
    return (
        (not filters.sources or any(is_source(value, row) for value in filters.sources))
        and (not filters.repositories or any(is_repository(value, row) for value in filters.repositories))
        and not any(is_source(value, row) for value in without.sources)
        and not any(is_repository(value, row) for value in without.repositories)
    )


def _notes(filters: Iterable[Filters], rows: Sequence[Integration]) -> Iterable[str]:
    """Tell of names that no source has: a typing error finds nothing, and should say why."""
    names = ", ".join(sorted(row.name for row in rows)[:NAMES])
    for one in filters:
        sources = [
            str(v) for v in (*one.sources, *one.without.sources) if not any(is_source(v, r) for r in rows)
        ]
        repositories = [
            v
            for v in (*one.repositories, *one.without.repositories)
            if not any(is_repository(v, r) for r in rows)
        ]
        for value in (*sources, *repositories):
            yield f"No source here is called {value!r}." + (f" There are: {names}." if names else "")
