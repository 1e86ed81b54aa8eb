"""A GitHub on loopback with an App that real processes know, and a hosted repository that changes."""

import copy
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from console.models import Workspace
from ingestion.models import Integration
from ingestion.services import connect
from tests.emulators.github import GitHub, install, register
from tests.emulators.github.store import App
from tests.faults.stage import Stage
from tests.github.conftest import connection_of
from tests.repositories import Repository


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[GitHub]:
    hub = GitHub(tmp_path / "hub")
    hub.webhooks.held = []  # the test sends them, or loses them
    yield hub
    hub.close()


@pytest.fixture
def app(hub: GitHub, stage: Stage, settings: Settings) -> App:
    """Return the App that this process and those of the stage know."""
    app = register(hub)
    app.hook_url = f"http://127.0.0.1:{stage.port}/webhooks/github/"
    config = {
        "api_url": hub.api_url,
        "app_id": str(app.id),
        "client_id": app.client_id,
        "app_slug": app.slug,
    }
    secrets = {
        "private_key": app.pem,
        "webhook_secret": app.webhook_secret,
        "client_secret": app.client_secret,
    }
    sources = copy.deepcopy(settings.SOURCES)
    sources["github"]["config"] |= config
    sources["github"]["secrets"] = secrets
    settings.SOURCES = sources
    variables = {name.upper(): value for name, value in {**config, **secrets}.items()}
    variables["APP_PRIVATE_KEY"] = variables.pop("PRIVATE_KEY")
    stage.environment |= {f"GITHUB_{name}": value for name, value in variables.items()}
    return app


@pytest.fixture
def source(workspace: Workspace, hub: GitHub, app: App, repository: Repository) -> Integration:
    """Return the hosted repository as a source that nobody has indexed yet."""
    hosted = hub.store.add_repository("acme/core", repository.path)
    repository.git("remote", "add", "origin", f"{hub.root}/acme/core.git")
    connection = connection_of(workspace, install(hub, "acme", [hosted]))
    return connect(
        workspace=workspace, kind="github", resource=str(hosted.id), name="acme/core", connection=connection
    )


@pytest.fixture
def push(repository: Repository, change: Callable[[], None]) -> Callable[[], None]:
    """Change the repository, and push."""

    def push() -> None:
        change()
        repository.git("push", "--quiet", "--force", "origin", "main")

    return push
