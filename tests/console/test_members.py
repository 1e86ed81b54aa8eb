"""Members change roles, go and hand over, and a team never loses its last owner."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client

from console.access import role_in
from console.audit import Actor
from console.models import Activity, ApiKey, Membership, Organization, Role, Scope, User, Workspace
from console.services import change_role, create_api_key, leave, remove_member, transfer_ownership
from lightfast.lib.errors import UserError


def membership_of(user: User) -> Membership:
    return Membership.objects.get(user=user, organization__slug="acme")


def test_a_changed_role_is_recorded_with_what_it_was(alice: User, bob: User) -> None:
    actor = Actor(user=alice, ip_address="192.0.2.7")
    change_role(membership=membership_of(bob), role=Role.ADMIN, actor=actor)
    change_role(membership=membership_of(bob), role=Role.ADMIN, actor=actor)
    activity = Activity.objects.get(action="member.role_changed")
    assert (activity.before, activity.after) == ({"role": "member"}, {"role": "admin"})
    assert (activity.user, activity.ip_address) == (alice, "192.0.2.7")


def test_the_last_owner_stays(alice: User, organization: Organization) -> None:
    actor = Actor(user=alice)
    with pytest.raises(UserError, match="last owner"):
        change_role(membership=membership_of(alice), role=Role.ADMIN, actor=actor)
    with pytest.raises(UserError, match="last owner"):
        remove_member(membership=membership_of(alice), actor=actor)
    with pytest.raises(UserError, match="last owner"):
        leave(organization=organization, user=alice, actor=actor)
    assert role_in(alice, organization) == Role.OWNER


@pytest.mark.parametrize("role", [Role.OWNER, Role.ADMIN, Role.MEMBER])
def test_only_owners_touch_owners(role: Role, alice: User, bob: User) -> None:
    Membership.objects.filter(user=bob).update(role=Role.ADMIN)
    actor = Actor(user=bob)
    with pytest.raises(UserError, match="Only an owner"):
        change_role(membership=membership_of(bob), role=Role.OWNER, actor=actor)
    with pytest.raises(UserError, match="Only an owner"):
        remove_member(membership=membership_of(alice), actor=actor)


def test_who_is_removed_is_out_at_once(
    alice: User, bob: User, as_bob: Client, organization: Organization, workspace: Workspace
) -> None:
    assert as_bob.get("/acme/core/sources/").status_code == 200
    remove_member(membership=membership_of(bob), actor=Actor(user=alice))
    assert as_bob.get("/acme/core/sources/").status_code == 404
    assert role_in(bob, organization) is None


@pytest.mark.parametrize("chosen", [True, False])
def test_the_keys_of_who_is_removed_are_revoked_if_so_chosen(
    chosen: bool, alice: User, bob: User, workspace: Workspace, other_workspace: Workspace
) -> None:
    for place in (workspace, other_workspace):
        create_api_key(workspace=place, name="Bob's", scopes=[Scope.SEARCH], actor=Actor(user=bob))
    create_api_key(workspace=workspace, name="Alice's", scopes=[Scope.SEARCH], actor=Actor(user=alice))
    revoked = remove_member(membership=membership_of(bob), revoke_keys=chosen, actor=Actor(user=alice))
    assert revoked == int(chosen)
    usable = ApiKey.objects.usable().in_workspace(workspace).values_list("name", flat=True)
    assert set(usable) == ({"Alice's"} if chosen else {"Alice's", "Bob's"})
    assert ApiKey.objects.usable().in_workspace(other_workspace).exists()
    assert Activity.objects.get(action="member.removed").after == {"keys_revoked": revoked}


def test_a_team_is_handed_over(alice: User, bob: User, organization: Organization) -> None:
    transfer_ownership(organization=organization, to=membership_of(bob), actor=Actor(user=alice))
    assert (role_in(bob, organization), role_in(alice, organization)) == (Role.OWNER, Role.ADMIN)
    with pytest.raises(UserError, match="Only an owner"):
        transfer_ownership(organization=organization, to=membership_of(alice), actor=Actor(user=alice))
    leave(organization=organization, user=alice, actor=Actor(user=alice))
    assert role_in(alice, organization) is None


def test_a_team_is_not_handed_to_an_outsider(alice: User, mallory: User, organization: Organization) -> None:
    outside = Membership.objects.get(user=mallory)
    with pytest.raises(UserError, match="member of it"):
        transfer_ownership(organization=organization, to=outside, actor=Actor(user=alice))


@pytest.fixture
def two_owners(transactional_db: None, alice: User, bob: User) -> list[Membership]:
    Membership.objects.filter(user=bob).update(role=Role.OWNER)
    return [membership_of(alice), membership_of(bob)]


def _demote(membership: Membership) -> object:
    return change_role(membership=membership, role=Role.MEMBER, actor=Actor(user=membership.user))


def _leave(membership: Membership) -> object:
    return leave(
        organization=membership.organization, user=membership.user, actor=Actor(user=membership.user)
    )


@pytest.mark.parametrize("acts", [(_demote, _demote), (_leave, _leave), (_demote, _leave)])
def test_two_owners_who_go_at_the_same_moment_leave_one_behind(
    acts: tuple[Callable[[Membership], object], ...], two_owners: list[Membership]
) -> None:
    for _ in range(5):
        Membership.objects.filter(pk__in=[row.pk for row in two_owners]).delete()
        Membership.objects.bulk_create(two_owners)
        together = Barrier(2)

        def go(
            act: Callable[[Membership], object], membership: Membership, together: Barrier = together
        ) -> str:
            try:
                together.wait(10)
                act(membership)
            except UserError as error:
                return str(error)
            else:
                return ""
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as pool:
            said = list(pool.map(go, acts, two_owners))
        assert sorted(bool(text) for text in said) == [False, True]
        assert "last owner" in "".join(said)
        assert Membership.objects.filter(organization__slug="acme", role=Role.OWNER).count() == 1
