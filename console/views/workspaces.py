"""Workspaces: made, with their first source if so chosen, and the checklist of what comes next."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from console import onboarding
from console.access import Permission, organizations_where, workspace_view
from console.audit import actor_of
from console.models import User, Workspace
from console.services import create_workspace
from console.services import dismiss_setup as hide
from console.team_forms import NewWorkspaceForm
from lightfast.lib.errors import UserError
from lightfast.lib.redirects import SeeOther, see_other


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new_workspace(request: HttpRequest) -> HttpResponse:
    """Make a workspace in a team, and begin with a source if so chosen."""
    assert isinstance(request.user, User)
    teams = organizations_where(request.user, Permission.MANAGE_WORKSPACES).order_by("name")
    if not teams:
        return see_other("console:new_team")
    initial = {"organization": request.GET.get("team", "")}
    form = NewWorkspaceForm(request.POST or None, teams=teams, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            return SeeOther(_begin(request, form))
        except UserError as error:
            form.add_error(None, str(error))
    return render(request, "console/new_workspace.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
@workspace_view(onboarding.PERMISSION)
def setup(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Show what is done and what comes next, also after it was dismissed."""
    values = {"workspace": workspace, "checklist": onboarding.checklist(workspace)}
    return render(request, "console/setup.html", values)


@require_POST
@workspace_view(onboarding.PERMISSION)
def dismiss_setup(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Hide the checklist from the overview."""
    hide(workspace=workspace, actor=actor_of(request))
    messages.info(request, "The checklist is hidden. The settings of the workspace lead to it.")
    return see_other("ingestion:overview", workspace.organization.slug, workspace.slug)


@transaction.atomic
def _begin(request: HttpRequest, form: NewWorkspaceForm) -> str:
    """Make the workspace and its first source together, or neither; return the address of what comes next."""
    actor, values = actor_of(request), form.cleaned_data
    workspace = create_workspace(
        organization=values["organization"], name=values["name"], slug=values["slug"], actor=actor
    )
    starter = onboarding.STARTERS.get(values["starter"])
    if starter is None:
        return reverse("ingestion:overview", args=[workspace.organization.slug, workspace.slug])
    return starter.start(workspace, values.get(f"{values['starter']}_value", ""), actor)
