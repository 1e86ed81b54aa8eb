"""Reranking by a model of Voyage's, which reads query and text together; without it the fused order stands.

https://docs.voyageai.com/reference/reranker-api
"""

import logging
from collections.abc import Sequence

from django.conf import settings

from ingestion.models import Chunk
from search.fusion import Place, Ranked
from search.results import Results

logger = logging.getLogger(__name__)

CANDIDATES = 50  # documents that are reranked
TIMEOUT = 10.0  # seconds: somebody waits
LONGEST = 6_000  # characters of a text


def rerank(answer: Results, ranked: Sequence[Ranked]) -> list[Ranked]:
    """Return the first documents in the model's order, then the rest; on any error, as they were, with a note."""
    first = [row for row in ranked[:CANDIDATES] if row.chunks]
    if not settings.VOYAGE_RERANK_MODEL or not settings.VOYAGE_API_KEY or len(first) < 2:
        return list(ranked)
    with answer.stage("rerank"):
        try:
            scores = _scores(answer.query.text, _texts(first))
        except Exception as error:  # whatever it is, there is an order already
            logger.warning("A search goes without reranking", exc_info=True)
            answer.notes.append(f"Not reranked: the reranking model did not answer ({type(error).__name__}).")
            return list(ranked)
    order = sorted(range(len(first)), key=lambda number: (-scores[number], number))
    for rank, number in enumerate(order, start=1):
        first[number].places["rerank"] = Place(rank, scores[number], 0.0)
    chosen = {row.document for row in first}
    return [*(first[number] for number in order), *(row for row in ranked if row.document not in chosen)]


def _scores(query: str, texts: list[str]) -> list[float]:
    from voyageai.client import Client  # a slow import that few installations need

    client = Client(
        settings.VOYAGE_API_KEY, max_retries=0, timeout=TIMEOUT, base_url=settings.VOYAGE_BASE_URL or None
    )
    found = client.rerank(query, texts, settings.VOYAGE_RERANK_MODEL, truncation=True)
    scores = {result.index: float(result.relevance_score) for result in found.results}
    return [scores[number] for number in range(len(texts))]


def _texts(rows: Sequence[Ranked]) -> list[str]:
    """Return what each document is judged by: its best chunk with path and heading."""
    chunks = Chunk.objects.select_related("document").defer("lexemes", "document__text")
    found = chunks.in_bulk([row.chunks[0] for row in rows])
    texts = []
    for row in rows:
        chunk = found.get(row.chunks[0])
        text = f"{chunk.document.key}\n{chunk.heading}\n{chunk.text}" if chunk else "(removed)"
        texts.append(text[:LONGEST])
    return texts
