"""A real browser at a real server, under the real policy of content."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from console.models import User
from tests.browser.chromium import ARGUMENTS, MISSING, find

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return the browser of this machine."""
    path = find()
    if path is None:
        pytest.skip(MISSING)
    # Playwright's loop runs in the thread of the tests, where Django then expects no database, and nobody else a loop:
    # it ends with each file.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    try:
        with sync_playwright() as playwright:
            yield playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
    finally:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def open_page(browser: Browser, transactional_db: None, live_server: LiveServer) -> Iterator[Open]:
    """Return what opens a page in a browser of its own, as a person or as nobody.

    Whatever the browser complains of, such as a script that the policy forbids, fails the test.
    """
    cache.clear()
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # The answer 4xx or 5xx to a request is what some tests are about.
        if message.type == "error" and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    with ExitStack() as stack:

        def open_one(
            user: User | None = None, *, width: int = 1280, height: int = 900, **options: Any
        ) -> Page:
            context = browser.new_context(
                base_url=live_server.url, viewport={"width": width, "height": height}, **options
            )
            stack.callback(context.close)
            if user is not None:
                client = Client()
                client.force_login(user)
                name = settings.SESSION_COOKIE_NAME
                value = client.cookies[name].value
                context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
            page = context.new_page()
            page.set_default_timeout(20_000)
            page.on("console", note)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            return page

        yield open_one
    assert complaints == []


@pytest.fixture
def page(open_page: Open) -> Page:
    """Return a page of nobody's."""
    return open_page()
