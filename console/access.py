"""The only answer to "who may do what": roles of people, scopes of keys."""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase

from console.models import Membership, Organization, Role, User, Workspace
from console.models.organization import OrganizationQuerySet

P = ParamSpec("P")


class Permission(StrEnum):
    """What a member may do in an organization and its workspaces."""

    VIEW = "view"
    SYNC = "sync"
    MANAGE_SOURCES = "manage_sources"
    MANAGE_KEYS = "manage_keys"
    MANAGE_WORKSPACES = "manage_workspaces"
    MANAGE_MEMBERS = "manage_members"
    MANAGE_ORGANIZATION = "manage_organization"
    TRANSFER_ORGANIZATION = "transfer_organization"
    DELETE_ORGANIZATION = "delete_organization"


_MEMBER = frozenset({Permission.VIEW})
_ADMIN = _MEMBER | {
    Permission.SYNC,
    Permission.MANAGE_SOURCES,
    Permission.MANAGE_KEYS,
    Permission.MANAGE_WORKSPACES,
    Permission.MANAGE_MEMBERS,
    Permission.MANAGE_ORGANIZATION,
}
PERMISSIONS: dict[str, frozenset[Permission]] = {
    Role.MEMBER: _MEMBER,
    Role.ADMIN: _ADMIN,
    Role.OWNER: _ADMIN | {Permission.TRANSFER_ORGANIZATION, Permission.DELETE_ORGANIZATION},
}


def role_in(user: User, organization: Organization) -> Role | None:
    """Return a person's role in an organization, or None for an outsider."""
    role = (
        Membership.objects.filter(user=user, organization=organization).values_list("role", flat=True).first()
    )
    return Role(role) if role else None


def can(user: User, permission: Permission, organization: Organization) -> bool:
    """Tell whether a person may do something in an organization."""
    role = role_in(user, organization)
    return role is not None and permission in PERMISSIONS[role]


def organizations_where(user: User, permission: Permission) -> OrganizationQuerySet:
    """Return the organizations in which a person may do something."""
    roles = [role for role, allowed in PERMISSIONS.items() if permission in allowed]
    places = Membership.objects.filter(user=user, role__in=roles)
    return Organization.objects.alive().filter(pk__in=places.values("organization"))


def get_workspace(user: User, organization: str, workspace: str) -> Workspace:
    """Return a workspace by its slugs; for an outsider it does not exist (`Http404`)."""
    found = Workspace.objects.of_user(user).select_related("organization")
    try:
        return found.get(organization__slug=organization, slug=workspace)
    except Workspace.DoesNotExist:
        raise Http404("There is no such workspace.") from None


def get_organization(user: User, organization: str) -> Organization:
    """Return an organization by its slug; for an outsider it does not exist (`Http404`)."""
    try:
        return Organization.objects.of_user(user).get(slug=organization)
    except Organization.DoesNotExist:
        raise Http404("There is no such team.") from None


def organization_view(
    permission: Permission = Permission.VIEW,
) -> Callable[
    [Callable[Concatenate[HttpRequest, Organization, P], HttpResponseBase]],
    Callable[..., HttpResponseBase],
]:
    """Make a view of an organization out of a function that takes it, as `workspace_view` does of a workspace."""

    def decorate(
        view: Callable[Concatenate[HttpRequest, Organization, P], HttpResponseBase],
    ) -> Callable[..., HttpResponseBase]:
        @login_required
        @wraps(view)
        def wrapped(
            request: HttpRequest, organization: str, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponseBase:
            assert isinstance(request.user, User)
            found = get_organization(request.user, organization)
            _require(request.user, permission, found)
            return view(request, found, *args, **kwargs)

        return wrapped

    return decorate


def _require(user: User, permission: Permission, organization: Organization) -> None:
    if not can(user, permission, organization):
        raise PermissionDenied("Your role does not allow this. Ask an admin of the team.")


def workspace_view(
    permission: Permission = Permission.VIEW,
) -> Callable[
    [Callable[Concatenate[HttpRequest, Workspace, P], HttpResponseBase]],
    Callable[..., HttpResponseBase],
]:
    """Make a view of a workspace out of a function that takes it.

    It asks for a login, answers outsiders 404 and members without the permission 403.
    """

    def decorate(
        view: Callable[Concatenate[HttpRequest, Workspace, P], HttpResponseBase],
    ) -> Callable[..., HttpResponseBase]:
        @login_required
        @wraps(view)
        def wrapped(
            request: HttpRequest, organization: str, workspace: str, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponseBase:
            assert isinstance(request.user, User)
            found = get_workspace(request.user, organization, workspace)
            _require(request.user, permission, found.organization)
            return view(request, found, *args, **kwargs)

        return wrapped

    return decorate
