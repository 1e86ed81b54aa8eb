"""Giving chunks their vectors: reused where the workspace has embedded the same text before, else made."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connection

from ingestion.budget import BudgetBusy, BudgetReached, reserve, settle
from ingestion.embedding import base, embedder_of
from ingestion.embedding.base import EmbedderError, InputError
from ingestion.embedding.prices import is_paid
from ingestion.models import IndexVersion, ItemState, Run
from ingestion.pipeline.prepare import Outcome
from ingestion.reasons import Reason

REUSABLE = """
SELECT DISTINCT ON (c.content_hash) c.content_hash, v.embedding::text
FROM ingestion_chunk c
JOIN ingestion_vector v ON v.chunk_id = c.id
WHERE c.content_hash = ANY(%(hashes)s) AND c.version_id = ANY(
    SELECT i.id FROM ingestion_indexversion i JOIN ingestion_store s ON s.id = i.store_id
    WHERE s.workspace_id = %(workspace)s
      AND (i.embedder, i.model, i.dimensions) = (%(embedder)s, %(model)s, %(dimensions)s)
)
"""


@dataclass(slots=True)
class Embedded:
    """Vectors as pgvector's text, by index version and content hash, and what they cost.

    `refusal` is why there are not all of them: the budget has no room for the rest.
    """

    vectors: dict[tuple[int, bytes], str] = field(default_factory=dict)
    embedded: int = 0
    reused: int = 0
    tokens: int = 0
    refusal: BudgetReached | BudgetBusy | None = None

    def complete(self, outcome: Outcome) -> bool:
        """Tell whether there is a vector for each of an outcome's chunks."""
        return all((chunk.version.pk, chunk.content_hash) in self.vectors for chunk in outcome.chunks)

    def of(self, outcomes: Sequence[Outcome]) -> "Embedded":
        """Return the vectors of some of the outcomes; what they cost is counted once, by none of the parts."""
        keys = {(chunk.version.pk, chunk.content_hash) for outcome in outcomes for chunk in outcome.chunks}
        return Embedded({key: vector for key, vector in self.vectors.items() if key in keys})


def embed(run: Run, outcomes: Sequence[Outcome]) -> Embedded:
    """Return a vector for every chunk, or for those of the first outcomes that the budget has room for.

    An input the model refuses fails its own document only.

    Raises the embedder's `TransientError` and `AuthError`, which concern the whole batch.
    """
    result = Embedded()
    for version in {chunk.version for outcome in outcomes for chunk in outcome.chunks}:
        wanted = {
            chunk.content_hash: chunk.embedded_text
            for outcome in outcomes
            for chunk in outcome.chunks
            if chunk.version == version
        }
        known = _reusable(run.workspace_id, version, wanted)
        result.reused += len(known)
        missing = {content_hash: text for content_hash, text in wanted.items() if content_hash not in known}
        result.vectors |= {(version.pk, content_hash): vector for content_hash, vector in known.items()}
        try:
            _make(run, version, missing, outcomes, result)
        except (BudgetReached, BudgetBusy) as refusal:
            result.refusal = refusal
    return result


def _reusable(workspace_id: UUID, version: IndexVersion, hashes: Iterable[bytes]) -> dict[bytes, str]:
    values: dict[str, Any] = {
        "hashes": list(hashes),
        "workspace": workspace_id,
        "embedder": version.embedder,
        "model": version.model,
        "dimensions": version.dimensions,
    }
    with connection.cursor() as cursor:
        cursor.execute(REUSABLE, values)
        return {bytes(content_hash): vector for content_hash, vector in cursor.fetchall()}


def _make(
    run: Run,
    version: IndexVersion,
    missing: dict[bytes, str],
    outcomes: Sequence[Outcome],
    result: Embedded,
) -> None:
    while missing:
        hashes = list(missing)
        try:
            made = _embed_some(run, version, [missing[content_hash] for content_hash in hashes])
        except InputError as error:
            refused = hashes[error.index]
            del missing[refused]
            result.tokens += error.tokens
            for outcome in outcomes:
                if any(chunk.content_hash == refused for chunk in outcome.chunks):
                    outcome.end(ItemState.FAILED, Reason.NOT_EMBEDDABLE, str(error))
            continue
        done = hashes[: len(made.vectors)]
        result.embedded += len(done)
        result.tokens += made.tokens
        halves = np.asarray(made.vectors, dtype=np.float16)
        for content_hash, row in zip(done, halves.tolist(), strict=True):
            result.vectors[version.pk, content_hash] = str(row)
            del missing[content_hash]


def _embed_some(run: Run, version: IndexVersion, texts: list[str]) -> base.Embedded:
    """Embed the texts, or the first of them that the budget has room for; whatever becomes of it is settled."""
    embedder = embedder_of(version)
    if not is_paid(version):
        return embedder.embed_documents(texts)
    reservation, count = reserve(run, version, texts)
    used = 0
    try:
        made = embedder.embed_documents(texts[:count])
        used = made.tokens
    except EmbedderError as error:
        used = error.tokens
        raise
    finally:
        settle(reservation, version, used)
    return made
