"""A database without a twin, and the installation that works on it."""

import random
import subprocess
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from pytest_django.plugin import DjangoDbBlocker

from console.models import Organization, Workspace
from tests.faults.brokers import Rabbit, Redis
from tests.faults.outcomes import Outcome, table
from tests.faults.settings import MOUNTED
from tests.faults.stage import Stage, answer, patiently
from tests.repositories import Repository

OUTCOME, OUTCOMES = pytest.StashKey[Outcome](), pytest.StashKey[list[Outcome]]()
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
    patiently(answer)


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
def outcome(request: pytest.FixtureRequest) -> Outcome:
    """Return what this scenario comes to."""
    outcome = Outcome(request.node.name.removeprefix("test_").replace("_", " "))
    request.node.stash[OUTCOME] = outcome
    request.config.stash[OUTCOMES].append(outcome)
    return outcome


@pytest.fixture
def stage(tmp_path: Path, outcome: Outcome) -> Iterator[Stage]:
    """Return an installation of which nothing runs yet; its programs' output is kept for the report of a failure."""
    with Stage(tmp_path / "programs", outcome) as stage:
        yield stage
    print(stage.tell())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note how a scenario ended, for the table."""
    report = yield
    outcome = item.stash.get(OUTCOME, None)
    if outcome is not None and (report.when == "call" or report.outcome != "passed"):
        outcome.verdict, outcome.seconds = report.outcome, outcome.seconds + report.duration
    return report


def pytest_configure(config: pytest.Config) -> None:
    config.stash[OUTCOMES] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Show what the scenarios came to."""
    if outcomes := config.stash[OUTCOMES]:
        terminalreporter.section("what was killed, and what was lost")
        for line in table(outcomes):
            terminalreporter.write_line(line)


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    server = Redis(tmp_path)
    yield server
    server.kill()


@pytest.fixture
def rabbit(tmp_path: Path) -> Iterator[Rabbit]:
    server = Rabbit(tmp_path)
    yield server
    server.kill()
