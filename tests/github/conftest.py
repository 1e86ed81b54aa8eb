"""A GitHub on loopback, with an App whose webhooks reach a live console."""

import copy
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from console.models import Workspace
from ingestion.models import Connection, Integration
from ingestion.services import connect
from tests.emulators.github import GitHub, install, register
from tests.emulators.github.schemas import check_all
from tests.emulators.github.store import App, Installation
from tests.emulators.github.store import Repository as Hosted
from tests.ingestion.conftest import APP, README, null_embedder, sync
from tests.queue import Drain
from tests.repositories import Repository

__all__ = ["null_embedder", "sync"]

Push = Callable[..., None]
FILES = {"README.md": README, "src/app.py": APP, "src/part.py": "PART = 1\n"}


@pytest.fixture
def hub(tmp_path: Path, settings: Settings) -> Iterator[GitHub]:
    """Return a GitHub without anything in it, of which this machine has kept nothing yet.

    Whatever it has said in a test must be what GitHub's schemas say.
    """
    settings.STATE_DIR = tmp_path / "state"
    hub = GitHub(tmp_path / "hub")
    yield hub
    hub.close()
    check_all(hub)


@pytest.fixture
def app(hub: GitHub, live_server: LiveServer, settings: Settings) -> App:
    """Return the App that the settings name, its webhooks sent to a live console."""
    app = register(hub)
    app.hook_url = f"{live_server.url}/webhooks/github/"
    sources = copy.deepcopy(settings.SOURCES)
    sources["github"]["config"] |= {
        "api_url": hub.api_url,
        "app_id": str(app.id),
        "client_id": app.client_id,
        "app_slug": app.slug,
    }
    sources["github"]["secrets"] = {
        "private_key": app.pem,
        "webhook_secret": app.webhook_secret,
        "client_secret": app.client_secret,
    }
    settings.SOURCES = sources
    return app


@pytest.fixture
def work(tmp_path: Path) -> Repository:
    """Return somebody's checkout of the hosted repository."""
    return Repository(tmp_path / "work", FILES)


@pytest.fixture
def hosted(hub: GitHub, work: Repository) -> Hosted:
    """Return the repository at GitHub."""
    hosted = hub.store.add_repository("acme/core", work.path)
    work.git("remote", "add", "origin", f"{hub.root}/acme/core.git")
    return hosted


@pytest.fixture
def installation(hub: GitHub, app: App, hosted: Hosted) -> Installation:
    """Return the App's installation in the repository's account."""
    installation = install(hub, "acme", [hosted])
    hub.webhooks.wait()
    return installation


@pytest.fixture
def connection(workspace: Workspace, installation: Installation) -> Connection:
    """Return Acme's connection to the installation."""
    return connection_of(workspace, installation)


def connection_of(workspace: Workspace, installation: Installation) -> Connection:
    """Connect a workspace's organization to an installation."""
    return Connection.objects.create(
        organization=workspace.organization,
        kind="github",
        name="acme",
        external_id=str(installation.id),
        config={"installation_id": str(installation.id)},
    )


@pytest.fixture
def source(workspace: Workspace, connection: Connection, hosted: Hosted, worker: Drain) -> Integration:
    """Return the repository as a source whose first sync is done."""
    integration = connect(
        workspace=workspace, kind="github", resource=str(hosted.id), name="acme/core", connection=connection
    )
    worker()
    integration.refresh_from_db()
    return integration


@pytest.fixture
def push(hub: GitHub, work: Repository, worker: Drain) -> Push:
    """Commit, push, and wait until the webhook has been followed."""

    def push(files: dict[str, str | bytes | None], *arguments: str) -> None:
        work.commit(files)
        work.git("push", "--quiet", *arguments, "origin", "main")
        hub.webhooks.wait()
        worker()

    return push
