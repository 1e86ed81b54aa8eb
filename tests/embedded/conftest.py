"""State directories for real embedded servers, and processes that use them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.embedded.tools import Use, User, copy, open_directory, wait_until_stopped


@pytest.fixture(scope="session")
def database() -> Iterator[Path]:
    """A stopped database with the table `kept` and a row in it, to copy: creating one takes a second."""
    with open_directory() as path:
        user = User(path / "state", linger=0)
        user.says("CREATE TABLE kept AS SELECT 'still here' AS it")
        user.leave()
        wait_until_stopped(path / "state")
        yield path / "state" / "data"


@pytest.fixture
def home() -> Iterator[Path]:
    """An empty directory that any account can reach; pytest's own are closed to all but their user."""
    with open_directory() as path:
        yield path


@pytest.fixture
def state(home: Path, database: Path) -> Path:
    """A state directory with a database, not running."""
    return copy(database, home / "state")


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
