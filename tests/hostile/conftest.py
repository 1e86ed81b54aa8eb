"""A workspace into which somebody syncs what means harm."""

from pathlib import Path

import pytest
from django.test import Client

from console.models import Scope, Workspace
from tests.api.conftest import client_of
from tests.github.conftest import app, connection, hub, installation
from tests.hostile.building import repository
from tests.hostile.corpus import CANARY, everything
from tests.ingestion.conftest import null_embedder, sync
from tests.repositories import Repository

__all__ = ["app", "connection", "hub", "installation", "null_embedder", "sync"]


@pytest.fixture
def nasty(tmp_path: Path) -> Repository:
    """Return the whole corpus as a repository, a file that nobody may read beside it."""
    (tmp_path / "outside.txt").write_text(CANARY)
    return repository(tmp_path / "nasty", everything())


@pytest.fixture
def agent(workspace: Workspace) -> Client:
    """Return a program that may search and read the workspace."""
    return client_of(workspace, Scope.SEARCH, Scope.READ)
