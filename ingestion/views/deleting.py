"""Deleting a workspace or a team, and the receipts that deletions leave."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from console.access import Permission, organization_view, workspace_view
from console.audit import actor_of
from console.models import ApiKey, Membership, Organization, Workspace
from ingestion import services
from ingestion.models import Integration, Run, Tally
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
            "Documents": Tally.objects.in_workspace(workspace).held().documents,
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
