"""How a workspace was searched over a period, counted by Postgres."""

from dataclasses import dataclass

from console.charts import Chart, Period, Row, chart_of, query_rows
from console.models import Workspace

TOP = 10

SEARCHES = """
WITH asked AS (
    SELECT date_bin(%(bucket)s, created_at, %(start)s) AS bucket,
           count(*) FILTER (WHERE results > 0) AS found,
           count(*) FILTER (WHERE results = 0) AS empty,
           percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY milliseconds / 1000) AS seconds
    FROM search_searchlog
    WHERE workspace_id = %(workspace)s AND created_at >= %(start)s
    GROUP BY 1
)
SELECT bucket, coalesce(found, 0) AS found, coalesce(empty, 0) AS empty, seconds[1] AS half, seconds[2] AS most
FROM generate_series(%(start)s, %(start)s + %(last)s, %(bucket)s) AS bucket
LEFT JOIN asked USING (bucket)
ORDER BY bucket
"""

# The same words in another case are the same query; the newest way to write it is shown.
QUERIES = """
SELECT (array_agg(query ORDER BY created_at DESC))[1] AS query, count(*) AS times,
       count(*) FILTER (WHERE results = 0) AS empty, max(created_at) AS last
FROM search_searchlog
WHERE workspace_id = %(workspace)s AND created_at >= %(start)s
GROUP BY lower(btrim(query))
"""
MOST = " ORDER BY times DESC, last DESC LIMIT %(top)s"
EMPTY = " HAVING count(*) FILTER (WHERE results = 0) > 0 ORDER BY empty DESC, last DESC LIMIT %(top)s"


@dataclass(frozen=True, slots=True)
class SearchInsights:
    """Figures of a period, its charts, and the queries that were asked most and that found nothing."""

    searches: int
    empty: int
    charts: list[Chart]
    most: list[Row]
    empties: list[Row]


def insights_of(workspace: Workspace, period: Period) -> SearchInsights:
    """Return the insights into a workspace's searches; three queries."""
    parameters = period.parameters | {"workspace": workspace.pk, "top": TOP}
    rows = query_rows(SEARCHES, parameters)
    empty = sum(row["empty"] for row in rows)
    return SearchInsights(
        searches=empty + sum(row["found"] for row in rows),
        empty=empty,
        charts=[
            chart_of(
                "Searches",
                "bars",
                "number",
                rows,
                found=("With results", "accent"),
                empty=("Without", "warning"),
            ),
            chart_of(
                "How long searches took",
                "lines",
                "seconds",
                rows,
                half=("Half of them at most", "accent"),
                most=("95 % of them at most", "warning"),
            ),
        ],
        most=query_rows(QUERIES + MOST, parameters),
        empties=query_rows(QUERIES + EMPTY, parameters),
    )
