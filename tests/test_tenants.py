"""Nobody finds anything of another team: every route and every operation, with an outsider's session and key."""

import pytest
from django.test import Client

from console.models import Scope, User, Workspace
from tests.api.conftest import client_of
from tests.routes import Operation, Row, World, open_pages, operations, pages, parameters_of

SLUGS = {"organization", "workspace"}
FORM = "application/x-www-form-urlencoded"


def ask(
    client: Client, method: str, address: str, body: str = "confirm=", kind: str = FORM
) -> tuple[int, str]:
    """Return an answer's status and its text."""
    found = client.generic(method, address, body, kind)
    return found.status_code, b"".join(found).decode()


@pytest.fixture
def world(workspace: Workspace, alice: User) -> World:
    """Return what Acme has."""
    return World(workspace)


@pytest.mark.parametrize("row", pages(), ids=str)
def test_a_stranger_is_sent_to_the_login(row: Row, world: World) -> None:
    address = world.address(row.name, parameters_of()[row.name], row.given)
    found = Client().generic(row.method, address)
    assert found.status_code == 302
    assert found["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("row", pages(), ids=str)
def test_a_page_of_another_team_is_not_there(row: Row, world: World, as_mallory: Client) -> None:
    status, _ = ask(as_mallory, row.method, world.address(row.name, parameters_of()[row.name], row.given))
    assert status == 404


@pytest.mark.parametrize(
    "row",
    [row for row in pages() if set(parameters_of().get(row.name, ())) - SLUGS - set(row.given)],
    ids=str,
)
def test_nothing_of_another_team_is_found_by_its_id_in_ones_own(
    row: Row, world: World, as_mallory: Client
) -> None:
    others = {"organization": "evil", "workspace": "lair"}
    status, _ = ask(
        as_mallory, row.method, world.address(row.name, parameters_of()[row.name], row.given, **others)
    )
    assert status == 404


@pytest.mark.parametrize(("name", "status", "given"), open_pages())
def test_an_open_page_tells_a_stranger_and_an_outsider_nothing(
    name: str, status: int, given: dict[str, str], world: World, as_mallory: Client
) -> None:
    address = world.address(name, parameters_of()[name], given)
    assert status in {Client().generic(method, address).status_code for method in ("GET", "POST")}
    for method in ("GET", "POST"):
        _, text = ask(as_mallory, method, address)
        assert not [word for word in world.signs if word in text]


@pytest.mark.parametrize("operation", operations(), ids=str)
def test_the_api_tells_strangers_and_outsiders_nothing(
    operation: Operation, world: World, other_workspace: Workspace
) -> None:
    address = operation.address(world)
    assert ask(Client(), operation.method, address)[0] == 401
    status, text = ask(
        client_of(other_workspace, *Scope), operation.method, address, "{}", "application/json"
    )
    assert status == 404 if operation.parameters else status in (200, 201, 422)
    assert not [word for word in world.signs if word in text]
