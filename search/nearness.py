"""The words of a query that stand side by side in it, and side by side in a chunk: `connection reset by peer`."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.db import connection

from ingestion.pipeline.lexemes import spans
from search.legs import Hit, quoted

CHUNKS = 60  # the best of the lexical leg
MOST_PAIRS = 24
# Next to each other, or parts of one identifier, which all have its position.
PAIR = "CASE WHEN c.lexemes @@ %(pair{number})s::tsquery THEN %(weight{number})s::float8 ELSE 0 END"
SEARCH = "SELECT c.document_id, max({sum}) FROM ingestion_chunk c WHERE c.id = ANY(%(chunks)s) GROUP BY 1"


def pairs(text: str, rarities: Mapping[str, float]) -> dict[tuple[str, str], float]:
    """Return the pairs of words that follow one another in a text, with the rarity of the more common one."""
    words = [terms[0] for _, _, terms in spans(text) if terms]
    found = {
        pair: min(rarities.get(term, 0.0) for term in pair) for pair in pairwise(words) if len({*pair}) == 2
    }
    telling = sorted((pair for pair, weight in found.items() if weight > 0), key=lambda pair: -found[pair])
    return {pair: found[pair] for pair in telling[:MOST_PAIRS]}


def by_nearness(text: str, rarities: Mapping[str, float], hits: Sequence[Hit]) -> dict[UUID, float]:
    """Score documents by the share of the pairs, by rarity, that one of their chunks has; leave out those with none."""
    wanted = pairs(text, rarities)
    if not wanted or not hits:
        return {}
    values: dict[str, Any] = {"chunks": [hit.chunk for hit in hits[:CHUNKS]]}
    parts = []
    for number, ((first, second), weight) in enumerate(wanted.items()):
        values[f"pair{number}"] = (
            f"{quoted(first)} <-> {quoted(second)} | {quoted(first)} <0> {quoted(second)}"
        )
        values[f"weight{number}"] = weight
        parts.append(PAIR.format(number=number))
    with connection.cursor() as cursor:
        cursor.execute(SEARCH.format(sum=" + ".join(parts)), values)
        scores: dict[UUID, float] = dict(cursor.fetchall())
    whole = sum(wanted.values())
    return {document: score / whole for document, score in scores.items() if score > 0}
