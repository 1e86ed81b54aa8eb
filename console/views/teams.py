"""Teams: made, seen, renamed, handed over and left."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from console.access import Permission, can, organization_view
from console.audit import actor_of
from console.models import Membership, Organization, User, Workspace
from console.onboarding import in_setup
from console.services import change_organization, create_organization, leave, transfer_ownership
from console.team_forms import HandOverForm, NewTeamForm, TeamForm
from lightfast.lib.errors import UserError
from lightfast.lib.redirects import SeeOther, see_other


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new_team(request: HttpRequest) -> HttpResponse:
    """Make a team, and go on to its first workspace."""
    assert isinstance(request.user, User)
    form = NewTeamForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            organization = create_organization(
                **form.cleaned_data, owner=request.user, actor=actor_of(request)
            )
        except UserError as error:
            form.add_error(None, str(error))
        else:
            return SeeOther(f"{reverse('console:new_workspace')}?team={organization.slug}")
    return render(request, "console/new_team.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
@organization_view()
def team(request: HttpRequest, organization: Organization) -> HttpResponse:
    """List a team's workspaces."""
    workspaces = list(
        Workspace.objects.alive()
        .filter(organization=organization)
        .select_related("organization")
        .order_by("name")
    )
    values = {
        "organization": organization,
        "workspaces": workspaces,
        "unfinished": {workspace.pk for workspace in workspaces if in_setup(workspace)},
        "may_create": _may(request, Permission.MANAGE_WORKSPACES, organization),
    }
    return render(request, "console/team.html", values)


@require_http_methods(["GET", "HEAD", "POST"])
@organization_view()
def settings(request: HttpRequest, organization: Organization) -> HttpResponse:
    """Show what can be done with a team, and rename it."""
    form = TeamForm(request.POST or None, organization=organization)
    if request.method != "POST":
        return _settings(request, organization, form)
    if not _may(request, Permission.MANAGE_ORGANIZATION, organization):
        raise PermissionDenied
    if form.is_valid():
        try:
            changed = change_organization(
                organization=organization, **form.cleaned_data, actor=actor_of(request)
            )
        except UserError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Saved.")
            return see_other("console:team_settings", changed.slug)
    return _settings(request, organization, form)


@require_POST
@organization_view(Permission.TRANSFER_ORGANIZATION)
def transfer(request: HttpRequest, organization: Organization) -> HttpResponse:
    """Hand a team over to another member."""
    assert isinstance(request.user, User)
    form = HandOverForm(request.POST, organization=organization, user=request.user)
    if form.is_valid():
        heir: Membership = form.cleaned_data["to"]
        try:
            transfer_ownership(organization=organization, to=heir, actor=actor_of(request))
        except UserError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"{heir.user} owns {organization} now. You are an admin.")
            return see_other("console:members", organization.slug)
    return _settings(request, organization, TeamForm(organization=organization), form)


@require_POST
@organization_view()
def leave_team(request: HttpRequest, organization: Organization) -> HttpResponse:
    """Leave a team."""
    assert isinstance(request.user, User)
    revoke = "revoke_keys" in request.POST
    try:
        leave(organization=organization, user=request.user, revoke_keys=revoke, actor=actor_of(request))
    except UserError as error:
        messages.error(request, str(error))
        return see_other("console:team_settings", organization.slug)
    messages.success(request, f"You have left {organization}.")
    return see_other("console:home")


def _settings(
    request: HttpRequest, organization: Organization, form: TeamForm, handover: HandOverForm | None = None
) -> HttpResponse:
    assert isinstance(request.user, User)
    values = {
        "organization": organization,
        "form": form,
        "handover": handover or HandOverForm(organization=organization, user=request.user),
        "may_rename": _may(request, Permission.MANAGE_ORGANIZATION, organization),
        "may_transfer": _may(request, Permission.TRANSFER_ORGANIZATION, organization),
        "may_delete": _may(request, Permission.DELETE_ORGANIZATION, organization),
    }
    failed = form.errors or (handover is not None and handover.errors)
    return render(request, "console/team_settings.html", values, status=422 if failed else 200)


def _may(request: HttpRequest, permission: Permission, organization: Organization) -> bool:
    assert isinstance(request.user, User)
    return can(request.user, permission, organization)
