"""What the search log needs from time to time."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from search.evaluation.services import wake_forgotten_evaluations
from search.models import SearchLog

ROWS = 10_000


def tick() -> None:
    """Forget old searches, and wake evaluations that nobody is on."""
    forget_searches()
    wake_forgotten_evaluations()


def forget_searches() -> None:
    """Delete searches past their retention, some at a time."""
    old = SearchLog.objects.filter(created_at__lt=timezone.now() - timedelta(days=settings.RETENTION_DAYS))
    SearchLog.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:ROWS])).delete()
