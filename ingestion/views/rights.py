"""What the person who looks at a page may do, so that it shows no button in vain."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from console.access import PERMISSIONS, Permission, role_in
from console.models import Organization, User, Workspace


@dataclass(frozen=True, slots=True)
class Rights:
    """What somebody may do in a team's workspaces."""

    sync: bool
    manage: bool
    configure: bool
    own: bool


def rights_in(request: HttpRequest, organization: Organization) -> Rights:
    """Return what the person of a request may do."""
    assert isinstance(request.user, User)
    role = role_in(request.user, organization)
    held = PERMISSIONS[role] if role else frozenset()
    return Rights(
        sync=Permission.SYNC in held,
        manage=Permission.MANAGE_SOURCES in held,
        configure=Permission.MANAGE_WORKSPACES in held,
        own=Permission.DELETE_ORGANIZATION in held,
    )


def address_of(view: str, workspace: Workspace) -> str:
    """Return the address of another app's page, empty where this installation has none."""
    try:
        return reverse(view, args=[workspace.organization.slug, workspace.slug])
    except NoReverseMatch:
        return ""
