"""How long the stages of a run take."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from uuid import UUID

from django.db import connection

ADD_SECONDS = """
UPDATE ingestion_run SET stage_seconds = stage_seconds || (
    SELECT jsonb_object_agg(key, round(coalesce((stage_seconds ->> key)::numeric, 0) + value::numeric, 3))
    FROM jsonb_each_text(%(seconds)s)
) WHERE id = %(run)s
"""


class Stopwatch:
    """Seconds by stage of one batch."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage."""
        start = perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0) + perf_counter() - start

    def add_to(self, run_id: UUID) -> None:
        """Add the seconds to those of the run; stages of batches that ran side by side add up."""
        with connection.cursor() as cursor:
            cursor.execute(ADD_SECONDS, {"run": run_id, "seconds": json.dumps(self.seconds)})
