"""What is similar to a document or to some of its lines. What is similar to a text, a semantic search tells."""

import json

import numpy as np
from django.db import connection

from console.models import Workspace
from ingestion.embedding.base import Vectors, unit
from ingestion.models import Chunk, Document
from search.filters import Filters
from search.fusion import MEANING_SHARES, by_document, fuse
from search.load import load_ranked
from search.query import Query
from search.ranked import count, known_of
from search.results import Results
from search.scope import Scope, scope_of
from search.semantic import semantic

CHUNKS = 200  # of the index that are ranked
PARTS = 64  # chunks of a document that tell what it is about

VECTORS = "SELECT embedding::text FROM ingestion_vector WHERE chunk_id = ANY(%s)"


def similar(
    workspace: Workspace,
    document: Document,
    *,
    lines: tuple[int, int] | None = None,
    filters: Filters | None = None,
    store: str = "default",
    limit: int = 10,
    offset: int = 0,
) -> Results:
    """Return the documents most similar in meaning to a document of the workspace, or to some of its lines.

    The document itself is left out. No model is asked: the document's own vectors are averaged.
    """
    answer = Results(Query(document.title, document.title, ()))
    scope = scope_of(workspace, (filters or Filters(),), store)
    if scope is None or not scope.integrations or document.workspace_id != workspace.pk:
        return answer
    with answer.stage("semantic"):
        vector = _vector_of(scope, document, lines)
        hits = [] if vector is None else semantic(scope, vector, limit=CHUNKS + PARTS)
        hits = [hit for hit in hits if hit.document != document.pk][:CHUNKS]
    with answer.stage("fuse"):
        ranked = fuse({"semantic": by_document(hits, MEANING_SHARES)}, [hits])
        count(scope, answer, known_of(row.document for row in ranked).values())
    with answer.stage("load"):
        answer.results = load_ranked(scope, ranked[offset : offset + limit], ())
    return answer


def _vector_of(scope: Scope, document: Document, lines: tuple[int, int] | None) -> Vectors | None:
    chunks = Chunk.objects.filter(document=document, version=scope.version).order_by("ordinal")
    if lines is not None:
        chunks = chunks.filter(first_line__lte=lines[1], last_line__gte=lines[0])
    with connection.cursor() as cursor:
        cursor.execute(VECTORS, [list(chunks.values_list("pk", flat=True)[:PARTS])])
        vectors = [json.loads(text) for (text,) in cursor.fetchall()]
    return unit(np.mean(np.asarray(vectors, dtype=np.float32), axis=0)) if vectors else None
