"""Teams in the browser: who may open which page, and what each does."""

import re
from dataclasses import dataclass

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from console.access import role_in
from console.audit import Actor
from console.models import (
    Activity,
    ApiKey,
    Invitation,
    Membership,
    Organization,
    Role,
    Scope,
    User,
    Workspace,
)
from console.services import create_api_key, invite

OWNER, ADMIN, MEMBER = Role.OWNER, Role.ADMIN, Role.MEMBER
HTMX = {"HX-Request": "true"}


@dataclass(frozen=True, slots=True)
class Page:
    """A view: its address, the methods it answers, and the least role it wants."""

    address: str
    methods: tuple[str, ...]
    role: Role


PAGES = {
    "team": Page("/acme/", ("get",), MEMBER),
    "members": Page("/acme/members/", ("get",), MEMBER),
    "invite": Page("/acme/members/invite/", ("post",), ADMIN),
    "role": Page("/acme/members/{bob}/role/", ("post",), ADMIN),
    "remove": Page("/acme/members/{bob}/remove/", ("post",), ADMIN),
    "resend": Page("/acme/invitations/{invitation}/resend/", ("post",), ADMIN),
    "revoke": Page("/acme/invitations/{invitation}/revoke/", ("post",), ADMIN),
    "settings": Page("/acme/settings/", ("get",), MEMBER),
    "rename": Page("/acme/settings/", ("post",), ADMIN),
    "transfer": Page("/acme/transfer/", ("post",), OWNER),
    "leave": Page("/acme/leave/", ("post",), MEMBER),
    "setup": Page("/acme/core/setup/", ("get",), ADMIN),
    "dismiss": Page("/acme/core/setup/dismiss/", ("post",), ADMIN),
    "keys": Page("/acme/core/keys/", ("get",), ADMIN),
    "new key": Page("/acme/core/keys/new/", ("get", "post"), ADMIN),
    "key": Page("/acme/core/keys/{key}/", ("get", "post"), ADMIN),
    "rotate": Page("/acme/core/keys/{key}/rotate/", ("post",), ADMIN),
    "revoke key": Page("/acme/core/keys/{key}/revoke/", ("post",), ADMIN),
}


@pytest.fixture
def names(alice: User, bob: User, workspace: Workspace) -> dict[str, object]:
    actor = Actor(user=alice)
    invitation, _ = invite(
        organization=workspace.organization, email="carol@acme.example", role=MEMBER, actor=actor
    )
    key, _ = create_api_key(workspace=workspace, name="CI", scopes=[Scope.SEARCH], actor=actor)
    return {
        "bob": Membership.objects.get(user=bob).pk,
        "alice": Membership.objects.get(user=alice).pk,
        "invitation": invitation.pk,
        "key": key.pk,
    }


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
@pytest.mark.parametrize("role", Role)
def test_a_page_opens_to_its_role_and_those_above(
    page: Page, role: Role, names: dict[str, object], as_alice: Client, alice: User, bob: User
) -> None:
    Membership.objects.filter(user=bob).update(role=OWNER)
    Membership.objects.filter(user=alice).update(role=role)
    address = page.address.format_map(names)
    allowed = list(Role).index(role) <= list(Role).index(page.role)
    for method in page.methods:
        response = getattr(as_alice, method)(address)
        assert (response.status_code == 403) is not allowed, response
        assert response.status_code in ({200, 303, 422} if allowed else {403})


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_a_page_asks_for_a_login_and_is_not_there_for_outsiders(
    page: Page, names: dict[str, object], as_mallory: Client
) -> None:
    address = page.address.format_map(names)
    for method in page.methods:
        answer = getattr(Client(), method)(address)
        assert answer.status_code == 302 and answer["Location"].startswith("/accounts/login/")
        assert getattr(as_mallory, method)(address).status_code == 404


@pytest.mark.parametrize("page", [page for page in PAGES.values() if page.address != "/acme/settings/"])
def test_a_page_answers_only_its_methods(page: Page, names: dict[str, object], as_alice: Client) -> None:
    address = page.address.format_map(names)
    for method in {"get", "post", "put", "delete"} - set(page.methods):
        assert getattr(as_alice, method)(address).status_code == 405


@pytest.mark.parametrize("address", ["/acme/members/", "/acme/core/keys/"])
def test_htmx_gets_the_fragment(address: str, names: dict[str, object], as_alice: Client) -> None:
    whole, fragment = as_alice.get(address), as_alice.get(address, headers=HTMX)
    assert "<html" in whole.content.decode()
    assert "<html" not in fragment.content.decode()
    assert "HX-Request" in whole["Vary"]
    assert "CI" in fragment.content.decode() or "Bob" in fragment.content.decode()


@pytest.mark.parametrize(
    ("address", "data"),
    [
        ("/acme/members/{lair}/role/", {"role": "admin"}),
        ("/acme/members/{lair}/remove/", {}),
        ("/acme/invitations/{theirs}/revoke/", {}),
    ],
)
def test_what_is_of_another_team_is_not_there(
    address: str, data: dict[str, str], as_alice: Client, mallory: User, other_organization: Organization
) -> None:
    theirs, _ = invite(
        organization=other_organization, email="eve@evil.example", role=MEMBER, actor=Actor(user=mallory)
    )
    names = {"lair": Membership.objects.get(user=mallory).pk, "theirs": theirs.pk}
    assert as_alice.post(address.format_map(names), data).status_code == 404
    assert Membership.objects.filter(user=mallory, role=OWNER).exists()


def test_a_team_is_made_and_its_first_workspace_comes_next(as_staff: Client, staff: User) -> None:
    assert as_staff.get("/account/teams/new/").status_code == 200
    response = as_staff.post("/account/teams/new/", {"name": "Größe & Söhne", "slug": ""})
    assert (response.status_code, response["Location"]) == (303, "/new/?team=groe-sohne")
    assert role_in(staff, Organization.objects.get(name="Größe & Söhne")) == OWNER


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Admin", ""), ("Settings", ""), ("Team", "api"), ("Team", "evil"), ("Team", "a b"), ("", "")],
)
def test_an_address_of_ours_or_somebodys_is_refused_with_the_form(
    name: str, slug: str, as_alice: Client, other_organization: Organization
) -> None:
    response = as_alice.post("/account/teams/new/", {"name": name, "slug": slug})
    assert response.status_code == 422
    assert "errorlist" in response.content.decode()
    assert Organization.objects.count() == 2


def test_an_invited_person_is_told_of_by_a_link_that_is_shown_once(
    as_alice: Client, organization: Organization
) -> None:
    response = as_alice.post("/acme/members/invite/", {"email": "carol@acme.example", "role": "admin"})
    assert response.status_code == 303
    html = as_alice.get("/acme/members/").content.decode()
    assert "carol@acme.example" in html
    assert re.search(r"http://[^/]+/invitations/[\w-]{43}/", html)
    assert not re.search(r"/invitations/[\w-]{43}/", as_alice.get("/acme/members/").content.decode())
    assert Invitation.objects.get().role == ADMIN


def test_a_wrong_address_comes_back_with_the_form(as_alice: Client) -> None:
    for email in ("nonsense", "alice@acme.example"):
        response = as_alice.post("/acme/members/invite/", {"email": email, "role": "member"}, headers=HTMX)
        assert response.status_code == 422
        assert "errorlist" in response.content.decode()
    assert not Invitation.objects.exists()


def test_an_admin_cannot_make_an_owner(as_bob: Client, bob: User, names: dict[str, object]) -> None:
    Membership.objects.filter(user=bob).update(role=ADMIN)
    response = as_bob.post("/acme/members/invite/", {"email": "x@acme.example", "role": "owner"})
    assert response.status_code == 422
    as_bob.post(f"/acme/members/{names['bob']}/role/", {"role": "owner"})
    as_bob.post(f"/acme/members/{names['alice']}/remove/")
    assert set(Membership.objects.values_list("user__name", "role")) == {("Alice", "owner"), ("Bob", "admin")}


def test_a_role_is_changed_in_its_row(as_alice: Client, names: dict[str, object], bob: User) -> None:
    response = as_alice.post(
        f"/acme/members/{names['bob']}/role/", {"role": "admin"}, headers=HTMX, follow=True
    )
    html = response.content.decode()
    assert "<html" not in html and "is admin now" in html
    activity = Activity.objects.get(action="member.role_changed")
    assert activity.ip_address == "127.0.0.1" and len(activity.request_id) == 32


def test_removed_with_their_keys(
    as_alice: Client, as_bob: Client, bob: User, names: dict[str, object], workspace: Workspace
) -> None:
    create_api_key(workspace=workspace, name="Bob's", scopes=[Scope.SEARCH], actor=Actor(user=bob))
    assert as_bob.get("/acme/").status_code == 200
    as_alice.post(f"/acme/members/{names['bob']}/remove/", {"revoke_keys": "on"})
    assert as_bob.get("/acme/").status_code == 404
    assert "1 of their keys is revoked" in as_alice.get("/acme/members/").content.decode()
    assert set(ApiKey.objects.usable().values_list("name", flat=True)) == {"CI"}


def test_renamed_the_team_answers_at_its_new_address(as_alice: Client, organization: Organization) -> None:
    response = as_alice.post("/acme/settings/", {"name": "Acme Inc", "slug": "acme-inc"})
    assert (response.status_code, response["Location"]) == (303, "/acme-inc/settings/")
    assert as_alice.get("/acme-inc/").status_code == 200
    assert as_alice.get("/acme/").status_code == 404
    assert as_alice.post("/acme-inc/settings/", {"name": "Acme", "slug": "api"}).status_code == 422


def test_handed_over_and_left(
    as_alice: Client, alice: User, bob: User, organization: Organization, names: dict[str, object]
) -> None:
    assert as_alice.post("/acme/leave/")["Location"] == "/acme/settings/"
    assert "last owner" in as_alice.get("/acme/settings/").content.decode()
    assert as_alice.post("/acme/transfer/", {"to": str(names["alice"])}).status_code == 422
    assert as_alice.post("/acme/transfer/", {"to": str(names["bob"])}).status_code == 303
    assert role_in(bob, organization) == OWNER
    assert as_alice.post("/acme/leave/")["Location"] == "/"
    assert role_in(alice, organization) is None


def _grow(organization: Organization, alice: User, number: int) -> None:
    for index in range(number):
        user = User.objects.create_user(f"p{number}-{index}@acme.example", name=f"P {index}")
        Membership.objects.create(organization=organization, user=user)
        invite(
            organization=organization,
            email=f"i{number}-{index}@acme.example",
            role=MEMBER,
            actor=Actor(user=alice),
        )
        Workspace.objects.create(organization=organization, name=f"W {index}", slug=f"w{number}-{index}")


@pytest.mark.parametrize(("address", "queries"), [("/acme/", 7), ("/acme/members/", 8)])
def test_more_rows_need_no_more_queries(
    address: str,
    queries: int,
    as_alice: Client,
    alice: User,
    organization: Organization,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    _grow(organization, alice, 1)
    as_alice.get(address)
    with django_assert_num_queries(queries):
        as_alice.get(address)
    _grow(organization, alice, 20)
    with django_assert_num_queries(queries):
        as_alice.get(address)
