"""Invitations, seen by those who are invited."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from console.audit import actor_of
from console.invitations import Standing, offered_to, standing_of
from console.models import User
from console.services import accept_invitation, accept_offer
from lightfast.lib.errors import UserError
from lightfast.lib.redirects import see_other


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show what a link invites to, to anybody who has it, and let its addressee accept."""
    user = request.user if isinstance(request.user, User) else None
    found, standing = standing_of(token, user)
    if request.method == "POST" and user is not None:
        try:
            membership = accept_invitation(token=token, user=user, actor=actor_of(request))
        except UserError as error:
            messages.error(request, str(error))
            return see_other("console:invitation", token)
        messages.success(request, f"Welcome to {membership.organization}.")
        return see_other("console:team", membership.organization.slug)
    values = {"invitation": found, "standing": standing, "token": token}
    status = 404 if standing == Standing.UNKNOWN else 410 if standing == Standing.OVER else 200
    return render(request, "console/invitation.html", values, status=status)


@require_POST
@login_required
def join(request: HttpRequest, invitation_id: str) -> HttpResponse:
    """Accept an invitation to an address that the person has confirmed."""
    assert isinstance(request.user, User)
    offered = get_object_or_404(offered_to(request.user), pk=invitation_id)
    try:
        membership = accept_offer(invitation=offered, user=request.user, actor=actor_of(request))
    except UserError as error:
        messages.error(request, str(error))
        return see_other("console:home")
    messages.success(request, f"Welcome to {membership.organization}.")
    return see_other("console:team", membership.organization.slug)
