"""Remembering what was searched for.

A search as one types is no search yet: its answer carries what would be noted of it, signed, and the page sends that
back when the answer has been looked at for a moment. So only settled queries count, and each keystroke costs no row.
"""

from typing import Any

from django.core import signing

from console.audit import Actor
from console.models import Workspace
from search.filters import Filters
from search.models import SearchLog
from search.results import Results

SALT = "search.log"
WAIT = 600  # seconds for which an answer can be settled


def log_search(workspace: Workspace, answer: Results, filters: Filters, actor: Actor) -> None:
    """Note a search."""
    _note(workspace, _facts(answer, filters), actor)


def sealed(workspace: Workspace, answer: Results, filters: Filters) -> str:
    """Return what there is to note of a search, for `settle`."""
    return signing.dumps([str(workspace.pk), _facts(answer, filters)], salt=SALT, compress=True)


def settle(workspace: Workspace, text: str, actor: Actor) -> bool:
    """Note a sealed search; one that we did not seal, of another workspace, or of long ago is none."""
    try:
        owner, facts = signing.loads(text, salt=SALT, max_age=WAIT)
    except signing.BadSignature:
        return False
    if owner != str(workspace.pk):
        return False
    _note(workspace, facts, actor)
    return True


def _facts(answer: Results, filters: Filters) -> dict[str, Any]:
    return {
        "query": answer.query.typed,
        "mode": answer.mode,
        "filters": {**filters.as_json(), **answer.query.filters.as_json()},
        "results": answer.total,
        "milliseconds": answer.milliseconds,
        "stages": answer.stages,
    }


def _note(workspace: Workspace, facts: dict[str, Any], actor: Actor) -> None:
    if workspace.search_log_days is None:
        return
    SearchLog.objects.create(workspace=workspace, user=actor.user, api_key=actor.api_key, **facts)
