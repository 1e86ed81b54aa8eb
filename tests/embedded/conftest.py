"""State directories for real embedded servers, and processes that use them."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.embedded.tools import Use, User, kill, processes, wait_until_stopped


@pytest.fixture(scope="session")
def database() -> Iterator[Path]:
    """A stopped database with the table `kept` and a row in it, to copy: creating one takes a second."""
    with _open_directory() as path:
        user = User(path / "state", linger=0)
        user.says("CREATE TABLE kept AS SELECT 'still here' AS it")
        user.leave()
        wait_until_stopped(path / "state")
        yield path / "state" / "data"


@pytest.fixture
def home() -> Iterator[Path]:
    """An empty directory that any account can reach; pytest's own are closed to all but their user."""
    with _open_directory() as path:
        yield path


@pytest.fixture
def state(home: Path, database: Path) -> Path:
    """A state directory with a database, not running."""
    (home / "state").mkdir()
    subprocess.run(["/bin/cp", "-a", database, home / "state" / "data"], check=True)
    return home / "state"


@pytest.fixture
def use() -> Iterator[Use]:
    """Start a user of a state directory; every one still there at the end is killed."""
    users: list[User] = []

    def start(*args: Any, **kwargs: Any) -> User:
        users.append(User(*args, **kwargs))
        return users[-1]

    yield start
    for user in users:
        user.kill()


@contextmanager
def _open_directory() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="lightfast-test-"))
    path.chmod(0o755)
    try:
        yield path
    finally:
        elsewhere = [link.readlink().parent for link in path.rglob("data") if link.is_symlink()]
        kill(*processes(path, *elsewhere))
        for directory in (path, *elsewhere):
            shutil.rmtree(directory, ignore_errors=True)
