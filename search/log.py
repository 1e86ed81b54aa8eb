"""Remembering what was searched for."""

from typing import Any

from console.audit import Actor
from console.models import Workspace
from search.models import SearchLog
from search.results import Results


def log_search(workspace: Workspace, answer: Results, filters: dict[str, Any], actor: Actor) -> None:
    """Note a search."""
    SearchLog.objects.create(
        workspace=workspace,
        user=actor.user,
        api_key=actor.api_key,
        query=answer.query.typed,
        mode=answer.mode,
        filters=filters,
        results=answer.total,
        milliseconds=answer.milliseconds,
        stages=answer.stages,
    )
