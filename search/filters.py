"""Which documents may be found, and the SQL that says so."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from search.globs import glob_regex


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Values of documents; of one field any will do, of several fields each must hold. Case does not matter."""

    sources: tuple[UUID | str, ...] = ()  # ids, names, or slugs of their kind
    repositories: tuple[str, ...] = ()  # names or globs of names
    paths: tuple[str, ...] = ()  # globs
    languages: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    states: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return what is set."""
        values = {field.name: getattr(self, field.name) for field in fields(Facts)}
        return {name: [str(value) for value in found] for name, found in values.items() if found}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters(Facts):
    """Which documents may be found: those with the facts, but none of `without`; empty fields let all through.

    `after` and `before` are about the last change at the source, or, where the source does not tell, in the index.
    """

    without: Facts = Facts()
    after: datetime | None = None
    before: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """Return what is set."""
        without = self.without.as_json()
        times = {name: getattr(self, name) for name in ("after", "before")}
        return {
            **Facts.as_json(self),
            **({"without": without} if without else {}),
            **{name: time.isoformat() for name, time in times.items() if time},
        }

    def conditions(self, prefix: str) -> tuple[list[str], dict[str, Any]]:
        """Return SQL conditions on a document `d`, with their parameters, whose names begin with `prefix`.

        Sources and repositories are not among them: a scope knows its integrations.
        """
        found, values = _conditions(self, f"{prefix}_")
        unwanted, unwanted_values = _conditions(self.without, f"{prefix}_without_")
        found += [f"NOT {condition}" for condition in unwanted]
        values |= unwanted_values
        for name, operator in (("after", ">="), ("before", "<")):
            if (time := getattr(self, name)) is not None:
                found.append(f"coalesce(d.source_updated_at, d.indexed_at) {operator} %({prefix}_{name})s")
                values[f"{prefix}_{name}"] = time
        return found, values


CONDITIONS = {
    "paths": "(d.key ~* ANY(%({name})s::text[]))",
    "languages": "(d.language = ANY(%({name})s))",
    "kinds": "(d.kind = ANY(%({name})s))",
    "authors": "(lower(d.author) = ANY(%({name})s))",
    "labels": "(EXISTS (SELECT FROM unnest(d.labels) label WHERE lower(label) = ANY(%({name})s)))",
    "states": "(lower(d.state) = ANY(%({name})s))",
}


def _conditions(facts: Facts, prefix: str) -> tuple[list[str], dict[str, Any]]:
    conditions: list[str] = []
    values: dict[str, Any] = {}
    for field, condition in CONDITIONS.items():
        if wanted := getattr(facts, field):
            name = f"{prefix}{field}"
            conditions.append(condition.format(name=name))
            values[name] = [glob_regex(w) if field == "paths" else w.lower() for w in wanted]
    return conditions, values
