"""Teams, workspaces and invitations."""

from datetime import timedelta

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from console.access import PERMISSIONS, Permission, can, role_in
from console.audit import Actor
from console.models import Activity, Invitation, Membership, Organization, Role, User, Workspace
from console.services import (
    accept_invitation,
    change_organization,
    create_organization,
    create_workspace,
    invite,
)
from console.slugs import RESERVED, RESERVED_IN_TEAM
from lightfast.lib.errors import UserError


def test_who_creates_a_team_owns_it(alice: User) -> None:
    organization = create_organization(name="  New   Team ", owner=alice)
    assert (organization.name, organization.slug) == ("New Team", "new-team-team")
    assert role_in(alice, organization) == Role.OWNER
    assert Activity.objects.get(action="organization.created").user == alice


@pytest.mark.parametrize("name", ["Admin", "API", "accounts", "mcp", "Static"])
def test_addresses_of_ours_are_never_a_teams(name: str, alice: User) -> None:
    assert create_organization(name=name, owner=alice).slug == f"{name.lower()}-team"


def test_names_may_repeat_and_addresses_do_not(organization: Organization) -> None:
    slugs = [create_workspace(organization=organization, name="Docs").slug for _ in range(3)]
    assert slugs == ["docs", "docs-2", "docs-3"]


@pytest.mark.parametrize("name", ["", "   ", "\t"])
def test_a_nameless_workspace_is_refused(name: str, organization: Organization) -> None:
    with pytest.raises(UserError, match="name"):
        create_workspace(organization=organization, name=name)


def test_an_invitation_makes_its_addressee_a_member_once(organization: Organization, alice: User) -> None:
    invitation, token = invite(
        organization=organization, email="Carol@acme.example", role=Role.ADMIN, actor=Actor(user=alice)
    )
    assert token not in str(Invitation.objects.values().get())
    carol = User.objects.create_user("carol@acme.example")
    assert accept_invitation(token=token, user=carol).role == Role.ADMIN
    with pytest.raises(UserError, match="not valid"):
        accept_invitation(token=token, user=carol)
    invitation.refresh_from_db()
    assert invitation.accepted_at is not None


def test_somebody_elses_or_an_expired_invitation_is_refused(
    organization: Organization, alice: User, mallory: User
) -> None:
    _, token = invite(
        organization=organization, email="carol@acme.example", role=Role.MEMBER, actor=Actor(user=alice)
    )
    with pytest.raises(UserError, match="not valid"):
        accept_invitation(token=token, user=mallory)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    carol = User.objects.create_user("carol@acme.example")
    with pytest.raises(UserError, match="expired"):
        accept_invitation(token=token, user=carol)
    assert not Membership.objects.filter(user__in=[mallory, carol], organization=organization).exists()


def test_an_address_has_one_open_invitation(organization: Organization, alice: User) -> None:
    actor = Actor(user=alice)
    invite(organization=organization, email="carol@acme.example", role=Role.MEMBER, actor=actor)
    with pytest.raises(UserError, match="open invitation"):
        invite(organization=organization, email="CAROL@acme.example", role=Role.MEMBER, actor=actor)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    invite(organization=organization, email="carol@acme.example", role=Role.MEMBER, actor=actor)
    with pytest.raises(UserError, match="already a member"):
        invite(organization=organization, email=alice.email.upper(), role=Role.MEMBER, actor=actor)


EXPECTED = {
    Role.MEMBER: {Permission.VIEW},
    Role.ADMIN: set(Permission) - {Permission.TRANSFER_ORGANIZATION, Permission.DELETE_ORGANIZATION},
    Role.OWNER: set(Permission),
}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("permission", Permission)
def test_roles_may_do_what_the_table_says(
    role: Role, permission: Permission, alice: User, workspace: Workspace
) -> None:
    Membership.objects.filter(user=alice).update(role=role)
    assert can(alice, permission, workspace.organization) is (permission in EXPECTED[role])
    assert set(PERMISSIONS) == set(Role)


def test_outsiders_may_do_nothing(mallory: User, organization: Organization) -> None:
    assert not any(can(mallory, permission, organization) for permission in Permission)


@pytest.mark.parametrize(
    "slug", ["Admin", "api", "accounts", "styleguide", "two words", "-a", "a--b", "ä", "evil"]
)
def test_a_chosen_address_is_refused_rather_than_changed(
    slug: str, alice: User, other_organization: Organization
) -> None:
    with pytest.raises(UserError, match="address"):
        create_organization(name="Team", slug=slug, owner=alice)


def test_a_chosen_address_is_taken_as_it_is(alice: User, organization: Organization) -> None:
    assert create_organization(name="日本語チーム", slug="nihon", owner=alice).slug == "nihon"
    workspace = create_workspace(organization=organization, name="Документы", slug="dokumenty")
    assert (workspace.name, workspace.slug) == ("Документы", "dokumenty")
    assert create_organization(name="日本語チーム", owner=alice).slug == "team"


def test_a_team_is_renamed_with_a_record(alice: User, organization: Organization) -> None:
    actor = Actor(user=alice)
    for _ in range(2):
        change_organization(organization=organization, name="Acme Inc", slug="acme-inc", actor=actor)
    activity = Activity.objects.get(action="organization.changed")
    assert activity.before == {"name": "Acme", "slug": "acme"}
    assert activity.after == {"name": "Acme Inc", "slug": "acme-inc"}
    with pytest.raises(UserError, match="address"):
        change_organization(organization=organization, name="Acme", slug="api", actor=actor)


def _first_parts(patterns: list[URLPattern | URLResolver]) -> set[str]:
    parts = {str(pattern.pattern).split("/")[0] for pattern in patterns}
    for resolver in patterns:
        if isinstance(resolver, URLResolver) and str(resolver.pattern) == "":
            parts |= _first_parts(resolver.url_patterns)
    return {part for part in parts if part and "<" not in part}


def _second_parts(patterns: list[URLPattern | URLResolver]) -> set[str]:
    found = set()
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            found |= _second_parts(pattern.url_patterns) if str(pattern.pattern) == "" else set()
        elif str(pattern.pattern).startswith("<slug:organization>/"):
            found.add(str(pattern.pattern).split("/")[1])
    return {part for part in found if part and "<" not in part}


def test_every_address_of_ours_is_reserved() -> None:
    patterns = get_resolver().url_patterns
    assert _first_parts(patterns) <= RESERVED
    assert _second_parts(patterns) <= RESERVED_IN_TEAM
