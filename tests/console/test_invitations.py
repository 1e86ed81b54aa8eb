"""Invitations reach their addressee by mail, and nobody else gets in with them."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks
from pytest_django.fixtures import Settings

from console.access import role_in
from console.audit import Actor
from console.invitations import invitation_url
from console.models import Activity, Invitation, Organization, Role, User
from console.services import accept_invitation, accept_offer, invite, resend_invitation, revoke_invitation
from lightfast.lib.errors import UserError

CAROL = "carol@acme.example"


@pytest.fixture
def invited(organization: Organization, alice: User) -> tuple[Invitation, str]:
    return invite(organization=organization, email=CAROL, role=Role.ADMIN, actor=Actor(user=alice))


@pytest.fixture
def carol(db: None) -> User:
    return User.objects.create_user(CAROL)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_mail_has_the_link_as_text_and_as_html(
    organization: Organization,
    alice: User,
    settings: Settings,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    settings.BASE_URL = "https://lightfast.example"
    organization.name = "Acme & <Sons>"
    organization.save()
    with django_capture_on_commit_callbacks(execute=True):
        _, token = invite(organization=organization, email=CAROL, role=Role.ADMIN, actor=Actor(user=alice))
    [message] = mail.outbox
    assert message.to == [CAROL]
    assert message.subject == "Alice invites you to Acme & <Sons> on Lightfast"
    url = f"https://lightfast.example/invitations/{token}/"
    assert url in message.body and "Acme & <Sons>" in message.body
    [(html, kind)] = message.alternatives  # type: ignore[attr-defined]
    assert kind == "text/html"
    assert f'href="{url}"' in html and "Acme &amp; &lt;Sons&gt;" in html


def test_sent_again_the_old_link_ends_and_the_new_one_opens(
    invited: tuple[Invitation, str], alice: User, carol: User, organization: Organization
) -> None:
    invitation, old = invited
    Invitation.objects.update(expires_at=timezone.now() - timedelta(days=1))
    _, new = resend_invitation(invitation=invitation, actor=Actor(user=alice))
    with pytest.raises(UserError, match="not valid"):
        accept_invitation(token=old, user=carol)
    assert accept_invitation(token=new, user=carol).role == Role.ADMIN
    assert Activity.objects.filter(action="invitation.resent").exists()


def test_taken_back_it_opens_nothing(invited: tuple[Invitation, str], alice: User, carol: User) -> None:
    invitation, token = invited
    revoke_invitation(invitation=invitation, actor=Actor(user=alice))
    with pytest.raises(UserError, match="not valid"):
        accept_invitation(token=token, user=carol)
    with pytest.raises(UserError, match="meanwhile"):
        resend_invitation(invitation=invitation, actor=Actor(user=alice))
    assert Activity.objects.get(action="invitation.revoked").before["email"] == CAROL


def test_an_admin_cannot_invite_an_owner(alice: User, bob: User, organization: Organization) -> None:
    with pytest.raises(UserError, match="Only an owner"):
        invite(organization=organization, email=CAROL, role=Role.OWNER, actor=Actor(user=bob))


def test_without_the_link_it_takes_a_confirmed_address(
    invited: tuple[Invitation, str], carol: User, organization: Organization
) -> None:
    address = EmailAddress.objects.create(user=carol, email=CAROL, verified=False, primary=True)
    with pytest.raises(UserError, match="not valid"):
        accept_offer(invitation=invited[0], user=carol)
    EmailAddress.objects.filter(pk=address.pk).update(verified=True)
    assert accept_offer(invitation=invited[0], user=carol).organization == organization


def test_a_second_confirmed_address_counts(invited: tuple[Invitation, str], bob: User) -> None:
    dave = User.objects.create_user("dave@home.example")
    with pytest.raises(UserError, match="not valid"):
        accept_invitation(token=invited[1], user=dave)
    EmailAddress.objects.create(user=dave, email=CAROL.upper(), verified=True, primary=False)
    assert accept_invitation(token=invited[1], user=dave).role == Role.ADMIN


def test_somebody_logged_out_is_sent_to_sign_up_and_back(invited: tuple[Invitation, str]) -> None:
    page = Client().get(f"/invitations/{invited[1]}/")
    html = page.content.decode()
    assert page.status_code == 200 and "no-store" in page["Cache-Control"]
    [signup] = re.findall(r'href="(/accounts/signup/[^"]+)"', html)
    assert "carol%40acme.example" in signup and f"next=/invitations/{invited[1]}/" in signup
    assert f"/accounts/login/?next=/invitations/{invited[1]}/" in html


def test_the_addressee_joins_with_one_button(
    invited: tuple[Invitation, str], carol: User, organization: Organization
) -> None:
    client = browser(carol)
    assert "Join Acme" in client.get(f"/invitations/{invited[1]}/").content.decode()
    assert client.post(f"/invitations/{invited[1]}/")["Location"] == "/acme/"
    assert role_in(carol, organization) == Role.ADMIN
    joined = Activity.objects.get(action="member.joined")
    assert (joined.user, joined.ip_address) == (carol, "127.0.0.1")
    assert len(joined.request_id) == 32
    assert "member of Acme already" in client.get(f"/invitations/{invited[1]}/").content.decode()


def test_with_another_address_it_is_explained_and_refused(
    invited: tuple[Invitation, str], as_mallory: Client, mallory: User, organization: Organization
) -> None:
    html = as_mallory.get(f"/invitations/{invited[1]}/").content.decode()
    assert CAROL in html and mallory.email in html
    as_mallory.post(f"/invitations/{invited[1]}/")
    assert role_in(mallory, organization) is None


def test_what_is_over_says_so(invited: tuple[Invitation, str], as_mallory: Client) -> None:
    assert Client().get("/invitations/nonsense/").status_code == 404
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    page = Client().get(f"/invitations/{invited[1]}/")
    assert page.status_code == 410 and "over" in page.content.decode()


def test_an_invitation_for_somebody_else_cannot_be_joined_by_its_number(
    invited: tuple[Invitation, str], as_mallory: Client
) -> None:
    address = f"/invitations/{invited[0].pk}/join/"
    assert as_mallory.post(address).status_code == 404
    assert as_mallory.get(address).status_code == 405
    assert Client().post(address)["Location"].startswith("/accounts/login/")


def test_links_are_of_the_address_that_is_configured(settings: Settings) -> None:
    settings.BASE_URL = "https://search.acme.example"
    assert invitation_url("abc") == "https://search.acme.example/invitations/abc/"
