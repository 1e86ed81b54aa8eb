"""GitHub without GitHub: the emulated one, and what a person and a developer do there."""

import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from console.models import Organization, Workspace
from console.services import create_workspace
from ingestion.models import Connection, Document, Integration, ProviderApp
from ingestion.services import delete_workspace
from lightfast.demo.browser import Browser

if TYPE_CHECKING:
    from tests.emulators.github import GitHub

WORKSPACE = "GitHub"
PUSHES = 8
PATIENCE = 60  # seconds until a push must be found


@contextmanager
def emulated(path: Path) -> "Iterator[GitHub]":
    """Run a GitHub that has a copy of a repository, for as long as the demo lasts."""
    from tests.emulators.github import GitHub

    folder = Path(tempfile.mkdtemp(prefix="lightfast-github-"))
    github = GitHub(folder)
    try:
        github.store.account(github.login).organizations.add("acme")
        github.store.add_repository(f"acme/{path.name or 'repository'}", path)
        yield github
    finally:
        github.close()
        shutil.rmtree(folder, ignore_errors=True)


def fresh_workspace(organization: Organization) -> Workspace:
    """Return a workspace as for the first time: what an earlier emulated GitHub left is deleted."""
    for workspace in Workspace.objects.alive().filter(organization=organization, name=WORKSPACE):
        delete_workspace(workspace=workspace)
    Connection.objects.filter(organization=organization, kind="github").delete()
    ProviderApp.objects.filter(kind="github").delete()
    shutil.rmtree(settings.STATE_DIR / "cache" / "github", ignore_errors=True)
    return create_workspace(organization=organization, name=WORKSPACE)


def connect_through_pages(address: str, email: str, password: str, workspace: Workspace) -> Integration:
    """Do what a team admin does: log in, make the App, install it, pick the repository."""
    team = workspace.organization.slug
    browser = Browser()
    browser.open(f"{address}/accounts/login/")
    browser.submit("/accounts/login/", login=email, password=password)
    browser.open(f"{address}/{team}/connections/github/app/")
    browser.submit("settings/apps/new")
    browser.submit("settings/apps/create")
    sources = f"/{team}/{workspace.slug}/sources/"
    browser.open(f"{address}/{team}/connections/github/install/?next={sources}")
    browser.submit()
    connection = Connection.objects.get(organization=workspace.organization, kind="github")
    browser.open(f"{address}{sources}add/{connection.pk}/")
    browser.submit(
        "/sources/add/", resource=browser.text.partition('name="resource" value="')[2].partition('"')[0]
    )
    return Integration.objects.get(workspace=workspace, kind="github")


class Developer:
    """Somebody who has cloned the repository and pushes to it."""

    def __init__(self, github: "GitHub", folder: Path) -> None:
        [repository] = github.store.repositories.values()
        self._folder = folder / "work"
        self.origin = f"{github.root}/{repository.full_name}.git"
        self._git("clone", "--quiet", self.origin, str(self._folder), where=folder)

    def push(self, name: str, text: str) -> None:
        """Commit a file and push it."""
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        self._git("add", name)
        self._git(
            "-c",
            "user.name=Demo",
            "-c",
            "user.email=demo@lightfast.localhost",
            "commit",
            "-qm",
            f"Add {name}",
        )
        self._git("push", "--quiet", "origin", "HEAD")

    def _git(self, *arguments: str, where: Path | None = None) -> None:
        subprocess.run(["git", *arguments], cwd=where or self._folder, check=True)


def calls_of_sync(github: "GitHub") -> int:
    """Return how many calls there were since the picker listed the repositories."""
    listed = max(n for n, call in enumerate(github.calls) if call == "GET /installation/repositories")
    return len(github.calls) - listed - 1


def measure_pushes(
    github: "GitHub", developer: Developer, source: Integration, is_found: Callable[[str], bool]
) -> tuple[list[float], list[int]]:
    """Push some commits; return each one's seconds from push to searchable, and the calls that it took.

    Search is asked once a document is there: a key may not search as often as we look.
    """
    seconds, calls = [], []
    for number in range(PUSHES):
        word = f"quokka{int(time.time())}x{number}"
        before = len(github.calls)
        developer.push(f"docs/demo-{number}.md", f"# The {word}\n\nA sentence that only this push has.\n")
        begun = time.monotonic()
        written = Document.objects.filter(integration=source, text__contains=word)
        while not (written.exists() and is_found(word)):
            if time.monotonic() - begun > PATIENCE:
                raise TimeoutError(f"The push was not found within {PATIENCE} seconds.")
            time.sleep(0.05)
        seconds.append(time.monotonic() - begun)
        calls.append(len(github.calls) - before)
    return seconds, calls


def percentile_95(values: list[float]) -> float:
    """Return the value that 95 % stay below; of a few values, nearly the largest."""
    return statistics.quantiles(values, n=20, method="inclusive")[-1]
