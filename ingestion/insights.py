"""How a workspace's index and its jobs did over a period, counted by Postgres."""

from dataclasses import dataclass

from console.charts import Chart, Period, chart_of, query_rows
from console.models import Workspace
from ingestion.pipeline.samples import CHUNKS, DOCUMENTS

# The last sample before the end of each bucket, so that hours without one show the hour before.
SIZES = """
SELECT bucket,
       (SELECT value FROM ingestion_metric WHERE workspace_id = %(workspace)s AND name = %(documents)s
        AND recorded_at < bucket + %(bucket)s ORDER BY recorded_at DESC LIMIT 1) AS documents,
       (SELECT value FROM ingestion_metric WHERE workspace_id = %(workspace)s AND name = %(chunks)s
        AND recorded_at < bucket + %(bucket)s ORDER BY recorded_at DESC LIMIT 1) AS chunks
FROM generate_series(%(start)s, %(start)s + %(last)s, %(bucket)s) AS bucket
ORDER BY bucket
"""

RUNS = """
WITH ended AS (
    SELECT date_bin(%(bucket)s, finished_at, %(start)s) AS bucket,
           count(*) FILTER (WHERE state = 'completed') AS completed,
           count(*) FILTER (WHERE state = 'completed_with_errors') AS with_errors,
           count(*) FILTER (WHERE state = 'failed') AS failed,
           count(*) FILTER (WHERE state = 'cancelled') AS cancelled,
           percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (
               ORDER BY extract(epoch FROM finished_at - started_at)
           ) FILTER (WHERE started_at IS NOT NULL) AS seconds,
           sum(tokens_embedded) AS tokens
    FROM ingestion_run
    WHERE workspace_id = %(workspace)s AND finished_at >= %(start)s
    GROUP BY 1
)
SELECT bucket, coalesce(completed, 0) AS completed, coalesce(with_errors, 0) AS with_errors,
       coalesce(failed, 0) AS failed, coalesce(cancelled, 0) AS cancelled,
       seconds[1] AS half, seconds[2] AS most, coalesce(tokens, 0)::bigint AS tokens
FROM generate_series(%(start)s, %(start)s + %(last)s, %(bucket)s) AS bucket
LEFT JOIN ended USING (bucket)
ORDER BY bucket
"""


@dataclass(frozen=True, slots=True)
class Insights:
    """Figures of a period and their charts; the sizes are None before anything has been counted."""

    documents: int | None
    chunks: int | None
    jobs: int
    good_jobs: int
    tokens: int
    charts: list[Chart]

    @property
    def outcome(self) -> str:
        """How many of the jobs went well, in words."""
        if not self.jobs:
            return ""
        return "all completed" if self.good_jobs == self.jobs else f"{self.good_jobs} without any error"


def insights_of(workspace: Workspace, period: Period) -> Insights:
    """Return the insights into a workspace; two queries."""
    parameters = period.parameters | {"workspace": workspace.pk, "documents": DOCUMENTS, "chunks": CHUNKS}
    sizes, runs = query_rows(SIZES, parameters), query_rows(RUNS, parameters)
    last = sizes[-1]
    good = sum(row["completed"] for row in runs)
    charts = [
        chart_of(
            "Documents and chunks",
            "lines",
            "number",
            sizes,
            documents=("Documents", "accent"),
            chunks=("Chunks", "success"),
        ),
        chart_of(
            "Jobs by outcome",
            "bars",
            "number",
            runs,
            completed=("Completed", "success"),
            with_errors=("Completed with errors", "warning"),
            failed=("Failed", "danger"),
            cancelled=("Cancelled", "quiet"),
        ),
        chart_of(
            "How long jobs took",
            "lines",
            "seconds",
            runs,
            half=("Half of them at most", "accent"),
            most=("95 % of them at most", "warning"),
        ),
        chart_of("Tokens embedded", "bars", "number", runs, tokens=("Tokens", "accent")),
    ]
    return Insights(
        documents=None if last["documents"] is None else int(last["documents"]),
        chunks=None if last["chunks"] is None else int(last["chunks"]),
        jobs=good + sum(row["with_errors"] + row["failed"] + row["cancelled"] for row in runs),
        good_jobs=good,
        tokens=sum(row["tokens"] for row in runs),
        charts=charts,
    )
