"""Figures of a workspace."""

from datetime import timedelta

from django.db.models import Count, Q, Sum
from django.utils import timezone

from console.models import Workspace
from ingestion.models import Document, IndexVersion, Integration, Run
from search.models import SearchLog

LATELY = timedelta(days=30)


def usage_of(workspace: Workspace) -> dict[str, int]:
    """Return how much is in a workspace, and how much it was used lately."""
    now = timezone.now()
    serving = IndexVersion.objects.filter(store__workspace=workspace, store__serving__isnull=False)
    searches = SearchLog.objects.in_workspace(workspace).filter(created_at__gte=now - LATELY)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    counted = searches.aggregate(month=Count("pk"), today=Count("pk", filter=Q(created_at__gte=midnight)))
    runs = Run.objects.in_workspace(workspace).filter(created_at__gte=now - LATELY)
    return {
        "sources": Integration.objects.in_workspace(workspace).count(),
        "documents": Document.objects.in_workspace(workspace).count(),
        "chunks": serving.filter(retired_at=None).aggregate(n=Sum("chunk_count"))["n"] or 0,
        "searches_today": counted["today"],
        "searches_30_days": counted["month"],
        "tokens_embedded_30_days": runs.aggregate(n=Sum("tokens_embedded"))["n"] or 0,
    }
