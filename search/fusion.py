"""From the legs' chunks to one ranking of documents. Nothing here touches the database."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from ingestion.pipeline.lexemes import path_terms
from search.legs import Hit

# A document's score in a leg: its best chunk, and a part of the next ones. Words add up over more of them than meaning
# does. Measured: +4 to +5 points of MRR.
WORD_SHARES = (1.0, 0.5, 0.25, 0.12, 0.06)
MEANING_SHARES = (1.0, 0.3, 0.15)


@dataclass(frozen=True, slots=True)
class Weights:
    """What each leg counts for, on scores of 0..1. Tuned on the dev halves of docs/search-quality.md."""

    lexical: float = 1.0
    semantic: float = 0.55
    name: float = 2.5
    path: float = 0.5
    symbol: float = 0.3
    definition: float = 0.8
    nearness: float = 0.15
    verbatim: float = 0.7
    test: float = -0.25
    folder: float = 0.2


DEFAULT_WEIGHTS = Weights()
SCALED = ("lexical", "semantic")  # the others' scores are parts of 1 by themselves
TEST = re.compile(
    r"(?:^|/)(?:tests?|testing|specs?|__tests__)/|(?:^|/)test_|[_.](?:test|spec)s?\.[^/]*$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Place:
    """A document's place in one leg: rank from 1, the leg's own score, and its share of the fused score."""

    rank: int
    score: float
    share: float


@dataclass(slots=True)
class Ranked:
    """A document with its fused score, its place in each leg, and its chunks, best first."""

    document: UUID
    score: float = 0.0
    places: dict[str, Place] = field(default_factory=dict)
    chunks: list[int] = field(default_factory=list)


def by_document(hits: Iterable[Hit], chunk_shares: Sequence[float]) -> dict[UUID, float]:
    """Add up shares of the best chunks of each document; `hits` come best first."""
    scores: dict[UUID, list[float]] = defaultdict(list)
    for hit in hits:
        scores[hit.document].append(hit.score)
    return {
        document: sum(share * score for share, score in zip(chunk_shares, found, strict=False))
        for document, found in scores.items()
    }


def by_name(names: Mapping[UUID, Iterable[str]], rarities: Mapping[str, float]) -> dict[UUID, float]:
    """Score documents by how much of the query one of their names has, by the terms' rarity; leave out those with none.

    So a query that is a file's or a function's name counts in full, and one word of a long question hardly.
    """
    whole = sum(rarities.values()) or 1.0
    scores = {
        document: max(
            (sum(rarities.get(term, 0.0) for term in path_terms(name)) / whole for name in set(found)),
            default=0.0,
        )
        for document, found in names.items()
    }
    return {document: score for document, score in scores.items() if score > 0}


def is_test(path: str) -> bool:
    """Tell whether a file is a test, by its path."""
    return TEST.search(path) is not None


def by_test(paths: Mapping[UUID, str], terms: Iterable[str]) -> dict[UUID, float]:
    """Return the tests among documents, unless it is tests that are asked for."""
    if {"test", "spec"} & set(terms):
        return {}
    return {document: 1.0 for document, path in paths.items() if is_test(path)}


def scaled(scores: Mapping[UUID, float]) -> dict[UUID, float]:
    """Scale scores between the lowest and the highest to 0..1; where all are equal, to 1."""
    if not scores:
        return {}
    low, high = min(scores.values()), max(scores.values())
    return {
        document: (score - low) / (high - low) if high > low else 1.0 for document, score in scores.items()
    }


def by_folder(scores: Mapping[UUID, float], folders: Mapping[UUID, object]) -> dict[UUID, float]:
    """Score documents by the best of the others in their folder, as a part of the best of all.

    What people ask about is a part of a program, and so is a folder.
    """
    best = max(scores.values(), default=0.0)
    if best <= 0:
        return {}
    within: dict[object, list[UUID]] = defaultdict(list)
    for document in sorted(folders, key=lambda document: -scores.get(document, 0.0)):
        within[folders[document]].append(document)
    found = {}
    for first, second, *rest in (documents for documents in within.values() if len(documents) > 1):
        found[first] = scores.get(second, 0.0) / best
        found |= dict.fromkeys((second, *rest), scores.get(first, 0.0) / best)
    return {document: score for document, score in found.items() if score > 0}


def relative(scores: Mapping[UUID, float]) -> dict[UUID, float]:
    """Scale scores to parts of the highest."""
    high = max(scores.values(), default=0.0)
    return {document: score / high for document, score in scores.items() if high > 0}


def fuse(
    legs: Mapping[str, Mapping[UUID, float]],
    hits: Sequence[Sequence[Hit]],
    folders: Mapping[UUID, object] | None = None,
    weights: Weights = DEFAULT_WEIGHTS,
) -> list[Ranked]:
    """Return the documents by the weighted sum of their scores in the legs, and then in their folders, best first.

    `hits` are the chunks of the legs that have any, the most telling leg first; they come along with their documents.
    """
    ranked: dict[UUID, Ranked] = {}
    for name, scores in legs.items():
        _add(ranked, name, scores, weights)
    sums = {document: row.score for document, row in ranked.items()}
    _add(ranked, "folder", by_folder(sums, folders or {}), weights)
    for hit in (hit for leg in hits for hit in leg):
        if hit.document in ranked and hit.chunk not in ranked[hit.document].chunks:
            ranked[hit.document].chunks.append(hit.chunk)
    return sorted(ranked.values(), key=lambda row: (-row.score, row.document))


def _add(ranked: dict[UUID, Ranked], name: str, scores: Mapping[UUID, float], weights: Weights) -> None:
    """Add a leg's share to each of its documents."""
    weight = getattr(weights, name)
    shares = scaled(scores) if name in SCALED else scores
    order = sorted(scores, key=lambda document: (-scores[document], document))
    for rank, document in enumerate(order, start=1):
        row = ranked.setdefault(document, Ranked(document))
        share = weight * shares[document]
        row.places[name] = Place(rank, scores[document], share)
        row.score += share
