"""A team's members and who is invited."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from console.access import Permission, organization_view, role_in
from console.audit import actor_of
from console.invitations import invitation_url
from console.models import Invitation, Membership, Organization, Role, User
from console.services import change_role, invite, remove_member, resend_invitation, revoke_invitation
from console.shown import show_once, take_shown
from console.team_forms import InviteForm, RoleForm, roles
from lightfast.lib.errors import UserError
from lightfast.lib.htmx import wants_fragment
from lightfast.lib.redirects import see_other

LINK = "invitation of {organization}"


@require_safe
@never_cache
@organization_view()
def index(request: HttpRequest, organization: Organization) -> HttpResponse:
    """List members, and to those who manage them who is invited."""
    return _page(request, organization)


@require_POST
@never_cache
@organization_view(Permission.MANAGE_MEMBERS)
def send_invite(request: HttpRequest, organization: Organization) -> HttpResponse:
    """Invite somebody by mail."""
    form = InviteForm(request.POST, may_own=_owns(request, organization))
    if form.is_valid():
        try:
            invitation, token = invite(
                organization=organization,
                email=form.cleaned_data["email"],
                role=Role(form.cleaned_data["role"]),
                actor=actor_of(request),
            )
        except UserError as error:
            form.add_error("email", str(error))
        else:
            return _sent(request, invitation, token)
    return _page(request, organization, form)


@require_POST
@organization_view(Permission.MANAGE_MEMBERS)
def resend(request: HttpRequest, organization: Organization, invitation_id: str) -> HttpResponse:
    """Send an invitation again, with another link."""
    invitation = _invitation(organization, invitation_id)
    try:
        invitation, token = resend_invitation(invitation=invitation, actor=actor_of(request))
    except UserError as error:
        messages.error(request, str(error))
        return see_other("console:members", organization.slug)
    return _sent(request, invitation, token)


@require_POST
@organization_view(Permission.MANAGE_MEMBERS)
def revoke(request: HttpRequest, organization: Organization, invitation_id: str) -> HttpResponse:
    """Take an invitation back."""
    invitation = _invitation(organization, invitation_id)
    try:
        revoke_invitation(invitation=invitation, actor=actor_of(request))
        messages.success(request, f"The invitation of {invitation.email} opens nothing any more.")
    except UserError as error:
        messages.error(request, str(error))
    return see_other("console:members", organization.slug)


@require_POST
@organization_view(Permission.MANAGE_MEMBERS)
def role(request: HttpRequest, organization: Organization, membership_id: str) -> HttpResponse:
    """Give a member another role."""
    membership = _membership(organization, membership_id)
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, "There is no such role.")
        return see_other("console:members", organization.slug)
    try:
        changed = change_role(
            membership=membership, role=Role(form.cleaned_data["role"]), actor=actor_of(request)
        )
        messages.success(request, f"{changed.user} is {changed.get_role_display().lower()} now.")
    except UserError as error:
        messages.error(request, str(error))
    return see_other("console:members", organization.slug)


@require_POST
@organization_view(Permission.MANAGE_MEMBERS)
def remove(request: HttpRequest, organization: Organization, membership_id: str) -> HttpResponse:
    """Take a member out of the team."""
    membership = _membership(organization, membership_id)
    try:
        revoked = remove_member(
            membership=membership, revoke_keys="revoke_keys" in request.POST, actor=actor_of(request)
        )
        keys = f" {revoked} of their keys {'is' if revoked == 1 else 'are'} revoked." if revoked else ""
        messages.success(request, f"{membership.user} is out of {organization}.{keys}")
    except UserError as error:
        messages.error(request, str(error))
    return see_other("console:members", organization.slug)


def _sent(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    show_once(request, LINK.format(organization=invitation.organization_id), invitation_url(token))
    messages.success(request, f"An invitation is on its way to {invitation.email}.")
    return see_other("console:members", invitation.organization.slug)


def _page(request: HttpRequest, organization: Organization, form: InviteForm | None = None) -> HttpResponse:
    assert isinstance(request.user, User)
    mine = role_in(request.user, organization)
    may_own = mine == Role.OWNER
    may_manage = mine in (Role.OWNER, Role.ADMIN)
    members = Membership.objects.of_organization(organization).with_last_seen().select_related("user")
    values = {
        "organization": organization,
        "members": members.order_by("user__name", "user__email"),
        "may_manage": may_manage,
        "may_own": may_own,
        "role_names": [(value, Role(value).label) for value, _ in roles(may_own)],
    }
    if may_manage:
        open_ones = Invitation.objects.of_organization(organization).open()
        values |= {
            "form": form or InviteForm(may_own=may_own),
            "invitations": open_ones.select_related("invited_by").order_by("-created_at"),
            "link": take_shown(request, LINK.format(organization=organization.pk)),
        }
    name = "console/members.html" + ("#members" if wants_fragment(request) else "")
    return render(request, name, values, status=422 if form is not None and form.errors else 200)


def _owns(request: HttpRequest, organization: Organization) -> bool:
    assert isinstance(request.user, User)
    return role_in(request.user, organization) == Role.OWNER


def _membership(organization: Organization, membership_id: str) -> Membership:
    rows = Membership.objects.of_organization(organization).select_related("user", "organization")
    return get_object_or_404(rows, pk=membership_id)


def _invitation(organization: Organization, invitation_id: str) -> Invitation:
    rows = Invitation.objects.of_organization(organization).select_related("organization", "invited_by")
    return get_object_or_404(rows, pk=invitation_id)
