"""The ranked modes: the legs, their fusion, and the filters-only search that has nothing to rank by."""

import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from ingestion.embedding.base import EmbedderError
from ingestion.models import Chunk, Document
from search import fusion
from search.definitions import by_definition
from search.filenames import named
from search.legs import Hit
from search.lexical import LOOKED_AT, lexical, rarities_of
from search.modes import Effort, Mode
from search.nearness import by_nearness
from search.query import Query
from search.results import Facet, Results
from search.scope import Scope
from search.semantic import query_vector, semantic

logger = logging.getLogger(__name__)

LEXICAL_CHUNKS = {Effort.FAST: 100, Effort.BALANCED: 200, Effort.THOROUGH: 400}
SEMANTIC_CHUNKS = {Effort.FAST: 50, Effort.BALANCED: 100, Effort.THOROUGH: 200}
LISTED = 200  # documents of a search that is filters only

NEWEST = """
SELECT d.id, coalesce(extract(epoch FROM coalesce(d.source_updated_at, d.indexed_at)), 0)::float8 AS time,
       (SELECT c.id FROM ingestion_chunk c WHERE c.document_id = d.id AND c.version_id = %(version)s
        ORDER BY c.ordinal LIMIT 1)
FROM ingestion_document d
WHERE {where}
ORDER BY time DESC, d.id DESC
LIMIT {limit}
"""


class Known(NamedTuple):
    """What ranking and facets need of a document."""

    key: str
    kind: str
    language: str
    integration: UUID


@dataclass(slots=True)
class Gathered:
    """What the legs found: chunks best first, the terms with their rarity, and what is known of the documents."""

    lexical: list[Hit] = field(default_factory=list)
    semantic: list[Hit] = field(default_factory=list)
    named: list[Hit] = field(default_factory=list)
    rarities: dict[str, float] = field(default_factory=dict)
    known: dict[UUID, Known] = field(default_factory=dict)
    headings: dict[UUID, list[str]] = field(default_factory=dict)
    nearness: dict[UUID, float] = field(default_factory=dict)
    definitions: dict[UUID, float] = field(default_factory=dict)

    mode: Mode = Mode.HYBRID

    def ranked(self, legs: Mapping[str, Mapping[UUID, float]]) -> list[fusion.Ranked]:
        """Return the documents by the legs' scores, best first."""
        folders = {} if self.mode == Mode.SEMANTIC else self._folders()
        return fusion.fuse(legs, [self.lexical, self.semantic, self.named], folders)

    def legs(self) -> dict[str, dict[UUID, float]]:
        """Return each leg's scores of documents."""
        legs = {
            "lexical": fusion.by_document(self.lexical, fusion.WORD_SHARES),
            "semantic": fusion.by_document(self.semantic, fusion.MEANING_SHARES),
        }
        if self.mode != Mode.SEMANTIC:
            paths = {pk: row.key for pk, row in self.known.items()}
            legs |= {
                "name": {hit.document: hit.score for hit in self.named},
                "path": fusion.by_name({pk: (path,) for pk, path in paths.items()}, self.rarities),
                "symbol": fusion.by_name(self.headings, self.rarities),
                "definition": self.definitions,
                "nearness": fusion.relative(self.nearness),
                "verbatim": {document: share**2 for document, share in self.nearness.items()},
                "test": fusion.by_test(paths, self.rarities),
            }
        return legs

    def _folders(self) -> dict[UUID, tuple[UUID, str]]:
        files = ((pk, row) for pk, row in self.known.items() if row.kind == "file")
        return {pk: (row.integration, row.key.rpartition("/")[0]) for pk, row in files}


def rank(scope: Scope, answer: Results) -> list[fusion.Ranked]:
    """Return the documents found, best first; terms, counts, facets, stages and notes go into the answer."""
    if not answer.query.text:
        return _newest(scope, answer)
    found = gather(scope, answer)
    with answer.stage("fuse"):
        ranked = found.ranked(found.legs())
    answer.terms = tuple(found.rarities)
    count(scope, answer, found.known.values())
    return ranked


def gather(scope: Scope, answer: Results) -> Gathered:
    """Ask the legs that the mode and the effort want."""
    query, mode, effort = answer.query, answer.mode, answer.effort
    found = Gathered(mode=mode)
    with answer.stage("lexical"):
        found.rarities = rarities_of(scope, query.terms)
        if mode != Mode.SEMANTIC:
            found.lexical, all_seen = lexical(scope, query, found.rarities, limit=LEXICAL_CHUNKS[effort])
            if not all_seen:
                answer.notes.append(
                    f"So many texts have these words that {LOOKED_AT:,} of them were ranked by words."
                    " Put a rarer word into the search to narrow it down."
                )
    if _wants_meaning(query, mode, effort):
        found.semantic = _by_meaning(scope, answer)
    with answer.stage("documents"):
        if mode != Mode.SEMANTIC and not query.phrases:  # a text need not have the name of its file in it
            found.named = named(scope, query.text, found.rarities)
        hits = (*found.lexical, *found.semantic, *found.named)
        found.known = known_of({hit.document for hit in hits})
        if mode != Mode.SEMANTIC:
            found.headings = headings_of({hit.chunk for hit in hits})
            found.definitions = by_definition(query.text, found.rarities, found.lexical)
            found.nearness = by_nearness(query.text, found.rarities, found.lexical)
    return found


def count(scope: Scope, answer: Results, rows: Iterable[Known]) -> None:
    """Count the documents found by what they can be narrowed down to."""
    rows = list(rows)
    answer.total = len(rows)
    names = {str(pk): row.name for pk, row in scope.integrations.items()}
    answer.facets = {
        "source": _facets((str(row.integration) for row in rows), names),
        "kind": _facets(row.kind for row in rows),
        "language": _facets(row.language for row in rows if row.language),
    }


def _facets(values: Iterable[str], labels: Mapping[str, str] | None = None) -> list[Facet]:
    counted = sorted(Counter(values).items(), key=lambda pair: (-pair[1], pair[0]))
    return [Facet(value, (labels or {}).get(value, value), number) for value, number in counted]


def _wants_meaning(query: Query, mode: Mode, effort: Effort) -> bool:
    return mode == Mode.SEMANTIC or (mode == Mode.HYBRID and effort != Effort.FAST and not query.phrases)


def _by_meaning(scope: Scope, answer: Results) -> list[Hit]:
    """Return the semantic leg's chunks; an embedder that fails leaves none, and a note."""
    try:
        with answer.stage("embed"):
            vector = query_vector(scope, answer.query)
        with answer.stage("semantic"):
            return semantic(scope, vector, phrases=answer.query.phrases, limit=SEMANTIC_CHUNKS[answer.effort])
    except EmbedderError as error:
        logger.warning("A search goes without its semantic leg: %s", error)
        answer.notes.append(f"Ranked by words only: {error}")
        return []


def known_of(documents: Iterable[UUID]) -> dict[UUID, Known]:
    """Return what is known of documents; those removed since are left out."""
    rows = Document.objects.filter(pk__in=documents)
    found = rows.values_list("pk", "key", "kind", "language", "integration_id")
    return {pk: Known(key, kind, language, integration) for pk, key, kind, language, integration in found}


def headings_of(chunks: Iterable[int]) -> dict[UUID, list[str]]:
    """Return the headings and symbols of chunks, by document."""
    headings: dict[UUID, list[str]] = defaultdict(list)
    rows = Chunk.objects.filter(pk__in=chunks).exclude(heading="").values_list("document_id", "heading")
    for document, heading in rows:
        headings[document].append(heading)
    return headings


def _newest(scope: Scope, answer: Results) -> list[fusion.Ranked]:
    """List what the filters let through, last changed first."""
    with answer.stage("list"), connection.cursor() as cursor:
        cursor.execute(NEWEST.format(where=scope.where, limit=LISTED), scope.values)
        rows: Sequence[tuple[UUID, float, int | None]] = cursor.fetchall()
        known = known_of([pk for pk, _, _ in rows])
    count(scope, answer, known.values())
    return [fusion.Ranked(pk, time, chunks=[chunk]) for pk, time, chunk in rows if chunk is not None]
