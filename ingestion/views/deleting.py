"""Deleting a workspace, and the receipts that deletions leave."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_safe

from console.access import Permission, organization_view, workspace_view
from console.audit import actor_of
from console.models import ApiKey, Organization, Workspace
from ingestion import services
from ingestion.models import Document, Integration, Purge, Run
from lightfast.lib.redirects import see_other


@require_http_methods(["GET", "HEAD", "POST"])
@workspace_view(Permission.MANAGE_WORKSPACES)
def delete_workspace(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Tell what goes with a workspace, and delete it for whoever types its address."""
    typed = request.POST.get("confirm", "").strip() == workspace.slug
    if request.method == "POST" and typed:
        purge = services.delete_workspace(workspace=workspace, actor=actor_of(request))
        return see_other("ingestion:receipt", workspace.organization.slug, purge.pk)
    values = {
        "workspace": workspace,
        "wrong": request.method == "POST",
        "losses": {
            "Sources": Integration.objects.in_workspace(workspace).count(),
            "Documents": Document.objects.in_workspace(workspace).count(),
            "Jobs": Run.objects.in_workspace(workspace).count(),
            "API keys": ApiKey.objects.in_workspace(workspace).usable().count(),
        },
    }
    return render(request, "ingestion/delete_workspace.html", values, status=422 if values["wrong"] else 200)


@require_safe
@organization_view(Permission.MANAGE_WORKSPACES)
def receipt(request: HttpRequest, organization: Organization, purge_id: str) -> HttpResponse:
    """Show what a deletion has deleted, or how far it is."""
    purge = get_object_or_404(
        Purge.objects.select_related("requested_by"), organization=organization, pk=purge_id
    )
    after = purge.counts_after or {}
    rows = [
        (table.replace("_", " ").capitalize(), before, after.get(table))
        for table, before in purge.counts_before.items()
        if before or after.get(table)
    ]
    values = {"organization": organization, "purge": purge, "rows": rows}
    fragment = request.htmx and not request.htmx.boosted  # type: ignore[attr-defined]
    return render(request, "ingestion/receipt.html" + ("#receipt" if fragment else ""), values)
