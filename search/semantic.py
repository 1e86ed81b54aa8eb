"""The semantic leg: chunks whose vectors are nearest to the query's, by an exact scan of the store."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from ingestion.embedding import embedder_of
from ingestion.embedding.base import Vectors
from ingestion.stores import default_config
from search.legs import Hit
from search.query import Query
from search.scope import Scope

LIMIT = 100

SEARCH = """
SELECT c.id, c.document_id, -near.distance
FROM (
    SELECT v.chunk_id, v.embedding <#> %(query)s::halfvec AS distance
    FROM ingestion_vector v {join}
    WHERE v.version_id = %(version)s {conditions}
    ORDER BY distance LIMIT %(limit)s
) near
JOIN ingestion_chunk c ON c.id = near.chunk_id
ORDER BY near.distance, c.id
"""

TO_DOCUMENTS = (
    "JOIN ingestion_chunk vc ON vc.id = v.chunk_id JOIN ingestion_document d ON d.id = vc.document_id"
)


def query_vector(scope: Scope, query: Query) -> Vectors:
    """Embed the query with the model of the index; raises `EmbedderError`."""
    return embedder_of(scope.version).embed_query(query.text)


def prepare() -> None:
    """Load the embedder of new indexes, so that the first search need not wait for it."""
    embedder_of(default_config()).prepare()


def semantic(scope: Scope, vector: Vectors, *, phrases: Sequence[str] = (), limit: int = LIMIT) -> list[Hit]:
    """Return the nearest chunks that have the phrases, with their cosine similarity, best first."""
    values: dict[str, Any] = {**scope.values, "query": str(vector.tolist()), "limit": limit}
    conditions = [scope.where] if scope.narrow else []
    for number, phrase in enumerate(phrases):
        values[f"phrase{number}"] = phrase.lower()
        conditions.append(f"position(%(phrase{number})s IN lower(vc.text)) > 0")
    statement = SEARCH.format(
        join=TO_DOCUMENTS if conditions else "",
        conditions="".join(f" AND {condition}" for condition in conditions),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [Hit(*row) for row in cursor.fetchall()]
