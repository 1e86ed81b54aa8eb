"""Who may do what: every route by every method for every role, and every operation for every scope."""

from http import HTTPStatus

import pytest
from django.db import transaction
from django.test import Client

from console.models import Membership, Role, Scope, User, Workspace
from tests.api.conftest import client_of
from tests.routes import OPERATIONS, Operation, Row, World, open_pages, operations, pages, parameters_of

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
FORM = "application/x-www-form-urlencoded"
NO_METHOD = HTTPStatus.METHOD_NOT_ALLOWED


@pytest.fixture
def clients(workspace: Workspace, alice: User) -> dict[Role, Client]:
    """Return a logged-in client for each role in Acme."""
    found = {}
    for role in Role:
        user = alice if role == Role.OWNER else User.objects.create_user(f"{role}@acme.example")
        Membership.objects.get_or_create(
            organization=workspace.organization, user=user, defaults={"role": role}
        )
        found[role] = Client()
        found[role].force_login(user)
    return found


def answer(client: Client, method: str, address: str) -> int:
    """Return the status of an answer, and undo what it did."""
    with transaction.atomic():
        status = client.generic(method, address, "confirm=", FORM).status_code
        transaction.set_rollback(True)
    return status


@pytest.mark.parametrize("row", pages(), ids=str)
def test_a_role_is_answered_what_the_table_says(
    row: Row, workspace: Workspace, clients: dict[Role, Client]
) -> None:
    address = World(workspace).address(row.name, parameters_of()[row.name], row.given)
    assert {role: answer(client, row.method, address) for role, client in clients.items()} == row.statuses


@pytest.mark.parametrize("name", sorted({row.name for row in pages()}))
def test_other_methods_are_refused(name: str, workspace: Workspace, clients: dict[Role, Client]) -> None:
    rows = [row for row in pages() if row.name == name]
    address = World(workspace).address(name, parameters_of()[name], rows[0].given)
    for method in set(METHODS) - {row.method for row in rows}:
        assert answer(clients[Role.OWNER], method, address) == NO_METHOD, method


def test_every_route_stands_in_a_table() -> None:
    told = {row.name for row in pages()} | {name for name, *_ in open_pages()}
    missing = sorted(set(parameters_of()) - told)
    assert not missing, (
        f"Say in tests/routes.py who may use {', '.join(missing)}: in PAGES, or in OPEN if it is no team's."
    )
    assert not sorted(told - set(parameters_of())), "These routes are gone: take them out of tests/routes.py."


def test_every_operation_stands_in_the_table() -> None:
    missing = sorted(operation.name for operation in operations() if operation.scope == "?")
    assert not missing, (
        f"Say in OPERATIONS of tests/routes.py which scope is needed for {', '.join(missing)}."
    )
    told = {line.split()[0] for line in OPERATIONS.strip().splitlines()}
    assert told == {operation.name for operation in operations()}


@pytest.mark.parametrize("operation", operations(), ids=str)
@pytest.mark.parametrize("scope", Scope)
def test_a_key_needs_the_scope_that_the_table_says(
    scope: Scope, operation: Operation, workspace: Workspace, alice: User
) -> None:
    world = World(workspace)
    client = client_of(workspace, scope)
    status = answer(client, operation.method, operation.address(world))
    allowed = operation.scope in ("any", scope) or scope == Scope.ADMIN
    assert (status != HTTPStatus.FORBIDDEN) == allowed, status
    assert status not in (HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND)
