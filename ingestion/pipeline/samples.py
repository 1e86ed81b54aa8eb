"""Samples of how large the index of a workspace is: when a run ends, and hourly."""

from uuid import UUID

from django.db import connection

DOCUMENTS, CHUNKS = "workspace_documents", "workspace_chunks"

COUNT = """
INSERT INTO ingestion_metric (workspace_id, name, value, recorded_at)
SELECT w.id, figure.name, figure.value, now()
FROM console_workspace w
CROSS JOIN LATERAL (VALUES
    (%(documents)s, (SELECT count(*) FROM ingestion_document d WHERE d.workspace_id = w.id)),
    (%(chunks)s, (SELECT coalesce(sum(v.chunk_count), 0) FROM ingestion_store s
                  JOIN ingestion_indexversion v ON v.id = s.serving_id WHERE s.workspace_id = w.id))
) AS figure (name, value)
WHERE w.deleted_at IS NULL
"""
OF_ONE = " AND w.id = %(workspace)s"
OVERDUE = """ AND NOT EXISTS (
    SELECT FROM ingestion_metric m
    WHERE m.workspace_id = w.id AND m.name = %(documents)s AND m.recorded_at > now() - interval '1 hour'
)"""
PARAMETERS = {"documents": DOCUMENTS, "chunks": CHUNKS}


def sample(workspace_id: UUID) -> None:
    """Count the index of a workspace now."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT + OF_ONE, PARAMETERS | {"workspace": workspace_id})


def sample_overdue() -> None:
    """Count the index of each workspace that was not counted for an hour."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT + OVERDUE, PARAMETERS)
