"""The semantic leg: chunks whose vectors are nearest to the query's.

Of a small store all vectors are looked at. A large one has an index, which is asked first; where it finds fewer chunks
than are wanted, the filters leave few or none near the query, and all that they leave are looked at.
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

# The vectors nearest to the query are looked through in rounds of EF_SEARCH until enough of them pass the filters. Of
# vectors that seldom pass, looking at all that do is cheaper: both cost the same where about PATIENCE · √vectors are
# visited for the wanted hundred (docs/adr/0011).
EF_SEARCH, PATIENCE = 400, 4
PROBE = """
SELECT set_config('hnsw.ef_search', %s, true), set_config('hnsw.iterative_scan', 'relaxed_order', true),
       set_config('hnsw.max_scan_tuples', %s, true)
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
    if has_index(scope.version):
        distance = INDEXED.format(dimensions=scope.version.dimensions)
        with transaction.atomic(), connection.cursor() as cursor:
            most = int(PATIENCE * sqrt(scope.version.chunk_total))
            cursor.execute(PROBE, [str(EF_SEARCH), str(most)])
            found = _hits(cursor, SEARCH.format(distance=distance, join=join, conditions=also), values)
        if len(found) == limit:
            return found
    with connection.cursor() as cursor:
        return _hits(cursor, SEARCH.format(distance=EXACT, join=join, conditions=also), values)


def _hits(cursor: CursorWrapper, statement: str, values: dict[str, Any]) -> list[Hit]:
    cursor.execute(statement, values)
    return [Hit(*row) for row in cursor.fetchall()]
