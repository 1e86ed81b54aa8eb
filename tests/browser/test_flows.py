"""What people do, in a real browser."""

import re
from pathlib import Path

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from console.models import User, Workspace
from tests.browser.accessibility import check
from tests.browser.conftest import Open
from tests.queue import Drain
from tests.repositories import Repository
from tests.search.conftest import FILES

PASSWORD = "correct horse battery staple"


def sign_up(page: Page, email: str = "carol@acme.example") -> None:
    page.goto("/")
    page.get_by_role("link", name=re.compile("first account|Make an account")).first.click()
    page.get_by_label("Your name").fill("Carol Shaw")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make account").click()


def test_somebody_new_comes_from_sign_up_to_a_team_and_a_workspace(page: Page) -> None:
    sign_up(page)
    check(page)
    page.get_by_label("Name").first.fill("Acme")
    page.get_by_role("button", name="Create the team").click()
    page.get_by_label("Name").first.fill("Core")
    check(page)
    page.get_by_role("button", name="Create the workspace").click()
    page.wait_for_url(re.compile(r"/acme/core/"))
    assert Workspace.objects.get().organization.memberships.get().user.name == "Carol Shaw"


def test_the_link_of_a_forgotten_password_lets_one_set_a_new_one(page: Page, alice: User) -> None:
    page.goto("/accounts/login/")
    page.get_by_role("link", name="Forgotten?").click()
    page.get_by_label("Email").fill(alice.email)
    page.get_by_role("button").filter(has_text=re.compile("Reset", re.IGNORECASE)).click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    [link] = re.findall(r"https?://\S+/key/\S+", str(mail.outbox[0].body))
    page.goto(link)
    for field in page.locator("input[type=password]").all():
        field.fill("another battery horse")
    check(page)
    page.get_by_role("button", name="Change Password").click()
    expect(page.get_by_text(re.compile("changed", re.IGNORECASE)).first).to_be_visible()


def test_dark_stays_dark_without_a_flash(open_page: Open, alice: User) -> None:
    page = open_page(alice, color_scheme="light")
    page.goto("/account/")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.locator("main").get_by_role("button", name="Dark").click()
    page.wait_for_function("document.documentElement.dataset.theme === 'dark'")
    dark = page.evaluate(ground)
    assert light != dark
    # The server sends it with the page, so nothing has to be turned dark afterwards.
    assert 'data-theme="dark"' in page.request.get("/account/").text()
    check(page)


def test_menus_and_dialogs_open_by_keyboard_and_close_with_escape(open_page: Open, alice: User) -> None:
    page = open_page(alice)
    page.goto("/account/")
    menu = page.get_by_label("Your account", exact=True)
    menu.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Log out")).to_be_hidden()
    expect(menu).to_be_focused()


def test_a_grave_act_waits_for_its_word(open_page: Open, bob: User) -> None:
    page = open_page(bob)
    page.goto("/account/")
    page.get_by_role("button", name="Delete account…").click()
    dialog = page.get_by_role("dialog")
    button = dialog.get_by_role("button", name="Delete my account")
    expect(button).to_be_disabled()
    dialog.get_by_label(re.compile("to confirm")).fill(bob.email)
    expect(button).to_be_enabled()
    check(page)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_a_toast_tells_that_something_worked(open_page: Open, alice: User) -> None:
    page = open_page(alice)
    page.goto("/account/")
    page.get_by_label("Your name").fill("Alice Liddell")
    page.locator("main").get_by_role("button", name="Save").click()
    toast = page.get_by_role("status").get_by_text("Saved.")
    expect(toast).to_be_visible()
    page.get_by_role("button", name="Dismiss").click()
    expect(toast).to_be_hidden()


def test_on_a_phone_the_menu_slides_in(open_page: Open, alice: User) -> None:
    page = open_page(alice, width=390, height=800)
    page.goto("/account/")
    link = page.get_by_role("link", name="Sessions")
    expect(link).to_be_hidden()
    page.get_by_role("button", name="Menu", exact=True).click()
    expect(link).to_be_visible()
    link.click()
    expect(page.get_by_role("heading", name="Sessions")).to_be_visible()


def test_everything_needed_works_without_javascript(open_page: Open) -> None:
    page = open_page(java_script_enabled=False)
    sign_up(page)
    page.goto("/account/")
    page.get_by_label("Your name").fill("Carol")
    page.locator("main").get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.locator("main").get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("button", name="Delete account…").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    page.get_by_label("Your account", exact=True).click()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", name=re.compile("Log in"))).to_be_visible()


def test_a_passkey_is_added_and_lets_one_in(open_page: Open, alice: User) -> None:
    from allauth.account.models import EmailAddress

    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    page = open_page(locale="en-US")
    # Chromium's own virtual security key.
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.goto("/accounts/login/")
    port = page.url.split(":")[2].split("/")[0]
    page.goto(f"http://localhost:{port}/accounts/login/?next=/accounts/2fa/webauthn/add/")
    page.get_by_label("Email").fill(alice.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    page.locator("input[type=password]").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label(re.compile("Passwordless", re.IGNORECASE)).check()
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url(re.compile(r"/accounts/2fa/(?!webauthn/add)"))
    page.goto(f"http://localhost:{port}/accounts/logout/")
    page.locator("main").get_by_role("button").click()
    page.goto(f"http://localhost:{port}/accounts/login/?next=/account/")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(f"http://localhost:{port}/account/")


@pytest.mark.timeout(300)
def test_a_repository_is_added_and_searched_from_the_keyboard(
    open_page: Open, alice: User, worker: Drain, workspace: Workspace, tmp_path: Path
) -> None:
    from tests.search.conftest import index

    index(workspace, Repository(tmp_path / "shop", FILES).path)
    page = open_page(alice)
    page.goto("/acme/core/")
    page.keyboard.press("Control+k")
    page.keyboard.type("verify signature")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/acme/core/search/\?.*q=verify"))
    expect(page.get_by_role("link", name=re.compile("webhooks.py")).first).to_be_visible()
    check(page)
