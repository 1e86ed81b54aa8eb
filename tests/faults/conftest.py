"""A database without a twin, and the installation that works on it."""

import random
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from console.models import Organization, Workspace
from tests.faults.settings import MOUNTED
from tests.faults.stage import Stage, patiently
from tests.repositories import Repository

BODY = "def function_{0}_{1}(argument):\n    return argument * {1}\n\n\n"


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Migrate the database that the processes use, too."""
    with django_db_blocker.unblock():
        call_command("migrate", verbosity=0)
    yield
    if MOUNTED:
        subprocess.run(["umount", "--lazy", str(settings.STATE_DIR)], check=False)


@pytest.fixture(autouse=True)
def reconnect(transactional_db: None) -> Iterator[None]:
    """Leave each test with a connection that works: its server may have been killed."""
    yield
    patiently(connection.ensure_connection)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> random.Random:
    """Return the test's own randomness, the same each time."""
    return random.Random(request.node.name)


@pytest.fixture
def workspace(transactional_db: None) -> Workspace:
    organization = Organization.objects.create(name="Acme", slug="acme")
    return Workspace.objects.create(organization=organization, name="Core", slug="core")


@pytest.fixture
def fresh(workspace: Workspace) -> Workspace:
    """Return a workspace to index anew in."""
    return Workspace.objects.create(organization=workspace.organization, name="Fresh", slug="fresh")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Return a repository that takes a worker some seconds."""
    files = {
        f"package_{i % 7}/module_{i}.py": "".join(BODY.format(i, j) for j in range(25)) for i in range(150)
    }
    return Repository(tmp_path / "acme", {**files, "README.md": "# Acme\n", "data.txt": b"\0"})


@pytest.fixture
def change(repository: Repository, seed: random.Random) -> Callable[[], None]:
    """Change the repository as people do: files added, changed, removed, history rewritten."""

    def change() -> None:
        files = sorted(path for path in repository.path.rglob("*.py"))
        touched: dict[str, str | bytes | None] = {
            str(path.relative_to(repository.path)): f"{path.read_text()}# {seed.random()}\n"
            for path in seed.sample(files, 20)
        }
        gone = [
            path for path in seed.sample(files, 3) if str(path.relative_to(repository.path)) not in touched
        ]
        touched |= {str(path.relative_to(repository.path)): None for path in gone}
        number = seed.randrange(10**6)
        touched |= {f"added/module_{number}_{i}.py": BODY.format(number, i) for i in range(10)}
        if seed.random() < 0.2:
            repository.git("reset", "--hard", "--quiet", "HEAD~0")
            repository.git(
                "commit", "--amend", "--quiet", "--allow-empty", "--message", f"Rewritten {number}"
            )
        repository.commit(touched)

    return change


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """Return an installation of which nothing runs yet; its programs' output is kept for the report of a failure."""
    log = tmp_path / "programs.log"
    with Stage(log) as stage:
        yield stage
    print(log.read_text(errors="replace")[-20_000:])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Redis:
    """A Redis on loopback."""

    def __init__(self, directory: Path) -> None:
        beside = str(Path(sys.executable).parent)
        server = shutil.which("redis-server", path=beside) or shutil.which("redis-server")
        if server is None:
            pytest.skip("there is no redis-server for this platform")
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._command = [
            server,
            "--bind",
            "127.0.0.1",
            "--port",
            str(self.port),
            "--save",
            "",
            "--dir",
            str(directory),
        ]
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            assert self._process.poll() is None
            time.sleep(0.05)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def empty(self) -> None:
        with socket.create_connection(("127.0.0.1", self.port)) as line:
            line.sendall(b"FLUSHALL\r\n")
            assert line.recv(100).startswith(b"+OK")


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    server = Redis(tmp_path)
    yield server
    server.kill()
