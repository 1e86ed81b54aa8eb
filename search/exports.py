"""What search adds to the export of a workspace."""

from collections.abc import Iterable, Mapping

from console.exports import PARTS
from console.models import Workspace
from lightfast.lib.batches import in_batches
from search.models import SearchLog

ROWS = 1_000


def searches_part(workspace: Workspace) -> Iterable[Mapping[str, object]]:
    """Return the searches."""
    fields = ("id", "created_at", "query", "mode", "filters", "results", "milliseconds", "stages")
    rows = SearchLog.objects.in_workspace(workspace)
    return in_batches(rows.values(*fields, "user__email", "api_key__name"), ROWS)


PARTS["searches"] = searches_part
