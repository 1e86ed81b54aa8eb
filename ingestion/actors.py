"""The Dramatiq actors: each takes an id, may run twice or late, and leaves its failures to the sweep."""

from uuid import UUID

import dramatiq

from ingestion import webhooks
from ingestion.pipeline import finish, plan, process, purge, vector_index

HOUR = 3_600_000  # milliseconds


@dramatiq.actor(max_retries=0, time_limit=2 * HOUR)
def plan_run(run_id: str) -> None:
    """Find out what a run has to do."""
    plan.plan_run(UUID(run_id))


@dramatiq.actor(max_retries=0, time_limit=HOUR)
def process_batch(run_id: str) -> None:
    """Index the next few documents of a run."""
    process.process_batch(UUID(run_id))


@dramatiq.actor(max_retries=0, time_limit=2 * HOUR)
def finish_run(run_id: str) -> None:
    """Close a run whose items are all settled."""
    finish.finish_run(UUID(run_id))


@dramatiq.actor(max_retries=0, time_limit=HOUR)
def process_delivery(delivery_id: str) -> None:
    """Do what follows from a webhook."""
    webhooks.process(UUID(delivery_id))


@dramatiq.actor(max_retries=0, time_limit=HOUR)
def process_deliveries() -> None:
    """Do what follows from all webhooks that wait."""
    webhooks.process_waiting()


@dramatiq.actor(max_retries=0, time_limit=2 * HOUR)
def run_purge(purge_id: str) -> None:
    """Delete what a purge names."""
    purge.run_purge(UUID(purge_id))


@dramatiq.actor(max_retries=0, time_limit=2 * HOUR)
def tend_vector_index(version_id: str) -> None:
    """Build or drop the index over the vectors of a version."""
    vector_index.tend_vector_index(int(version_id))
