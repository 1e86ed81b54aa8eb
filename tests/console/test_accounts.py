"""People sign up, get in, and keep their account safe."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.usersessions.models import UserSession
from django.core import mail
from django.core.cache import cache
from django.test import Client
from pytest_django.fixtures import Settings

from console.audit import Action, Actor
from console.models import Activity, Organization, Role, User
from console.services import invite

PASSWORD = "correct horse battery staple"
NEW = {"name": "Carol Shaw", "email": "carol@acme.example", "password1": PASSWORD}


@pytest.fixture(autouse=True)
def no_earlier_attempts(db: None) -> None:
    cache.clear()


def log_in(user: User, client: Client | None = None) -> Client:
    """Log in by the form, as a browser does."""
    client = client or Client()
    answer = client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert answer.status_code == 302, answer.content.decode()
    return client


def prove(client: Client) -> Client:
    """Enter the password again, as what is grave demands."""
    answer = client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert answer.status_code == 302, answer.content.decode()
    return client


def confirmed(user: User) -> User:
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user


def code_of(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time()))))


def test_somebody_new_signs_up_confirms_the_address_and_is_in(db: None) -> None:
    client = Client()
    answer = client.post("/accounts/signup/", NEW)
    assert answer.status_code == 302 and answer["Location"] == "/"
    carol = User.objects.get(email="carol@acme.example")
    assert carol.name == "Carol Shaw"
    [message] = mail.outbox
    [link] = re.findall(r"http://testserver(/accounts/confirm-email/\S+)", str(message.body))
    assert client.get(link).status_code == 200
    client.post(link)
    assert EmailAddress.objects.get(user=carol).verified


def test_a_wrong_form_comes_back_with_what_is_wrong(db: None) -> None:
    answer = Client().post("/accounts/signup/", {**NEW, "password1": "short"})
    assert "too short" in answer.content.decode()
    assert not User.objects.exists()


def test_a_forgotten_password_is_set_anew_by_mail(alice: User) -> None:
    client = Client()
    client.post("/accounts/password/reset/", {"email": alice.email})
    [link] = re.findall(r"http://testserver(/accounts/password/reset/key/\S+)", str(mail.outbox[0].body))
    form = client.get(link, follow=True)
    address = form.redirect_chain[-1][0]
    new = "another battery horse"
    assert client.post(address, {"password1": new, "password2": new}).status_code == 302
    assert Client().post("/accounts/login/", {"login": alice.email, "password": new}).status_code == 302


def test_nobody_learns_who_has_an_account(alice: User) -> None:
    known = Client().post("/accounts/password/reset/", {"email": alice.email})
    unknown = Client().post("/accounts/password/reset/", {"email": "nobody@acme.example"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])


def test_guessing_passwords_is_stopped(alice: User) -> None:
    client = Client()
    for _ in range(5):
        assert client.post("/accounts/login/", {"login": alice.email, "password": "guess"}).status_code == 200
    answer = client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    assert answer.status_code == 200 and "Too many failed login attempts" in answer.content.decode()


def test_many_sign_ups_from_one_address_are_stopped(db: None) -> None:
    client = Client()
    codes = [client.post("/accounts/signup/", {**NEW, "password1": "short"}).status_code for _ in range(21)]
    assert codes[:20] == [200] * 20
    assert codes[20] == 429


def test_the_cache_is_shared_by_all_processes(settings: Settings) -> None:
    assert "locmem" not in settings.CACHES["default"]["BACKEND"].lower()


class TestInvitedOnly:
    """Where SIGNUP is `invited`."""

    @pytest.fixture(autouse=True)
    def invited_only(self, settings: Settings) -> None:
        settings.SIGNUP = "invited"

    def test_the_first_person_may_sign_up(self, db: None) -> None:
        assert "You are the first here" in Client().get("/accounts/signup/").content.decode()
        assert Client().post("/accounts/signup/", NEW).status_code == 302
        assert User.objects.count() == 1

    def test_nobody_else_may_without_invitation(self, alice: User) -> None:
        assert "by invitation" in Client().get("/accounts/signup/").content.decode()
        Client().post("/accounts/signup/", NEW)
        assert not User.objects.filter(email=NEW["email"]).exists()

    def test_those_who_are_invited_may_with_their_address(
        self, alice: User, organization: Organization
    ) -> None:
        _, token = invite(
            organization=organization, email=NEW["email"], role=Role.MEMBER, actor=Actor(user=alice)
        )
        way = {"next": f"/invitations/{token}/"}
        other = Client().post("/accounts/signup/", {**NEW, **way, "email": "eve@evil.example"})
        assert "You were invited as carol@acme.example" in other.content.decode()
        answer = Client().post("/accounts/signup/", {**NEW, **way})
        assert answer.status_code == 302 and answer["Location"] == way["next"]
        assert User.objects.filter(email=NEW["email"]).exists()

    def test_a_made_up_invitation_opens_nothing(self, alice: User) -> None:
        for way in ("/invitations/nonsense/", "/", "https://evil.example/", "//"):
            Client().post("/accounts/signup/", {**NEW, "next": way})
        assert not User.objects.filter(email=NEW["email"]).exists()


class TestSecondFactor:
    """With an authenticator app."""

    @pytest.fixture
    def protected(self, alice: User) -> tuple[Client, str]:
        client = prove(log_in(confirmed(alice)))
        page = client.get("/accounts/2fa/totp/activate/").content.decode()
        [secret] = re.findall(r'value="([A-Z2-7]{32})"', page)
        answer = client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)})
        assert answer.status_code == 302, answer.content.decode()
        return client, secret

    def test_the_app_is_asked_for_after_the_password(self, protected: Any, alice: User) -> None:
        cache.clear()  # a code is good once
        client = Client()
        answer = client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
        assert answer["Location"].startswith("/accounts/2fa/authenticate/")
        assert client.get("/account/").status_code == 302
        wrong = client.post("/accounts/2fa/authenticate/", {"code": "000000"})
        assert "Incorrect code" in wrong.content.decode()
        right = client.post("/accounts/2fa/authenticate/", {"code": code_of(protected[1])})
        assert right.status_code == 302
        assert client.get("/account/").status_code == 200

    def test_a_recovery_code_lets_in_once(self, protected: Any, alice: User) -> None:
        page = protected[0].get("/accounts/2fa/recovery-codes/").content.decode()
        [codes] = re.findall(r"<textarea[^>]*>([^<]+)</textarea>", page)
        code = codes.split()[0]
        for expected in ("/", None):
            cache.clear()
            client = Client()
            client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
            assert client.post("/accounts/2fa/authenticate/", {"code": code}).get("Location") == expected

    def test_its_secret_is_encrypted_at_rest(self, protected: Any) -> None:
        row = Authenticator.objects.get(type=Authenticator.Type.TOTP)
        assert protected[1] not in str(row.data)

    def test_a_page_shows_that_it_is_on(self, protected: Any) -> None:
        page = protected[0].get("/accounts/2fa/").content.decode()
        assert "Turn off" in page and "10 of 10 are left" in page


def test_passkeys_are_offered_on_the_login_page_and_can_be_added(alice: User) -> None:
    login = Client().get("/accounts/login/").content.decode()
    assert "Use a passkey" in login and "mfa/js/webauthn.js" in login
    challenge = Client().get("/accounts/2fa/webauthn/login/", headers={"Accept": "application/json"}).json()
    assert "challenge" in challenge["request_options"]["publicKey"]
    page = prove(log_in(confirmed(alice))).get("/accounts/2fa/webauthn/add/")
    assert page.status_code == 200 and "creation_options" in page.content.decode()


def test_sessions_are_listed_and_can_be_ended(alice: User, mallory: User) -> None:
    here, there = log_in(alice), log_in(alice)
    page = here.get("/accounts/sessions/").content.decode()
    assert page.count("Logged in") == 2 and page.count("This one") == 1
    other = UserSession.objects.exclude(session_key=here.session.session_key).get(user=alice)
    assert log_in(mallory).post(f"/account/sessions/{other.pk}/end/").status_code == 404
    assert here.get(f"/account/sessions/{other.pk}/end/").status_code == 405
    assert here.post(f"/account/sessions/{other.pk}/end/").status_code == 302
    assert there.get("/account/").status_code == 302
    assert here.get("/account/").status_code == 200
    assert Activity.objects.filter(action=Action.SESSION_ENDED, user=alice).exists()


ACCOUNT_PAGES = [
    "/account/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/2fa/",
    "/accounts/2fa/webauthn/",
    "/accounts/3rdparty/",
    "/accounts/sessions/",
    "/accounts/logout/",
]


@pytest.mark.parametrize("address", ACCOUNT_PAGES)
def test_the_pages_of_an_account_stand_in_the_shell(address: str, alice: User) -> None:
    answer = log_in(alice).get(address)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert page.count("<h1>") == 1 and 'id="main"' in page
    assert Client().get(address)["Location"].startswith("/")


def test_a_password_is_changed(alice: User) -> None:
    new = "another battery horse"
    client = log_in(alice)
    values = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert client.post("/accounts/password/change/", values).status_code == 302
    assert Client().post("/accounts/login/", {"login": alice.email, "password": new}).status_code == 302


def test_another_address_is_added_made_primary_and_removed(alice: User) -> None:
    client = prove(log_in(confirmed(alice)))
    client.post("/accounts/email/", {"action_add": "", "email": "alice@home.example"})
    added = EmailAddress.objects.get(email="alice@home.example")
    EmailAddress.objects.filter(pk=added.pk).update(verified=True)
    client.post("/accounts/email/", {"action_primary": "", "email": added.email})
    alice.refresh_from_db()
    assert alice.email == added.email
    client.post("/accounts/email/", {"action_remove": "", "email": "alice@acme.example"})
    assert list(EmailAddress.objects.filter(user=alice)) == [added]
    told = Activity.objects.filter(action__startswith="user.email").order_by("pk")
    assert [
        (row.action, row.before, row.after) for row in told if row.action != Action.USER_EMAIL_CONFIRMED
    ] == [
        (Action.USER_EMAIL_ADDED, {}, {"email": "alice@home.example"}),
        (Action.USER_EMAIL_CHANGED, {}, {"email": "alice@home.example"}),
        (Action.USER_EMAIL_REMOVED, {"email": "alice@acme.example"}, {}),
    ]
    assert {(row.user, row.ip_address) for row in told} == {(alice, "127.0.0.1")}


def test_a_name_is_changed_and_the_change_recorded(alice: User) -> None:
    client = log_in(alice)
    assert client.post("/account/", {"name": "Alice  Liddell"}).status_code == 302
    alice.refresh_from_db()
    assert alice.name == "Alice Liddell"
    activity = Activity.objects.get(action=Action.ACCOUNT_CHANGED)
    assert (activity.before, activity.after) == ({"name": "Alice"}, {"name": "Alice Liddell"})
    assert client.post("/account/", {"name": "x" * 151}).status_code == 422


class TestDeletion:
    """Of one's own account."""

    def test_a_member_deletes_their_account_by_typing_the_address(self, bob: User) -> None:
        client = prove(log_in(bob))
        client.post("/account/delete/", {"confirm": "bob"})
        assert User.objects.filter(pk=bob.pk).exists()
        assert client.post("/account/delete/", {"confirm": "Bob@acme.example"}).status_code == 302
        assert not User.objects.filter(pk=bob.pk).exists()
        assert Activity.objects.get(action=Action.ACCOUNT_DELETED).actor == "bob@acme.example"
        assert client.get("/account/").status_code == 302

    def test_the_last_owner_of_a_team_cannot(self, alice: User) -> None:
        client = prove(log_in(alice))
        assert "last owner of <strong>Acme</strong>" in client.get("/account/").content.decode()
        client.post("/account/delete/", {"confirm": alice.email})
        assert User.objects.filter(pk=alice.pk).exists()

    def test_it_wants_the_password_again(self, as_bob: Client, bob: User) -> None:
        answer = as_bob.post("/account/delete/", {"confirm": bob.email})
        assert answer["Location"].startswith("/accounts/reauthenticate/")
        assert User.objects.filter(pk=bob.pk).exists()

    def test_it_is_posted_and_needs_a_login(self, as_bob: Client) -> None:
        assert as_bob.get("/account/delete/").status_code == 405
        assert Client().post("/account/delete/")["Location"].startswith("/accounts/login/")
