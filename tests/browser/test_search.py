"""Searching in a real browser: as one types, by keys, in the dark, on a phone, without scripts."""

import re

import pytest
from playwright.sync_api import Page, expect

from console.models import User, Workspace
from ingestion.models import Integration
from search.models import SearchLog
from tests.browser.accessibility import check
from tests.browser.conftest import Open
from tests.search.conftest import indexed  # noqa: F401

SEARCH = "/acme/core/search/"
LINES = ".line.chosen"


@pytest.fixture
def searching(open_page: Open, bob: User, indexed: Integration) -> Page:  # noqa: F811
    """Return bob's page of search."""
    page = open_page(bob)
    page.goto(SEARCH)
    return page


def results(page: Page) -> list[str]:
    return page.locator(".result-link").all_inner_texts()


def test_results_come_as_one_types_and_open_at_their_lines_by_keys(
    searching: Page, workspace: Workspace
) -> None:
    page = searching
    expect(page.locator("#q")).to_be_focused()
    check(page)
    page.keyboard.type("verify signature", delay=40)
    expect(page.locator(".result-link").first).to_have_text("shop/webhooks.py")
    expect(page.locator("#count")).to_contain_text("document")
    page.wait_for_url("**/search/?q=verify+signature")
    check(page)
    page.keyboard.press("ArrowDown")
    expect(page.locator(".result-link").first).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/documents/[0-9a-f-]+/\?lines=\d+-\d+#L\d+"))
    expect(page.locator(LINES).first).to_be_in_viewport()
    expect(page.get_by_role("heading", name="Similar documents")).to_be_visible()
    check(page)
    page.go_back()
    expect(page.locator("#q")).to_have_value("verify signature")


def test_only_what_was_looked_at_is_a_search(searching: Page, workspace: Workspace, bob: User) -> None:
    page = searching
    with page.expect_response("**/settled/"):
        page.locator("#q").press_sequentially("anvil", delay=40)
    assert list(SearchLog.objects.values_list("query", "user")) == [("anvil", bob.pk)]


def test_filters_are_put_on_and_taken_off_and_stand_in_the_address(searching: Page) -> None:
    page = searching
    page.goto(f"{SEARCH}?q=order+anvil+rain")
    page.get_by_role("complementary", name="Narrow down").get_by_role("link", name="python").click()
    page.wait_for_url("**language=python*")
    expect(page.locator(".result-link")).to_have_count(2)
    page.locator("#q").fill("order")
    page.wait_for_url("**/search/?q=order&language=python")
    page.get_by_role("link", name="Remove this filter").click()
    page.wait_for_url("**/search/?q=order")
    page.get_by_text("More filters").click()
    page.get_by_label("Path").fill("*.js")
    check(page)
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**path=%2A.js")
    page.get_by_role("navigation", name="How to search").get_by_role("link", name="Regex").click()
    page.wait_for_url("**mode=regex*")


def test_a_failed_request_keeps_the_results_and_says_so(searching: Page) -> None:
    page = searching
    page.add_init_script("console.error = () => {}")  # htmx complains of it, too
    page.goto(f"{SEARCH}?q=anvil")
    before = results(page)
    page.route("**/search/?q=anvils*", lambda route: route.abort())
    page.locator("#q").fill("anvils")
    expect(page.get_by_text("Lightfast cannot be reached")).to_be_visible()
    assert results(page) == before


def test_keys_lead_to_the_box_and_to_help(searching: Page) -> None:
    page = searching
    page.goto(f"{SEARCH}?q=anvil")
    for key in ("/", "Control+k"):
        page.get_by_role("heading", level=1).click()
        page.keyboard.press(key)
        expect(page.locator("#q")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="How to search")).to_be_visible()
    check(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_a_range_of_lines_is_chosen_by_clicks_and_by_the_address(searching: Page) -> None:
    page = searching
    page.goto(f"{SEARCH}?q=verify_signature")
    page.locator(".result-link").first.click()
    page.locator("#L2 .line-number").click()
    page.locator("#L5 .line-number").click(modifiers=["Shift"])
    expect(page.locator(LINES)).to_have_count(4)
    page.wait_for_url("**lines=2-5#L2-L5")
    page.goto(page.url.split("?")[0] + "#L3-L4")
    expect(page.locator(LINES)).to_have_count(2)


@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1280)])
def test_results_documents_and_problems_can_be_read_by_everybody(
    open_page: Open,
    bob: User,
    indexed: Integration,  # noqa: F811
    scheme: str,
    width: int,
) -> None:
    page = open_page(bob, width=width, color_scheme=scheme, reduced_motion="reduce")
    for query in ("q=order+lang:python", "q=zzzqqq&mode=exact&language=python", "q=a(b&mode=regex"):
        page.goto(f"{SEARCH}?{query}")
        check(page)
    page.goto(f"{SEARCH}?q=verify_signature")
    page.get_by_text("Why this result").first.click()
    check(page)
    page.locator(".result-link").first.click()
    expect(page.locator(LINES).first).to_be_visible()
    check(page)
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_everything_works_without_scripts(open_page: Open, bob: User, indexed: Integration) -> None:  # noqa: F811
    page = open_page(bob, java_script_enabled=False)
    page.goto(f"{SEARCH}?language=python")
    page.locator("#q").fill("order")
    page.locator("#search-form").get_by_role("button", name="Search").click()
    assert results(page)[0] == "shop/orders.py"
    assert "language=python" in page.url
    page.get_by_role("navigation", name="How to search").get_by_role("link", name="Words").click()
    page.locator(".result-link").first.click()
    expect(page.locator(LINES).first).to_be_visible()
