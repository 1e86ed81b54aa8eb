"""What the search log needs from time to time."""

from django.db import connection

from search.evaluation.services import wake_forgotten_evaluations

FORGET = """
DELETE FROM search_searchlog WHERE id IN (
    SELECT l.id FROM search_searchlog l JOIN console_workspace w ON w.id = l.workspace_id
    WHERE w.search_log_days IS NULL OR l.created_at < now() - w.search_log_days * interval '1 day'
    LIMIT 10000
)
"""


def tick() -> None:
    """Forget old searches, and wake evaluations that nobody is on."""
    forget_searches()
    wake_forgotten_evaluations()


def forget_searches() -> None:
    """Delete searches past their workspace's days, and all where none are kept, some at a time."""
    with connection.cursor() as cursor:
        cursor.execute(FORGET)
