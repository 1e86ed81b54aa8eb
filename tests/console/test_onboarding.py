"""From an empty workspace to one that is used, step by step."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from console.models import Activity, Organization, Scope, User, Workspace
from console.onboarding import STEPS, checklist, in_setup, remember_step
from console.services import create_api_key
from ingestion.models import Integration

GIT = "https://git.acme.example/shop.git"


def new(client: Client, **values: str) -> Any:
    return client.post("/new/", {"organization": "acme", "name": "Shop", "slug": "", **values})


def test_the_form_offers_ones_teams_and_ways_to_begin(
    as_alice: Client, other_organization: Organization
) -> None:
    html = as_alice.get("/new/?team=acme").content.decode()
    assert 'name="organization" value="acme"' in html and "Evil" not in html
    assert 'value="github"' in html and 'name="git_value"' in html


def test_it_needs_a_login_and_a_team_one_may_make_them_in(as_bob: Client, as_staff: Client) -> None:
    assert Client().get("/new/")["Location"].startswith("/accounts/login/")
    assert as_staff.get("/new/")["Location"] == "/account/teams/new/"
    assert as_bob.get("/new/")["Location"] == "/account/teams/new/"
    assert as_bob.delete("/new/").status_code == 405


def test_a_workspace_is_made_and_its_checklist_comes_next(as_alice: Client) -> None:
    response = new(as_alice)
    assert (response.status_code, response["Location"]) == (303, "/acme/shop/")
    assert as_alice.get("/acme/shop/").status_code == 200
    assert Activity.objects.get(action="workspace.created").ip_address == "127.0.0.1"


def test_a_git_address_is_connected_at_once(as_alice: Client, alice: User) -> None:
    response = new(as_alice, starter="git", git_value=GIT)
    assert response.status_code == 303
    source = Integration.objects.get()
    assert (source.workspace.slug, source.resource_id, source.created_by) == ("shop", GIT, alice)
    assert not source.allow_local


@pytest.mark.parametrize("value", ["", "not an address", "/etc", "ftp://acme.example/x"])
def test_an_address_that_cannot_be_read_makes_no_workspace(value: str, as_alice: Client) -> None:
    response = new(as_alice, starter="git", git_value=value)
    assert response.status_code == 422
    assert not Workspace.objects.filter(slug="shop").exists()


@pytest.mark.parametrize(
    ("name", "slug"), [("Members", ""), ("Shop", "settings"), ("Shop", "core"), ("", "x")]
)
def test_an_address_of_ours_or_a_siblings_is_refused_with_the_form(
    name: str, slug: str, as_alice: Client
) -> None:
    response = new(as_alice, name=name, slug=slug)
    assert response.status_code == 422
    assert "errorlist" in response.content.decode()


def test_a_workspace_is_not_made_in_somebody_elses_team(
    as_alice: Client, other_organization: Organization
) -> None:
    assert new(as_alice, organization="evil").status_code == 422


def test_a_step_that_was_seen_done_stays_done_and_costs_nothing(
    workspace: Workspace, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    assert checklist(workspace).done == 0
    key, _ = create_api_key(workspace=workspace, name="CI", scopes=[Scope.SEARCH])
    assert [step.key for step in checklist(workspace).steps if step.done] == ["key"]
    key.delete()
    found = Workspace.objects.get(pk=workspace.pk)
    assert [step.key for step in checklist(found).steps if step.done] == ["key"]
    for step in STEPS:
        remember_step(found, step)
    assert not in_setup(Workspace.objects.get(pk=workspace.pk))
    with django_assert_num_queries(0):
        assert checklist(found).complete


def test_the_first_step_that_is_not_done_is_the_next(workspace: Workspace) -> None:
    remember_step(workspace, "source")
    steps = checklist(workspace).steps
    assert [step.key for step in steps if step.is_next] == ["sync"]
    assert [step.key for step in steps][:2] == ["source", "sync"]
    assert [step.key for step in steps] == ["source", "sync", "search", "key", "people"]


def test_dismissed_it_is_still_found(as_alice: Client, workspace: Workspace) -> None:
    assert "Hide this list" in as_alice.get("/acme/core/setup/").content.decode()
    assert as_alice.post("/acme/core/setup/dismiss/").status_code == 303
    workspace.refresh_from_db()
    assert not in_setup(workspace)
    html = as_alice.get("/acme/core/setup/").content.decode()
    assert "Connect a source" in html and "Hide this list" not in html
    assert Activity.objects.filter(action="workspace.setup_dismissed").count() == 1
