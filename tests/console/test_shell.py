"""The frame of every page: theme, switcher, menus, toasts, pages for errors."""

from typing import Any

import pytest
from django.contrib import messages
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from console.middleware import FragmentMiddleware
from console.models import Organization, User, Workspace
from console.shell import Shell

HTMX = {"HX-Request": "true"}


def test_a_person_chooses_a_theme(as_alice: Client, alice: User) -> None:
    assert 'data-theme="system"' in as_alice.get("/account/").content.decode()
    answer = as_alice.post("/account/theme/", {"theme": "dark", "next": "/account/"})
    assert (answer.status_code, answer["Location"]) == (303, "/account/")
    alice.refresh_from_db()
    assert alice.theme == "dark"
    assert 'data-theme="dark"' in as_alice.get("/account/").content.decode()


def test_a_browser_keeps_the_theme_without_login(db: None) -> None:
    client = Client()
    client.post("/account/theme/", {"theme": "light"})
    assert 'data-theme="light"' in client.get("/accounts/login/").content.decode()


def test_no_other_theme_and_no_other_site_is_taken(as_alice: Client) -> None:
    assert as_alice.post("/account/theme/", {"theme": "pink"}).status_code == 400
    answer = as_alice.post("/account/theme/", {"theme": "dark", "next": "https://evil.example/"})
    assert answer["Location"] == "/"
    assert as_alice.get("/account/theme/").status_code == 405


def test_the_switcher_takes_one_query_whatever_there_is(
    alice: User, organization: Organization, rf: RequestFactory
) -> None:
    for number in range(5):
        Workspace.objects.create(organization=organization, name=f"W{number}", slug=f"w{number}")
    request = rf.get("/")
    request.user = alice
    shell = Shell(request)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        [team] = shell.teams
        assert shell.role_in(organization) == "owner"
    assert len(queries) == 1
    assert len(team.workspaces) == 6


def test_the_switcher_shows_no_team_of_others(as_alice: Client, other_organization: Organization) -> None:
    html = as_alice.get("/account/").content.decode()
    assert "Acme" in html and other_organization.name not in html


def test_a_page_that_does_not_exist_is_a_page_of_ours(as_alice: Client) -> None:
    answer = as_alice.get("/no/such/page/at/all/")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()


def test_a_form_of_another_session_is_told_so(alice: User) -> None:
    answer = Client(enforce_csrf_checks=True).post("/accounts/login/", {})
    assert answer.status_code == 403
    assert "This page was too old" in answer.content.decode()


def test_a_failure_is_a_page_that_needs_nothing(alice: User) -> None:
    from django.views.defaults import bad_request, server_error

    request = RequestFactory().get("/")
    with CaptureQueriesContext(connection) as queries:
        assert "Something broke" in server_error(request).content.decode()
        assert "made no sense" in bad_request(request, ValueError()).content.decode()
    assert len(queries) == 0


def _fragment(request: HttpRequest) -> HttpResponse:
    messages.success(request, "Saved <it>.")
    return HttpResponse("<p>row</p>")


@pytest.fixture
def htmx_request(rf: RequestFactory, alice: User) -> Any:
    from django.contrib.messages.storage.cookie import CookieStorage
    from django_htmx.middleware import HtmxDetails

    request: Any = rf.get("/", headers=HTMX)
    request.user, request.htmx = alice, HtmxDetails(request)
    request._messages = CookieStorage(request)
    return request


def test_a_fragment_carries_its_toast_out_of_band(htmx_request: HttpRequest) -> None:
    html = FragmentMiddleware(_fragment)(htmx_request).content.decode()
    assert html.startswith("<p>row</p>")
    assert 'hx-swap-oob="beforeend:#toasts"' in html and "Saved &lt;it&gt;." in html


def test_a_fragment_without_a_message_stays_as_it_is(htmx_request: HttpRequest) -> None:
    answer = FragmentMiddleware(lambda _request: HttpResponse("<p>row</p>"))(htmx_request)
    assert answer.content == b"<p>row</p>"
    assert "HX-Request" in answer["Vary"]


def test_a_fragment_of_an_ended_session_sends_the_page_to_the_login(db: None) -> None:
    headers = {**HTMX, "HX-Current-URL": "http://testserver/account/?a=1"}
    answer = Client().get("/account/", headers=headers)
    assert answer["HX-Redirect"] == "/accounts/login/?next=%2Faccount%2F%3Fa%3D1"


def test_the_policy_allows_no_script_or_style_inside_a_page(db: None) -> None:
    policy = Client().get("/accounts/login/")["Content-Security-Policy"]
    assert "unsafe" not in policy and "form-action 'self'" in policy
