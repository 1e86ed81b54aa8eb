"""The first page greets, guides or leads on, depending on who asks."""

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from console.access import role_in
from console.audit import Actor
from console.models import Membership, Organization, Role, User, Workspace
from console.services import create_workspace, invite


def text(client: Client, address: str = "/") -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_a_fresh_installation_asks_for_the_first_account(db: None) -> None:
    html = text(Client())
    assert "Create the first account" in html and "/accounts/signup/" in html


def test_somebody_logged_out_is_told_what_it_is(alice: User) -> None:
    html = text(Client())
    assert "/accounts/login/" in html and "Create the first account" not in html


def test_where_sign_up_is_closed_it_is_not_offered(alice: User, settings: Settings) -> None:
    assert "/accounts/signup/" in text(Client())
    settings.SIGNUP = "invited"
    assert "/accounts/signup/" not in text(Client())


def test_it_only_answers_reads(as_alice: Client) -> None:
    assert as_alice.post("/").status_code == 405


def test_the_only_workspace_is_opened(as_bob: Client, workspace: Workspace) -> None:
    response = as_bob.get("/")
    assert response.status_code == 302
    assert response["Location"].startswith("/acme/core/")


def test_several_workspaces_are_listed_and_no_others(
    as_alice: Client, organization: Organization, other_workspace: Workspace
) -> None:
    create_workspace(organization=organization, name="Docs")
    html = text(as_alice)
    assert "Core" in html and "Docs" in html and other_workspace.name not in html


def test_more_workspaces_need_no_more_queries(
    as_alice: Client, organization: Organization, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    create_workspace(organization=organization, name="Second")
    as_alice.get("/")
    with django_assert_num_queries(6):
        as_alice.get("/")
    for number in range(20):
        create_workspace(organization=organization, name=f"Another {number}")
    with django_assert_num_queries(6):
        as_alice.get("/")


def test_somebody_without_a_team_is_asked_to_make_one(as_staff: Client) -> None:
    html = text(as_staff)
    assert 'action="/account/teams/new/"' in html and "invite" in html


def test_a_member_of_a_team_without_workspaces_is_led_on(
    as_alice: Client, as_bob: Client, workspace: Workspace
) -> None:
    workspace.delete()
    assert "/new/" in text(as_alice)
    assert "An admin of it" in text(as_bob)


@pytest.mark.parametrize("confirmed", [True, False])
def test_invitations_to_a_confirmed_address_are_offered(
    confirmed: bool, staff: User, as_staff: Client, alice: User, organization: Organization
) -> None:
    EmailAddress.objects.create(user=staff, email=staff.email, verified=confirmed, primary=True)
    invitation, _ = invite(
        organization=organization, email=staff.email.upper(), role=Role.ADMIN, actor=Actor(user=alice)
    )
    address = f"/invitations/{invitation.pk}/join/"
    assert (address in text(as_staff)) is confirmed
    assert as_staff.post(address).status_code == (303 if confirmed else 404)
    assert role_in(staff, organization) == (Role.ADMIN if confirmed else None)


def test_who_was_removed_from_the_only_team_begins_anew(as_bob: Client, bob: User) -> None:
    Membership.objects.filter(user=bob).delete()
    assert "Create the team" in text(as_bob)
