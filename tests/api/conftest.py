"""Clients with keys."""

import pytest
from django.test import Client

from console.models import Scope, Workspace
from console.services import create_api_key
from tests.search.conftest import foreign, indexed  # noqa: F401


def client_of(workspace: Workspace, *scopes: Scope) -> Client:
    """Return a client that sends a key of the workspace."""
    _, token = create_api_key(workspace=workspace, name="Test", scopes=scopes)
    return Client(headers={"authorization": f"Bearer {token}"})


@pytest.fixture
def program(workspace: Workspace) -> Client:
    """Return a program that may search and read Acme's workspace."""
    return client_of(workspace, Scope.SEARCH, Scope.READ)


@pytest.fixture
def operator(workspace: Workspace) -> Client:
    """Return a program that may read and sync Acme's workspace."""
    return client_of(workspace, Scope.READ, Scope.SYNC)


@pytest.fixture
def manager(workspace: Workspace) -> Client:
    """Return a program with the scope that includes all, in Acme's workspace."""
    return client_of(workspace, Scope.ADMIN)


@pytest.fixture
def stranger(other_workspace: Workspace) -> Client:
    """Return a program with every scope in another workspace."""
    return client_of(other_workspace, *Scope)
