"""A workspace's first page: what is wrong, what is indexed, how fresh it is."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from console.access import workspace_view
from console.models import Workspace
from ingestion.overview import overview_of
from ingestion.views.rights import address_of, rights_in
from lightfast.lib.htmx import wants_fragment


@require_safe
@workspace_view()
def overview(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Show a workspace at a glance; while something syncs, its figures follow."""
    values = {
        "workspace": workspace,
        "overview": overview_of(workspace),
        "search_url": address_of("search:page", workspace),
        "activity_url": address_of("console:activity_recent", workspace),
        "may": rights_in(request, workspace.organization),
    }
    template = "ingestion/overview.html"
    return render(request, f"{template}#live" if wants_fragment(request) else template, values)
