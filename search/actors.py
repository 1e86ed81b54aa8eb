"""The Dramatiq actors of search."""

from uuid import UUID

import dramatiq

from search.evaluation import services

HOUR = 3_600_000  # milliseconds


@dramatiq.actor(max_retries=0, time_limit=HOUR)
def evaluate_search(evaluation_id: str) -> None:
    """Measure how well search answers."""
    services.run_evaluation(UUID(evaluation_id))
