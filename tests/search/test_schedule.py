"""The search log is kept for as long as each workspace says."""

from datetime import timedelta

from django.utils import timezone

from console.models import Workspace
from search.models import SearchLog
from search.retrieve import search
from search.schedule import tick


def test_searches_past_their_retention_are_forgotten(workspace: Workspace) -> None:
    Workspace.objects.update(search_log_days=30)
    for days in (29, 31):
        log = SearchLog.objects.create(
            workspace=workspace, query=f"{days} days ago", mode="hybrid", results=0, milliseconds=1
        )
        SearchLog.objects.filter(pk=log.pk).update(created_at=timezone.now() - timedelta(days=days))
    tick()
    assert [log.query for log in SearchLog.objects.all()] == ["29 days ago"]
    Workspace.objects.update(search_log_days=None)
    tick()
    assert not SearchLog.objects.exists()


def test_a_workspace_that_keeps_none_notes_none(workspace: Workspace) -> None:
    workspace.search_log_days = None
    search(workspace, "anything")
    assert not SearchLog.objects.exists()
    workspace.search_log_days = 1
    search(workspace, "anything")
    assert SearchLog.objects.exists()
