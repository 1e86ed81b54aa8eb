"""What the measurements share: repositories, workspaces, and workers in processes of their own."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection

from console.models import Organization, Workspace
from ingestion.models import Integration, Run, Store
from ingestion.pipeline.finish import finish_run
from ingestion.pipeline.plan import plan_run
from ingestion.pipeline.process import process_batch
from ingestion.pipeline.select import Selector
from ingestion.services import connect
from ingestion.stores import IndexConfig, ensure_version

GIT = [
    "git",
    "-c",
    "user.name=Bench",
    "-c",
    "user.email=bench@lightfast.localhost",
    "-c",
    "commit.gpgsign=false",
]


def git(folder: Path, *arguments: str, data: bytes | None = None) -> bytes:
    """Run git in a folder."""
    return subprocess.run(
        [*GIT, "-C", str(folder), *arguments], input=data, check=True, capture_output=True
    ).stdout


def sample(path: Path, target: Path, *, files: int) -> Path:
    """Return a repository of so many of the indexable files of another, evenly spread; 0 takes it as it is."""
    if not files:
        return path
    selector = Selector()
    listing = git(path, "ls-tree", "-r", "-z", "-l", "--full-tree", "HEAD").split(b"\0")[:-1]
    rows = [(record.split(b"\t", 1)[1].decode(errors="replace"), record.split()[3]) for record in listing]
    names = [name for name, size in rows if size != b"-" and selector.decide(name, int(size)) is None]
    chosen = names[:: max(1, len(names) // files)][:files]
    target.mkdir()
    archive = git(path, "archive", "--format=tar", "HEAD", "--", *chosen)
    subprocess.run(["tar", "-x", "-C", str(target)], input=archive, check=True)
    git(target, "init", "--quiet")
    git(target, "add", "--all", "--force")
    git(target, "commit", "--quiet", "--message", "Sample")
    return target


def new_workspace(name: str, config: IndexConfig) -> Workspace:
    """Return a workspace whose default store has a configuration."""
    organization, _ = Organization.objects.get_or_create(name="Bench", slug="bench")
    workspace = Workspace.objects.create(organization=organization, name=name, slug=name)
    store = Store.objects.create(workspace=workspace)
    store.serving = store.target = ensure_version(store, config)
    store.save()
    return workspace


def connected(workspace: Workspace, path: Path) -> tuple[Integration, Run]:
    """Connect a repository; its first run is queued."""
    integration = connect(workspace=workspace, kind="git", resource=str(path), allow_local=True)
    return integration, Run.objects.get(integration=integration)


def step_through(run: Run) -> None:
    """Do a run's work in this process."""
    plan_run(run.pk)
    while run.items.filter(state="queued").exclude(action="remove").exists():
        process_batch(run.pk)
    finish_run(run.pk)
    run.refresh_from_db()
    assert run.state == "completed", (run.state, run.error)


@contextmanager
def workers(processes: int = 2) -> Iterator[None]:
    """Run worker processes on the database of the measurement, warmed up."""
    parameters = connection.get_connection_params()
    options = {
        name: parameters[name] for name in ("user", "password", "host", "port") if parameters.get(name)
    }
    environment = os.environ | {"DATABASE_URL": f"postgres:///{parameters['dbname']}?{urlencode(options)}"}
    command = [sys.executable, "manage.py", "rundramatiq", "--processes", str(processes)]
    command += ["--threads", str(settings.WORKER_THREADS)]
    process = subprocess.Popen(
        command, cwd=settings.BASE_DIR, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    time.sleep(4)  # until they have imported everything
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def wait_for(run: Run) -> float:
    """Return the seconds from a run's beginning to its end."""
    while run.is_active:
        time.sleep(0.1)
        run.refresh_from_db()
    assert run.state == "completed", (run.state, run.error)
    assert run.started_at is not None
    assert run.finished_at is not None
    return (run.finished_at - run.started_at).total_seconds()


def percentile(values: list[float], share: float) -> float:
    """Return the value that this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
