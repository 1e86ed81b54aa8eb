"""The first page: it says what Lightfast is, or leads to where one works."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from console.access import Permission, organizations_where
from console.accounts import may_sign_up
from console.invitations import offered_to
from console.models import Membership, User, Workspace
from console.onboarding import in_setup
from console.team_forms import NewTeamForm


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Greet who is logged out, guide who has no workspace, lead who has one there, and list several."""
    if not isinstance(request.user, User):
        greeting = {"fresh": not User.objects.exists(), "may_sign_up": may_sign_up("")}
        return render(request, "console/landing.html", greeting)
    user = request.user
    offers = list(offered_to(user).select_related("organization", "invited_by").order_by("pk"))
    workspaces = list(
        Workspace.objects.of_user(user).select_related("organization").order_by("organization__name", "name")
    )
    if len(workspaces) == 1 and not offers:
        return redirect("ingestion:overview", workspaces[0].organization.slug, workspaces[0].slug)
    if not workspaces and not Membership.objects.filter(user=user, organization__deleted_at=None).exists():
        return render(request, "console/welcome.html", {"offers": offers, "form": NewTeamForm()})
    values = {
        "offers": offers,
        "workspaces": workspaces,
        "unfinished": {workspace.pk for workspace in workspaces if in_setup(workspace)},
        "may_create": organizations_where(user, Permission.MANAGE_WORKSPACES).exists(),
    }
    return render(request, "console/home.html", values)
