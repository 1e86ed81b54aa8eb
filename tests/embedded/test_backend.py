"""Django's way to the embedded server."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.embedded.tools import PROJECT, copy, keeper, open_directory

PROGRAM = """
import sys
from pathlib import Path
import django
from django.conf import settings
database = {"ENGINE": "lightfast.embedded_backend", "NAME": "lightfast", "STATE_DIR": Path(sys.argv[1])}
settings.configure(DATABASES={"default": {**database, "DURABLE": False}})
django.setup()
from django.core.management import call_command
from django.db import OperationalError, connection, connections
"""


def run(state: Path, program: str) -> str:
    command = [sys.executable, "-c", PROGRAM + program, str(state)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def state(database: Path) -> Iterator[Path]:
    """Share one state directory: these tests leave it as it is."""
    with open_directory() as home:
        yield copy(database, home / "state")


def test_a_query_starts_the_server_that_the_settings_name(state: Path) -> None:
    assert "still here" in run(state, "print(connection.cursor().execute('SELECT it FROM kept').fetchone())")
    assert str(state) in keeper(state).cmdline()


def test_commands_that_need_no_database_start_nothing(home: Path) -> None:
    run(home / "state", "call_command('check'); connection.features.has_select_for_update; connection.vendor")
    assert not (home / "state").exists()


def test_a_test_database_is_made_and_removed(state: Path) -> None:
    program = """
name = connection.creation.create_test_db(verbosity=0)
print(name, connection.cursor().execute("SELECT current_database()").fetchone()[0])
connection.creation.destroy_test_db("lightfast", verbosity=0)
print(connection.cursor().execute("SELECT current_database()").fetchone()[0])
"""
    assert run(state, program).split() == ["test_lightfast", "test_lightfast", "lightfast"]


def test_the_clients_shell_finds_the_server(state: Path) -> None:
    assert "still here" in run(state, "call_command('dbshell', '--', '-Atc', 'SELECT it FROM kept')")


def test_a_server_that_cannot_start_is_an_operational_error(home: Path) -> None:
    (home / "state" / "data").mkdir(parents=True)
    program = """
try:
    connection.ensure_connection()
except OperationalError as error:
    print(error)
"""
    assert "PG_VERSION is missing" in run(home / "state", program)


def test_letters_beyond_ascii_have_case_and_trigrams(state: Path) -> None:
    program = """
cursor = connection.cursor()
cursor.execute("BEGIN; CREATE EXTENSION pg_trgm")
cursor.execute("SELECT 'ÉCOLE' ILIKE 'école', array_length(show_trgm('привет'), 1) FROM kept")
print(cursor.fetchone())
"""
    assert run(state, program) == "(True, 7)"
