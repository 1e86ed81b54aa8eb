"""Deleting a workspace or a team, and the receipts that deletions leave."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from console.access import Permission, organization_view, workspace_view
from console.audit import actor_of
from console.models import ApiKey, Membership, Organization, Workspace
from ingestion import services
from ingestion.models import Document, Integration, Purge, PurgeSubject, Run
from lightfast.lib.htmx import wants_fragment
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


@require_http_methods(["GET", "HEAD", "POST"])
@organization_view(Permission.DELETE_ORGANIZATION)
def delete_team(request: HttpRequest, organization: Organization) -> HttpResponse:
    """Tell what goes with a team, and delete it for whoever types its address."""
    typed = request.POST.get("confirm", "").strip() == organization.slug
    if request.method == "POST" and typed:
        purge = services.delete_organization(organization=organization, actor=actor_of(request))
        return see_other("ingestion:team_receipt", purge.pk)
    values = {
        "organization": organization,
        "wrong": request.method == "POST",
        "losses": {
            "Workspaces": Workspace.objects.alive().filter(organization=organization).count(),
            "Sources": Integration.objects.filter(workspace__organization=organization).count(),
            "API keys": ApiKey.objects.usable().filter(workspace__organization=organization).count(),
            "Members": Membership.objects.of_organization(organization).count(),
        },
    }
    return render(request, "ingestion/delete_team.html", values, status=422 if values["wrong"] else 200)


@require_safe
@login_required
def team_receipt(request: HttpRequest, purge_id: str) -> HttpResponse:
    """Show to who deleted a team what has been deleted, or how far it is."""
    mine = Purge.objects.filter(subject=PurgeSubject.ORGANIZATION, requested_by=request.user.pk)
    purge = get_object_or_404(mine.select_related("requested_by"), pk=purge_id)
    values = {"purge": purge, "rows": _rows(purge), "url": request.path}
    fragment = wants_fragment(request)
    return render(
        request, "ingestion/receipt.html#receipt" if fragment else "ingestion/team_receipt.html", values
    )


@require_safe
@organization_view(Permission.MANAGE_WORKSPACES)
def receipt(request: HttpRequest, organization: Organization, purge_id: str) -> HttpResponse:
    """Show what a deletion has deleted, or how far it is."""
    purge = get_object_or_404(
        Purge.objects.select_related("requested_by"), organization=organization, pk=purge_id
    )
    values = {
        "organization": organization,
        "purge": purge,
        "rows": _rows(purge),
        "url": reverse("ingestion:receipt", args=[organization.slug, purge.pk]),
    }
    return render(request, "ingestion/receipt.html" + ("#receipt" if wants_fragment(request) else ""), values)


def _rows(purge: Purge) -> list[tuple[str, int, int | None]]:
    """Return what was there as name, rows before, and rows after."""
    after = purge.counts_after or {}
    return [
        (table.replace("_", " ").capitalize(), before, after.get(table))
        for table, before in purge.counts_before.items()
        if before or after.get(table)
    ]
