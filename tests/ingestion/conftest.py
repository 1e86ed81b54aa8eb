"""A workspace whose sources are real repositories, embedded at no cost."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from console.models import Workspace
from ingestion import wake
from ingestion.models import Integration, Run
from ingestion.services import connect, sync_now
from tests.queue import Drain
from tests.repositories import Repository

Sync = Callable[..., Run]

README = "# Acme\n\nHow to run it.\n\n## Install\n\nUse make.\n"
APP = "def greet(name):\n    return f'hello {name}'\n\n\ndef part():\n    return 'bye'\n"


@pytest.fixture(autouse=True)
def null_embedder(settings: Settings) -> None:
    settings.EMBEDDER = "null"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Return a small repository."""
    return Repository(tmp_path / "acme", {"README.md": README, "src/app.py": APP})


@pytest.fixture
def source(workspace: Workspace, repository: Repository, worker: Drain) -> Integration:
    """Return the repository as a source whose first sync is done."""
    integration = connect(workspace=workspace, kind="git", resource=str(repository.path), allow_local=True)
    worker()
    integration.refresh_from_db()
    return integration


@contextmanager
def unattended() -> Iterator[None]:
    """Let no worker hear of anything meanwhile, so that a test can take the steps one by one."""
    send = wake.send
    wake.send = lambda *_, **__: None
    try:
        yield
    finally:
        wake.send = send


@pytest.fixture
def sync(worker: Drain) -> Sync:
    """Sync a source and return its finished run."""

    def run(integration: Integration, full: bool = False) -> Run:
        run = sync_now(integration=integration, full=full)
        worker()
        run.refresh_from_db()
        return run

    return run
