"""From sign-up to the first result, from an invitation into a team, from a key to an answer, in a real browser."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core import mail
from playwright.sync_api import expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from console.access import role_in
from console.models import ApiKey, Role, User, Workspace
from tests.browser.accessibility import check
from tests.browser.conftest import Open
from tests.queue import Drain
from tests.repositories import Repository
from tests.search.conftest import FILES, index
from tests.sources.server import GitServer

PASSWORD = "correct horse battery staple"


@pytest.fixture(autouse=True)
def base_url(settings: Settings, live_server: LiveServer) -> None:
    """Let links in mails and snippets lead to the live server."""
    settings.BASE_URL = live_server.url


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[str]:
    """Serve the shop's repository; return its address."""
    (tmp_path / "served").mkdir()
    Repository(tmp_path / "served" / "shop.git", FILES)
    server = GitServer(tmp_path / "served")
    yield server.url("shop.git")
    server.shutdown()
    server.server_close()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])
def test_somebody_new_finds_something_on_the_sixth_page(
    scripts: bool, open_page: Open, shop: str, worker: Drain, settings: Settings
) -> None:
    settings.ALLOW_PRIVATE_HOSTS = True
    page = open_page(java_script_enabled=scripts)
    page.goto("/")
    page.get_by_role("link", name="Create the first account").click()
    page.get_by_label("Your name").fill("Carol Shaw")
    page.get_by_label("Email").fill("carol@acme.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make account").click()
    page.get_by_label("Name of the team").fill("Acme")
    page.get_by_role("button", name="Create the team").click()
    page.get_by_label("Name of the workspace").fill("Shop")
    page.get_by_label("A git address").check()
    page.get_by_label("Address of the repository").fill(shop)
    page.get_by_role("button", name="Create the workspace").click()
    page.wait_for_url(re.compile(r"/acme/shop/$"))
    expect(page.get_by_text("Set up this workspace")).to_be_visible()
    worker(200)
    if scripts:
        page.wait_for_selector("#live:not([hx-get])")  # the page has seen it, and asks no more
    page.wait_for_load_state("networkidle")
    page.reload()
    page.wait_for_load_state("networkidle")
    page.get_by_role("main").get_by_role("link", name="Search", exact=True).click()
    box = page.locator("main input[name=q]")
    if scripts:  # results come as one types; looked at for a moment, it counts as a search
        with page.expect_response(re.compile("/search/settled/$")):
            box.fill("verify signature")
    else:
        box.fill("verify signature")
        box.press("Enter")
    page.wait_for_url(re.compile(r"\?q=verify"))
    expect(page.get_by_role("link", name=re.compile("webhooks.py")).first).to_be_visible()
    assert "3 of 5" in page.request.get("/acme/shop/setup/").text()


def test_an_invitation_is_mailed_and_accepted(open_page: Open, alice: User, workspace: Workspace) -> None:
    page = open_page(alice)
    page.goto("/acme/members/")
    check(page)
    page.get_by_label("Email address").fill("carol@acme.example")
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_role("group", name="Invitation link")).to_be_visible()
    check(page)
    [message] = mail.outbox
    [link] = re.findall(r"http://\S+/invitations/\S+", str(message.body))

    guest = open_page()
    guest.goto(link)
    check(guest)
    guest.get_by_role("link", name="Sign up and join").click()
    guest.get_by_label("Your name").fill("Carol Shaw")
    expect(guest.get_by_label("Email")).to_have_value("carol@acme.example")
    guest.get_by_label("Password").fill(PASSWORD)
    guest.get_by_role("button", name="Make account").click()
    guest.get_by_role("button", name="Join Acme").click()
    guest.wait_for_url(re.compile(r"/acme/$"))
    expect(guest.get_by_role("link", name="Core").first).to_be_visible()
    carol = User.objects.get(email="carol@acme.example")
    assert role_in(carol, workspace.organization) == Role.MEMBER

    page.reload()
    with page.expect_response(re.compile("/role/$")):
        page.get_by_label("Role of Carol Shaw").select_option("admin")
    expect(page.get_by_text("carol@acme.example is admin now.")).to_be_visible()
    assert role_in(carol, workspace.organization) == Role.ADMIN
    page.get_by_role("row", name=re.compile("Carol Shaw")).get_by_role("button", name="Remove…").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_text("carol@acme.example is out of Acme.")).to_be_visible()
    assert guest.goto("/acme/").status == 404  # type: ignore[union-attr]


def test_a_key_is_made_used_and_revoked(
    open_page: Open, alice: User, workspace: Workspace, tmp_path: Path
) -> None:
    index(workspace, Repository(tmp_path / "shop", FILES).path)
    page = open_page(alice)
    page.goto("/acme/core/keys/")
    check(page)
    page.get_by_role("link", name="Create a key").click()
    page.get_by_label("Name").fill("Laptop")
    check(page)
    page.get_by_role("button", name="Create the key").click()
    shown = page.get_by_role("group", name="API key").locator("code")
    token = shown.inner_text()
    check(page)
    assert token in page.get_by_role("region", name="Claude Code").inner_text()
    answer = page.request.post(
        "/api/v1/search", headers={"Authorization": f"Bearer {token}"}, data={"query": "verify signature"}
    )
    assert answer.json()["results"][0]["key"] == "shop/webhooks.py"

    page.reload()
    expect(page.get_by_role("heading", name="Laptop")).to_be_visible()
    expect(shown).to_have_count(0)
    page.goto("/acme/core/keys/")
    page.go_back()
    expect(shown).to_have_count(0)

    page.goto("/acme/core/keys/")
    row = page.get_by_role("row", name=re.compile("Laptop"))
    row.get_by_role("button", name="Revoke…").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke", exact=True).click()
    expect(page.get_by_text("opens nothing any more")).to_be_visible()
    assert ApiKey.objects.get().revoked_at is not None
    refused = page.request.get("/api/v1/whoami", headers={"Authorization": f"Bearer {token}"})
    assert refused.status == 401
