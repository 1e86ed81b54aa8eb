"""The semantic leg: chunks whose vectors are nearest to the query's.

Of a small store all vectors are looked at, and so are those that a narrow filter lets through. A large store has an
index to be asked first; where that finds fewer chunks than are wanted, few that pass the filters are near the query,
and all that pass are looked at.
"""

from collections.abc import Sequence
from math import sqrt
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from ingestion.embedding import embedder_of
from ingestion.embedding.base import Vectors
from ingestion.pipeline.vector_index import has_index
from ingestion.stores import default_config
from search.legs import Hit
from search.query import Query
from search.scope import Scope

LIMIT = 100

SEARCH = """
SELECT c.id, c.document_id, -near.distance
FROM (
    SELECT v.chunk_id, {distance} AS distance
    FROM ingestion_vector v {join}
    WHERE v.version_id = %(version)s {conditions}
    ORDER BY distance LIMIT %(limit)s
) near
JOIN ingestion_chunk c ON c.id = near.chunk_id
ORDER BY near.distance, c.id
"""

# By the index, vectors are visited from the nearest on, EF_SEARCH at a time, until enough of them pass the filters.
# Where few pass, looking at all that do is cheaper; both cost the same at about PATIENCE · √vectors visited
# (docs/adr/0011). It may visit twice as many: how many pass is an estimate, and not the same everywhere.
EF_SEARCH, PATIENCE = 600, 4
PROBE = """
SELECT set_config('hnsw.ef_search', %s, true), set_config('hnsw.iterative_scan', 'relaxed_order', true),
       set_config('hnsw.max_scan_tuples', %s, true)
"""

ESTIMATE = """
EXPLAIN (FORMAT JSON) SELECT FROM ingestion_vector v {join} WHERE v.version_id = %(version)s {conditions}
"""

EXACT = "v.embedding <#> %(query)s::halfvec"
INDEXED = "v.embedding::halfvec({dimensions}) <#> %(query)s::halfvec({dimensions})"

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
    join = TO_DOCUMENTS if conditions else ""
    also = "".join(f" AND {condition}" for condition in conditions)
    visits = int(PATIENCE * sqrt(scope.version.chunk_total))
    if has_index(scope.version) and (
        not conditions or visits * _passing(join, also, values) >= limit * scope.version.chunk_total
    ):
        distance = INDEXED.format(dimensions=scope.version.dimensions)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(PROBE, [str(EF_SEARCH), str(2 * visits)])
            found = _hits(cursor, SEARCH.format(distance=distance, join=join, conditions=also), values)
        if len(found) == limit:
            return found
    with connection.cursor() as cursor:
        return _hits(cursor, SEARCH.format(distance=EXACT, join=join, conditions=also), values)


def _passing(join: str, conditions: str, values: dict[str, Any]) -> int:
    """Estimate how many vectors pass, as the database does when it plans."""
    with connection.cursor() as cursor:
        cursor.execute(ESTIMATE.format(join=join, conditions=conditions), values)
        [(plan,)] = cursor.fetchall()
    return int(plan[0]["Plan"]["Plan Rows"])


def _hits(cursor: CursorWrapper, statement: str, values: dict[str, Any]) -> list[Hit]:
    cursor.execute(statement, values)
    return [Hit(*row) for row in cursor.fetchall()]
