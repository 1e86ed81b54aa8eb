"""The settings of a workspace: its name, its address, and how long searches are kept."""

import pytest
from django.test import Client

from console.models import Activity, Membership, Role, Workspace

PAGE = "/acme/core/settings/"
GIVEN = {"name": "Kernel", "slug": "kernel", "keeps_searches": "on", "search_log_days": "30"}


def test_name_address_and_log_can_be_changed(as_alice: Client, workspace: Workspace) -> None:
    assert 'value="Core"' in as_alice.get(PAGE).content.decode()
    answer = as_alice.post(PAGE, GIVEN)
    assert answer["Location"] == "/acme/kernel/settings/"
    workspace.refresh_from_db()
    assert (workspace.name, workspace.slug, workspace.search_log_days) == ("Kernel", "kernel", 30)
    activity = Activity.objects.get()
    assert activity.before == {"name": "Core", "slug": "core", "search_log_days": 90}
    assert activity.after == {"name": "Kernel", "slug": "kernel", "search_log_days": 30}
    assert "The settings are saved" in as_alice.get(answer["Location"]).content.decode()
    assert as_alice.get(PAGE).status_code == 404


def test_the_log_can_be_off(as_alice: Client, workspace: Workspace) -> None:
    as_alice.post(PAGE, {"name": "Core", "slug": "core", "search_log_days": "30"})
    workspace.refresh_from_db()
    assert workspace.search_log_days is None


def test_saving_what_is_there_is_no_activity(as_alice: Client) -> None:
    as_alice.post(PAGE, {"name": "Core", "slug": "core", "keeps_searches": "on", "search_log_days": "90"})
    assert not Activity.objects.exists()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"name": " "}, "required"),
        ({"slug": ""}, "required"),
        ({"slug": "members"}, "of Lightfast itself"),
        ({"slug": "docs"}, "is taken"),
        ({"slug": "Not an address"}, "small letters"),
        ({"search_log_days": ""}, "how many days"),
        ({"search_log_days": "0"}, "greater than or equal to 1"),
        ({"search_log_days": "many"}, "whole number"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field(
    given: dict[str, str], told: str, as_alice: Client, workspace: Workspace
) -> None:
    Workspace.objects.create(organization=workspace.organization, name="Docs", slug="docs")
    answer = as_alice.post(PAGE, GIVEN | given)
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert not Activity.objects.exists()


def test_the_address_of_another_team_is_free(as_alice: Client, other_workspace: Workspace) -> None:
    assert as_alice.post(PAGE, GIVEN | {"slug": other_workspace.slug}).status_code == 303


def test_it_needs_a_login_and_a_role(as_bob: Client, as_mallory: Client, workspace: Workspace) -> None:
    assert Client().get(PAGE)["Location"].startswith("/accounts/login/")
    assert as_mallory.get(PAGE).status_code == as_mallory.post(PAGE, GIVEN).status_code == 404
    assert as_bob.get(PAGE).status_code == as_bob.post(PAGE, GIVEN).status_code == 403
    Membership.objects.filter(user__name="Bob").update(role=Role.ADMIN)
    page = as_bob.get(PAGE).content.decode()
    assert "Only owners" in page
    assert as_bob.put(PAGE).status_code == 405
