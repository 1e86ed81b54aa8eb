"""Teams, workspaces and invitations."""

from datetime import timedelta

import pytest
from django.utils import timezone

from console.access import PERMISSIONS, Permission, can, role_in
from console.audit import Actor
from console.models import Activity, Invitation, Membership, Organization, Role, User, Workspace
from console.services import accept_invitation, create_organization, create_workspace, invite
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
    Role.ADMIN: set(Permission) - {Permission.DELETE_ORGANIZATION},
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
