"""The receipts that deletions leave: what was there before, and what is after."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from console.access import Permission, organization_view, workspace_view
from console.models import Organization, Workspace
from ingestion.models import Purge, PurgeSubject
from lightfast.lib.htmx import wants_fragment


@require_safe
@workspace_view()
def of_source(request: HttpRequest, workspace: Workspace, purge_id: str) -> HttpResponse:
    """Show what the removal of a source has deleted, or how far it is."""
    rows = Purge.objects.filter(workspace_id=workspace.pk, subject=PurgeSubject.INTEGRATION)
    return _receipt(request, rows, purge_id, "ingestion/source_receipt.html", workspace=workspace)


@require_safe
@organization_view(Permission.MANAGE_WORKSPACES)
def of_workspace(request: HttpRequest, organization: Organization, purge_id: str) -> HttpResponse:
    """Show what a deletion in a team has deleted, or how far it is."""
    rows = Purge.objects.filter(organization=organization)
    return _receipt(request, rows, purge_id, "ingestion/receipt.html", organization=organization)


@require_safe
@login_required
def of_team(request: HttpRequest, purge_id: str) -> HttpResponse:
    """Show to who deleted a team what has been deleted, or how far it is."""
    rows = Purge.objects.filter(subject=PurgeSubject.ORGANIZATION, requested_by=request.user.pk)
    return _receipt(request, rows, purge_id, "ingestion/team_receipt.html")


def _receipt(
    request: HttpRequest, rows: QuerySet[Purge], purge_id: str, template: str, **values: Any
) -> HttpResponse:
    purge = get_object_or_404(rows.select_related("requested_by"), pk=purge_id)
    shown = "ingestion/receipt.html#receipt" if wants_fragment(request) else template
    return render(request, shown, {"purge": purge, "rows": _rows(purge), "url": request.path, **values})


def _rows(purge: Purge) -> list[tuple[str, int, int | None]]:
    """Return what was there as name, rows before, and rows after."""
    after = purge.counts_after or {}
    return [
        (table.replace("_", " ").capitalize(), before, after.get(table))
        for table, before in purge.counts_before.items()
        if before or after.get(table)
    ]
