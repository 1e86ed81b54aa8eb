"""The activity pages: what was done, by whom, before and after, filtered, paged, and as files."""

import csv
import io
import json
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from console import trail
from console.audit import Action, Actor, record
from console.entities import KINDS
from console.models import Activity, ApiKey, Membership, Organization, Role, Scope, User, Workspace
from console.services import change_workspace, create_api_key, revoke_api_key

PAGE = "/acme/core/activity/"
TEAM = "/acme/activity/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def acts(workspace: Workspace, alice: User, bob: User) -> None:
    """Let alice change the workspace, and bob make a key and revoke it."""
    change_workspace(
        workspace=workspace, name="Kernel", slug="core", search_log_days=None, actor=Actor(user=alice)
    )
    by_bob = Actor(user=bob, ip_address="192.0.2.7")
    key, _ = create_api_key(workspace=workspace, name="Laptop", scopes=[Scope.SEARCH], actor=by_bob)
    revoke_api_key(key=key, actor=Actor(api_key=key))


def _page(client: Client, address: str = PAGE, **query: str) -> str:
    answer = client.get(address, query)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.usefixtures("acts")
def test_it_tells_who_did_what_and_what_changed(as_bob: Client) -> None:
    page = _page(as_bob)
    assert "changed the settings of" in page
    assert "<del>Core</del>" in page and "<ins>Kernel</ins>" in page
    assert "<del>90</del>" in page
    assert page.index("</strong> revoked the API key") < page.index("</strong> made the API key")


@pytest.mark.usefixtures("acts")
def test_addresses_and_request_ids_are_for_admins(as_alice: Client, as_bob: Client) -> None:
    assert "192.0.2.7" in _page(as_alice)
    assert "192.0.2.7" not in _page(as_bob)


@pytest.mark.usefixtures("acts")
@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ({}, 3),
        ({"actor": "BOB"}, 1),
        ({"action": "key."}, 2),
        ({"action": "key.revoked"}, 1),
        ({"entity": "laptop"}, 2),
        ({"since": "2000-01-01"}, 3),
        ({"since": "2100-01-01"}, 0),
        ({"until": "2000-01-01"}, 0),
        ({"action": "nonsense", "since": "yesterday"}, 3),
    ],
)
def test_filters_keep_what_they_say(query: dict[str, str], kept: int, as_alice: Client) -> None:
    assert _page(as_alice, **query).count("row-main") == kept
    assert len(json.loads(b"".join(as_alice.get(f"{PAGE}export/json/", query)))) == kept


@pytest.mark.usefixtures("acts")
def test_activities_of_one_key_can_be_kept(as_alice: Client) -> None:
    key = ApiKey.objects.get()
    assert _page(as_alice, key=str(key.pk)).count("row-main") == 1


def test_pages_follow_each_other_whatever_comes_meanwhile(
    workspace: Workspace, as_alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trail, "PAGE", 2)
    for number in range(5):
        _act(workspace, f"act {number}")
    first = as_alice.get(PAGE)
    assert "act 4" in first.content.decode() and "act 2" not in first.content.decode()
    _act(workspace, "act 5")
    second = as_alice.get(PAGE + first.context["older"])
    assert "act 2" in second.content.decode() and "act 1" in second.content.decode()
    third = as_alice.get(PAGE + second.context["older"])
    assert "act 0" in third.content.decode() and not third.context["older"]
    back = as_alice.get(PAGE + second.context["newer"])
    assert "act 3" in back.content.decode() and "act 4" in back.content.decode()


@pytest.mark.parametrize("place", ["x", "-1", "1e9", "9" * 30])
def test_a_place_that_is_none_is_the_beginning(place: str, workspace: Workspace, as_alice: Client) -> None:
    _act(workspace, "the one act")
    assert "the one act" in _page(as_alice, before=place)


@pytest.mark.usefixtures("acts")
def test_entities_are_linked_while_they_exist(as_alice: Client, workspace: Workspace) -> None:
    assert set(KINDS) >= {"workspace", "integration", "run", "apikey", "connection"}
    assert 'href="/acme/core/' in _page(as_alice, action="workspace.changed")
    Activity.objects.update(entity_id=str(UUID(int=1)))
    assert "</strong> changed the settings of Kernel" in _page(as_alice, action="workspace.changed")


@pytest.mark.usefixtures("acts")
def test_the_csv_holds_every_column_and_no_formula(as_alice: Client, workspace: Workspace) -> None:
    _act(workspace, "=HYPERLINK(1)")
    answer = as_alice.get(f"{PAGE}export/csv/")
    assert answer["Content-Disposition"].startswith('attachment; filename="core-activity-')
    rows = list(csv.DictReader(io.StringIO(b"".join(answer).decode())))
    assert len(rows) == 4
    assert rows[0]["entity"] == "'=HYPERLINK(1)"
    assert json.loads(rows[-1]["after"])["name"] == "Kernel"
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row.values())


def test_an_empty_export_is_a_list(as_alice: Client, workspace: Workspace) -> None:
    assert json.loads(b"".join(as_alice.get(f"{PAGE}export/json/"))) == []
    assert as_alice.get(f"{PAGE}export/xlsx/").status_code == 404


@pytest.mark.usefixtures("acts")
def test_a_team_keeps_the_acts_of_a_workspace_that_is_gone(workspace: Workspace, as_alice: Client) -> None:
    workspace.delete()
    assert "Kernel" in _page(as_alice, TEAM)
    assert b"Kernel" in b"".join(as_alice.get(f"{TEAM}export/csv/"))


@pytest.mark.usefixtures("acts")
def test_the_panel_shows_the_newest(as_bob: Client) -> None:
    page = as_bob.get(f"{PAGE}recent/", headers=HTMX).content.decode()
    assert "revoked the API key" in page and "<html" not in page
    assert as_bob.get(f"{PAGE}recent/")["Location"] == PAGE


@pytest.mark.parametrize(
    "address", [PAGE, f"{PAGE}recent/", f"{PAGE}export/csv/", TEAM, f"{TEAM}export/json/"]
)
def test_it_needs_a_login_and_a_place_in_the_team(
    address: str, workspace: Workspace, as_mallory: Client
) -> None:
    assert Client().get(address)["Location"].startswith("/accounts/login/")
    assert as_mallory.get(address).status_code == 404


@pytest.mark.parametrize("address", [f"{PAGE}export/csv/", TEAM, f"{TEAM}export/json/"])
def test_files_and_the_teams_activity_need_a_role(address: str, as_bob: Client) -> None:
    assert as_bob.get(address).status_code == 403
    Membership.objects.filter(user__name="Bob").update(role=Role.ADMIN)
    assert as_bob.get(address).status_code == 200


@pytest.mark.parametrize("address", [PAGE, f"{PAGE}recent/", f"{PAGE}export/csv/", TEAM])
def test_it_only_answers_reads(address: str, as_alice: Client) -> None:
    assert as_alice.post(address).status_code == 405


def test_htmx_gets_the_rows_alone(as_alice: Client, workspace: Workspace) -> None:
    _act(workspace, "the one act")
    page = as_alice.get(PAGE, headers=HTMX).content.decode()
    assert "the one act" in page and "<html" not in page
    assert as_alice.get(TEAM, headers=HTMX).status_code == 200


@pytest.mark.parametrize("address", [PAGE, TEAM])
def test_the_filters_lead_to_the_page_itself(address: str, as_alice: Client) -> None:
    html = as_alice.get(address).content.decode()
    assert f'action="{address}"' in html and f'hx-get="{address}"' in html


def test_an_empty_trail_says_so_and_so_does_an_empty_answer(as_alice: Client) -> None:
    assert "Nothing has happened yet" in _page(as_alice)
    assert "Nothing matches" in _page(as_alice, actor="nobody")


@pytest.mark.parametrize(("address", "queries"), [(PAGE, 9), (TEAM, 9)])
def test_queries_do_not_grow_with_the_rows(
    address: str,
    queries: int,
    workspace: Workspace,
    as_alice: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for rows in (1, 20):
        for number in range(rows):
            _act(workspace, f"act {number}")
        with django_assert_num_queries(queries):
            as_alice.get(address)


def test_every_action_has_words() -> None:
    assert [action for action in Action if trail.words(action) == action] == []


def test_unchanged_fields_are_not_shown() -> None:
    activity = Activity(
        before={"a": 1, "b": [1], "c": True}, after={"a": 1, "b": ["x", "y"], "d": {"e": None}, "f": None}
    )
    assert trail.changes(activity) == [
        trail.Change("b", "1", "x, y"),
        trail.Change("c", "yes", None),
        trail.Change("d", None, '{"e": null}'),
    ]


def test_a_day_ends_where_the_next_begins(workspace: Workspace, organization: Organization) -> None:
    late = timezone.now().replace(hour=23, minute=59)
    activity = _act(workspace, "late")
    Activity.objects.filter(pk=activity.pk).update(created_at=late)
    rows = Activity.objects.in_workspace(workspace)
    assert trail.keep(rows, trail.Filters(until=late.date())).exists()
    assert not trail.keep(rows, trail.Filters(until=late.date() - timedelta(days=1))).exists()


def _act(workspace: Workspace, name: str) -> Activity:
    workspace.name = name
    return record(Actor(), Action.WORKSPACE_CHANGED, workspace, workspace=workspace)
