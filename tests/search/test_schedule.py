"""The search log is kept for as long as the settings say."""

from datetime import timedelta

from django.utils import timezone
from pytest_django.fixtures import Settings

from console.models import Workspace
from search.models import SearchLog
from search.schedule import tick


def test_searches_past_their_retention_are_forgotten(workspace: Workspace, settings: Settings) -> None:
    settings.RETENTION_DAYS = 30
    for days in (29, 31):
        log = SearchLog.objects.create(
            workspace=workspace, query=f"{days} days ago", mode="hybrid", results=0, milliseconds=1
        )
        SearchLog.objects.filter(pk=log.pk).update(created_at=timezone.now() - timedelta(days=days))
    tick()
    assert [log.query for log in SearchLog.objects.all()] == ["29 days ago"]
