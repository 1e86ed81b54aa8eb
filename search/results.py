"""What a search answers."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from time import perf_counter

from django.utils import timezone

from ingestion.models import Document, Integration
from search.fusion import Place
from search.modes import Effort, Mode
from search.query import Query
from search.snippet import Snippet


@dataclass(frozen=True, slots=True)
class Match:
    """A chunk of a result, or lines of it that match exactly."""

    heading: str
    first_line: int
    last_line: int
    url: str
    snippet: Snippet


@dataclass(frozen=True, slots=True)
class Result:
    """A found document with its best chunks or lines. `places` tell each leg's rank, score and share of `score`.

    `count` is the number of matching lines of an exact or regex search, of which `matches` may show fewer.
    """

    document: Document
    source: Integration
    score: float
    matches: list[Match]
    places: Mapping[str, Place] = field(default_factory=dict)
    count: int = 0

    @property
    def index_age(self) -> timedelta | None:
        """How long ago the index was last equal to the source."""
        return timezone.now() - self.source.synced_at if self.source.synced_at else None


@dataclass(frozen=True, slots=True)
class Facet:
    """How many of the documents found have a value; `value` goes into a filter, `label` onto a page."""

    value: str
    label: str
    count: int


@dataclass(slots=True)
class Results:
    """What a search found. `stages` are milliseconds; `notes` tell of what could not take part, and what to do.

    `total` and `facets` count the documents found, before `limit` and `offset`; a ranked search finds a few hundred
    at most. `complete` is False where time ran out before all was looked at. `facets` are by "source", "kind" and
    "language", most frequent first.
    """

    query: Query
    mode: Mode = Mode.HYBRID
    effort: Effort = Effort.BALANCED
    results: list[Result] = field(default_factory=list)
    total: int = 0
    terms: tuple[str, ...] = ()
    facets: dict[str, list[Facet]] = field(default_factory=dict)
    stages: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    complete: bool = True

    @property
    def milliseconds(self) -> float:
        """How long all of it took."""
        return round(sum(self.stages.values()), 1)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage."""
        start = perf_counter()
        yield
        self.stages[name] = round((perf_counter() - start) * 1000, 2)
