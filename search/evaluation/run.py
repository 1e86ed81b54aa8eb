"""Asking every query of a set, and measuring each leg beside the whole."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any
from uuid import UUID

import numpy as np

from console.models import Workspace
from ingestion.models import Chunk
from search.evaluation.measures import estimates, gain, scores
from search.evaluation.pairs import CHANGE_LOG, Pair, is_change_log
from search.evaluation.references import Bm25, rrf
from search.filters import Filters
from search.modes import Effort
from search.query import parse
from search.ranked import Gathered, gather
from search.results import Results
from search.scope import Scope, scope_of

HYBRID, BM25, RRF = "hybrid", "bm25", "rrf"
LEGS = ("lexical", "semantic", "path", "symbol", "definition", "nearness")  # that are rankings by themselves
MISSES = 20


@dataclass(slots=True)
class Report:
    """What an evaluation found; `legs` have for each leg each measure's values, one a query."""

    legs: dict[str, list[dict[str, float]]] = field(default_factory=lambda: defaultdict(list))
    milliseconds: list[float] = field(default_factory=list)
    misses: list[dict[str, Any]] = field(default_factory=list)

    @property
    def pairs(self) -> int:
        """How many queries were asked."""
        return len(self.milliseconds)

    def measures(self) -> dict[str, dict[str, dict[str, float]]]:
        """Return each leg's measures with their intervals."""
        return {name: estimates(rows) for name, rows in self.legs.items()}

    def gains(self, measures: Sequence[str] = ("mrr_10", "recall_10")) -> dict[str, dict[str, Any]]:
        """Return by how much the whole is better than each of the others, in parts of theirs."""
        ours = self.legs[HYBRID]
        return {
            name: {m: gain([row[m] for row in ours], [row[m] for row in rows]).as_json() for m in measures}
            for name, rows in self.legs.items()
            if name != HYBRID
        }

    def latency(self) -> dict[str, float]:
        """Return median and 95th percentile, in milliseconds."""
        if not self.milliseconds:
            return {}
        median, late = np.percentile(self.milliseconds, [50, 95])
        return {"median": round(float(median), 1), "p95": round(float(late), 1)}

    def part(self, first: int, end: int) -> "Report":
        """Return the figures of some of the queries, without the misses."""
        legs = {name: rows[first:end] for name, rows in self.legs.items()}
        return Report(defaultdict(list, legs), self.milliseconds[first:end])

    def add(self, other: "Report") -> None:
        """Take in another set's queries."""
        for name, rows in other.legs.items():
            self.legs[name].extend(rows)
        self.milliseconds += other.milliseconds
        self.misses += other.misses


def evaluate(
    workspace: Workspace,
    pairs: Sequence[Pair],
    *,
    source: UUID | None = None,
    store: str = "default",
    effort: Effort = Effort.BALANCED,
    references: bool = False,
    progress: Callable[[], object] = lambda: None,
) -> Report:
    """Ask every query of files of a workspace, or of one of its sources, and measure what is found.

    With `references`, BM25 over the same chunks and terms, and plain fusion of the same legs, are measured, too.
    """
    report = Report()
    filters = Filters(sources=(source,) if source else (), kinds=("file",))
    scope = scope_of(workspace, (filters,), store)
    if scope is None:
        return report
    scope = replace(
        scope,
        conditions=(*scope.conditions, "d.key !~* %(change_log)s"),
        parameters={**scope.parameters, "change_log": CHANGE_LOG},
    )
    bm25 = Bm25(_texts(scope)) if references else None
    for pair in pairs:
        answer = Results(parse(pair.query, syntax=False), effort=effort)
        start = perf_counter()
        found = gather(scope, answer)
        legs = found.legs()
        ranked = found.ranked(legs)
        report.milliseconds.append((perf_counter() - start) * 1000)
        rankings = {HYBRID: _keys(found, (row.document for row in ranked))}
        rankings |= {name: _keys(found, _ordered(legs[name])) for name in LEGS}
        if bm25:
            rankings |= {BM25: bm25.rank(answer.query.terms), RRF: _plain(found)}
        for name, ranking in rankings.items():
            report.legs[name].append(scores(ranking, pair.documents))
        if not report.legs[HYBRID][-1]["recall_10"] and len(report.misses) < MISSES:
            report.misses.append({"query": pair.query, "documents": sorted(pair.documents)})
        progress()
    return report


def _ordered(leg: Mapping[UUID, float]) -> list[UUID]:
    return sorted(leg, key=lambda document: (-leg[document], document))


def _plain(found: Gathered) -> list[str]:
    """Fuse the legs as one does who tunes nothing: each document by its best chunk, both legs alike."""
    rankings = [list(dict.fromkeys(hit.document for hit in leg)) for leg in (found.lexical, found.semantic)]
    return rrf([_keys(found, ranking) for ranking in rankings])


def _keys(found: Gathered, documents: Iterable[UUID]) -> list[str]:
    return [found.known[document].key for document in documents if document in found.known]


def _texts(scope: Scope) -> Iterable[tuple[str, str]]:
    """Return the chunks in sight as the index has them, with path and heading."""
    chunks = Chunk.objects.filter(version=scope.version, document__integration__in=scope.integrations)
    rows = chunks.filter(document__kind="file").values_list("document__key", "heading", "text")
    for key, heading, text in rows.iterator():
        if not is_change_log(key):
            yield key, f"{key}\n{heading}\n{text}"
