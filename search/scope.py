"""What a search may look at: one index version, and filters on documents."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from console.models import Workspace
from ingestion.models import IndexVersion, Integration, IntegrationState, Store
from lightfast.lib.errors import UserError


@dataclass(frozen=True, slots=True)
class Filters:
    """Which documents may be found; an empty field lets all through."""

    sources: tuple[UUID, ...] = ()
    kinds: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()

    def as_json(self) -> dict[str, list[str]]:
        """Return the filters that are set."""
        fields = {"sources": self.sources, "kinds": self.kinds, "languages": self.languages}
        return {name: [str(value) for value in values] for name, values in fields.items() if values}


@dataclass(frozen=True, slots=True)
class Scope:
    """The serving version of a store and the integrations in sight. `where` is needed on documents only if narrow."""

    version: IndexVersion
    integrations: dict[UUID, Integration]
    filters: Filters
    narrow: bool

    @property
    def where(self) -> str:
        """SQL on the document `d`, with the parameters of `values`."""
        conditions = ["d.integration_id = ANY(%(integrations)s)"]
        if self.filters.kinds:
            conditions.append("d.kind = ANY(%(kinds)s)")
        if self.filters.languages:
            conditions.append("d.language = ANY(%(languages)s)")
        return " AND ".join(conditions)

    @property
    def values(self) -> dict[str, Any]:
        """Parameters of `where`, and the version."""
        return {
            "version": self.version.pk,
            "integrations": list(self.integrations),
            "kinds": list(self.filters.kinds),
            "languages": list(self.filters.languages),
        }


def scope_of(workspace: Workspace, filters: Filters, store_name: str = "default") -> Scope | None:
    """Return what a search of a workspace looks at, or None while there is nothing yet.

    Raises `UserError` for a store that is not there. Sources of other workspaces are not found, like any other id.
    """
    stores = Store.objects.select_related("serving").filter(workspace=workspace)
    store = stores.filter(name=store_name).first()
    if store is None and store_name != "default":
        raise UserError(f"There is no store {store_name!r} in {workspace}.")
    if store is None or store.serving is None:
        return None
    everything = {row.pk: row for row in Integration.objects.filter(workspace=workspace, store=store)}
    removing = IntegrationState.REMOVING
    visible = {pk: row for pk, row in everything.items() if row.state != removing}
    if filters.sources:
        visible = {pk: row for pk, row in visible.items() if pk in filters.sources}
    narrow = len(visible) < len(everything) or bool(filters.kinds or filters.languages)
    return Scope(store.serving, visible, filters, narrow)
