"""The state of the search page, all of which stands in its address."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from search.filters import Facts, Filters
from search.modes import Effort, Mode
from search.query import FILTER, parse_time
from search.results import Facet

PER_PAGE = 10
LAST_PAGE = 20  # of a ranking that knows a few hundred documents
MOST_VALUES = 20  # of one filter

# Names in the address, and those of Filters. With a - before it, what has the value is left out.
FIELDS = {
    "source": "sources",
    "kind": "kinds",
    "language": "languages",
    "path": "paths",
    "author": "authors",
    "state": "states",
    "label": "labels",
}
TIMES = ("after", "before")
FACETS = {"source": "Source", "kind": "Kind", "language": "Language"}
NAMES = (*FIELDS, *(f"-{name}" for name in FIELDS), *TIMES)

MODES, EFFORTS = {mode.value: mode for mode in Mode}, {effort.value: effort for effort in Effort}

Values = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is set: what it is about, its value, whether it leaves out, and the state without it."""

    name: str
    value: str
    without: bool
    removed: "State"


@dataclass(frozen=True, slots=True)
class Option:
    """A value that documents found have, whether it is filtered by, and the state with that turned round."""

    facet: Facet
    chosen: bool
    toggled: "State"


@dataclass(frozen=True, slots=True)
class Group:
    """The values of one kind."""

    name: str
    label: str
    options: list[Option]


@dataclass(frozen=True, slots=True)
class State:
    """A query as typed, how to search, what to leave out, and the page; `values` are those of NAMES that are set."""

    text: str = ""
    mode: Mode = Mode.HYBRID
    effort: Effort = Effort.BALANCED
    values: Values = field(default_factory=dict)
    page: int = 1

    @classmethod
    def of(cls, query: QueryDict) -> "State":
        """Read an address; what cannot be read in it does not count."""
        values = {}
        for name in NAMES:
            given = (value.replace("\0", "").strip() for value in query.getlist(name))
            if found := tuple(dict.fromkeys(value for value in given if value))[:MOST_VALUES]:
                values[name] = found[-1:] if name in TIMES else found
        mode, effort, page = (query.get(name, "") for name in ("mode", "effort", "page"))
        return cls(
            text=query.get("q", "").replace("\0", "").strip(),
            mode=MODES.get(mode, Mode.HYBRID),
            effort=EFFORTS.get(effort, Effort.BALANCED),
            values=values,
            page=min(int(page), LAST_PAGE) if page.isdecimal() and 0 < len(page) < 4 and int(page) else 1,
        )

    @property
    def address(self) -> str:
        """The query string of this state, with what is as ever left out."""
        pairs: list[tuple[str, str]] = [("q", self.text)] if self.text else []
        if self.mode != Mode.HYBRID:
            pairs.append(("mode", self.mode))
        if self.effort != Effort.BALANCED:
            pairs.append(("effort", self.effort))
        pairs += [(name, value) for name in NAMES for value in self.values.get(name, ())]
        if self.page > 1:
            pairs.append(("page", str(self.page)))
        return f"?{urlencode(pairs)}"

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """What a form has to carry along that shows the query and the effort alone."""
        mode = [] if self.mode == Mode.HYBRID else [("mode", str(self.mode))]
        return mode + [(name, value) for name in NAMES for value in self.values.get(name, ())]

    @property
    def sought(self) -> str:
        """What to search for: the text, or, to list what filters alone let through, those in the query's syntax."""
        if self.text or self.mode.is_literal:
            return self.text
        pairs = [(name, value) for name, found in self.values.items() for value in found]
        return " ".join(f'{name}:"{value}"' for name, value in pairs if '"' not in value)

    @property
    def filters(self) -> Filters:
        """The filters that were chosen beside the query; raises `UserError` for a time that is none."""
        times = {name: parse_time(self.values[name][0], name) for name in TIMES if name in self.values}
        return Filters(
            **self._facts(""),
            without=Facts(**self._facts("-")),
            after=times.get("after"),
            before=times.get("before"),
        )

    def _facts(self, sign: str) -> dict[str, Any]:
        return {plural: self.values.get(f"{sign}{name}", ()) for name, plural in FIELDS.items()}

    def chips(self) -> Iterator[Chip]:
        """Yield every filter that is set, those written in the query first."""
        for match in FILTER.finditer(self.text):
            if match["field"] is not None:
                text = " ".join(f"{self.text[: match.start()]} {self.text[match.end() :]}".split())
                removed = replace(self, text=text, page=1)
                yield Chip(match["field"].lower(), match["value"].strip('"'), bool(match["no"]), removed)
        for name, found in self.values.items():
            for value in found:
                yield Chip(name.removeprefix("-"), value, name.startswith("-"), self.without(name, value))

    def facets(self, facets: Mapping[str, list[Facet]]) -> list[Group]:
        """Return the counts that can narrow down, each with the state that has or has not its filter."""
        groups = [
            Group(name, label, self._options(name, facets.get(name, ()))) for name, label in FACETS.items()
        ]
        return [group for group in groups if len(group.options) > 1 or any(o.chosen for o in group.options)]

    def _options(self, name: str, facets: Iterable[Facet]) -> list[Option]:
        chosen = self.values.get(name, ())
        return [Option(f, f.value in chosen, self.toggled(name, f.value)) for f in facets]

    def having(self, name: str, value: str) -> "State":
        """Return the state with one more filter."""
        found = self.values.get(name, ())
        return (
            replace(self, values={**self.values, name: (*found, value)}, page=1)
            if value not in found
            else self
        )

    def without(self, name: str, value: str) -> "State":
        """Return the state without a filter."""
        rest = tuple(found for found in self.values.get(name, ()) if found != value)
        values = {**self.values, name: rest}
        return replace(self, values={name: found for name, found in values.items() if found}, page=1)

    def toggled(self, name: str, value: str) -> "State":
        """Return the state with a filter if it is not set, and without it if it is."""
        return self.without(name, value) if value in self.values.get(name, ()) else self.having(name, value)

    def by(self, mode: Mode) -> "State":
        """Return the state in another mode."""
        return replace(self, mode=mode, page=1)

    def at(self, page: int) -> "State":
        """Return the state at another page."""
        return replace(self, page=page)

    def unfiltered(self) -> "State":
        """Return the state without its chosen filters."""
        return replace(self, values={}, page=1)
