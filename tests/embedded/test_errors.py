"""A server that cannot start says why and what to do."""

import os
from pathlib import Path

import pytest

from tests.embedded.tools import Use


def test_a_broken_configuration_is_named_with_its_line_and_can_be_mended(state: Path, use: Use) -> None:
    configuration = state / "data" / "postgresql.conf"
    before = configuration.read_text()
    configuration.write_text("shared_buffers = = nonsense\n" + before)
    user = use(state)
    message = user.says()
    assert 'postgresql.conf" line 1' in message
    assert "Correct the file and line named above" in message
    configuration.write_text(before)
    assert user.says("SELECT it FROM kept") == "still here"


def test_data_of_another_version_is_refused_untouched(home: Path, use: Use) -> None:
    (home / "state" / "data").mkdir(parents=True)
    (home / "state" / "data" / "PG_VERSION").write_text("15\n")
    message = use(home / "state").says()
    assert "made by PostgreSQL 15" in message
    assert "dump" in message


def test_a_directory_that_is_no_database_is_refused(home: Path, use: Use) -> None:
    (home / "state" / "data").mkdir(parents=True)
    assert "PG_VERSION is missing" in use(home / "state").says()


def test_a_link_to_data_that_is_gone_is_not_taken_for_a_new_database(home: Path, use: Use) -> None:
    (home / "state").mkdir()
    (home / "state" / "data").symlink_to(home / "unplugged" / "data")
    assert "which is gone" in use(home / "state").says()


def test_a_state_directory_that_cannot_be_made_is_named_with_the_way_out(home: Path, use: Use) -> None:
    (home / "file").write_text("in the way")
    message = use(home / "file" / "state").says()
    assert str(home / "file" / "state") in message
    assert "DATABASE_URL" in message


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be two users")
def test_another_users_state_directory_is_refused_with_the_way_out(home: Path, use: Use) -> None:
    (home / "state").mkdir()
    message = use(home / "state", uid=65534).says()
    assert "Permission denied" in message
    assert "STATE_DIR" in message


def test_what_the_log_says_is_kept_in_bounds(state: Path, use: Use) -> None:
    log = state / "postgres.log"
    with log.open("a") as file:
        file.truncate(11_000_000)
    assert use(state).says("SELECT 1") == "1"
    assert log.stat().st_size < 100_000
