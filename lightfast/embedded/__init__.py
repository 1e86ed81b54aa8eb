"""A Postgres of Lightfast's own in a state directory, started by the first process that needs it.

Every process that uses the server holds a lock until it ends, however it ends; the keeper (`keeper.py`) stops
the server cleanly once nobody does.
"""

import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import quote

from lightfast.embedded import locks
from lightfast.embedded.errors import EmbeddedError
from lightfast.embedded.paths import DATABASE, READY, ROLE, SOCKET_NAME, Paths, installed_programs

__all__ = [
    "DATABASE",
    "ROLE",
    "EmbeddedError",
    "conninfo",
    "database_url",
    "ensure_running",
    "installed_programs",
    "socket_dir",
]

_PROJECT = Path(__file__).resolve().parents[2]
_PATIENCE_SECONDS = 330.0  # longer than the keeper's own for a start with recovery
_LOG_BYTES = 10_000_000

_lock = threading.Lock()
_users: dict[Path, int] = {}  # descriptors of users.lock, open until the process ends
# A child inherits the lock of a user, and is one; a lock held for a moment only would stay with it for good.
os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release)


def socket_dir(state_dir: Path) -> Path:
    """Name the directory of the server's Unix socket; starts nothing."""
    return Paths.of(state_dir).socket_dir


def conninfo(state_dir: Path) -> str:
    """Make the libpq URL of the database; starts nothing."""
    return f"postgresql://{ROLE}@/{DATABASE}?host={quote(str(socket_dir(state_dir)), safe='')}"


def database_url(state_dir: Path) -> str:
    """Make sure that the server runs, and return the libpq URL of its database."""
    ensure_running(state_dir)
    return conninfo(state_dir)


def ensure_running(state_dir: Path, *, durable: bool = True, linger: float = 2.0) -> None:
    """Make this process a user of the server until it ends, and return once the server answers.

    Cheap enough for each connection. Whoever starts the server decides `durable` (off: a crash of the
    machine may lose the data) and `linger` (seconds from the last user to the stop). Raises EmbeddedError.
    """
    paths = Paths.of(state_dir)
    with _lock:
        try:
            _make_state_dir(paths.state)
            _become_user(paths)
            with locks.exclusively(paths.start_lock, _PATIENCE_SECONDS) as start_lock:
                _start(paths, start_lock, durable, linger)
        except OSError as error:
            raise EmbeddedError(
                f"The embedded Postgres cannot use {paths.state}: {error}. Make that directory writable, "
                "set STATE_DIR to one that is, or set DATABASE_URL to a Postgres server."
            ) from error


def _make_state_dir(state: Path) -> None:
    if not state.exists():
        state.mkdir(parents=True, exist_ok=True)
        # Root's server runs as another user, who must pass through.
        state.chmod(0o711 if os.geteuid() == 0 else 0o700)


def _become_user(paths: Paths) -> None:
    held = _users.get(paths.state)
    if held is not None:
        if paths.users_lock.exists() and os.path.samestat(os.fstat(held), paths.users_lock.stat()):
            return
        os.close(held)  # the state directory was removed and made anew
    descriptor = locks.open_for_owner(paths.users_lock)
    # A keeper that is stopping the server holds it exclusively until that is done.
    locks.wait_for(descriptor, locks.SHARED, paths.users_lock, _PATIENCE_SECONDS)
    _users[paths.state] = descriptor


def _start(paths: Paths, start_lock: int, durable: bool, linger: float) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        keeper_lock = locks.open_for_owner(paths.keeper_lock)
        try:
            if locks.take(keeper_lock, locks.EXCLUSIVE):
                _run_keeper(paths, start_lock, keeper_lock, durable, linger)
                return
        finally:
            os.close(keeper_lock)
        if _answers(paths):
            return
        # A keeper without a server is about to end, or was orphaned in the middle of a start.
        if time.monotonic() > deadline:
            raise EmbeddedError(
                f"The embedded Postgres of {paths.state} does not answer; {paths.log} may say why."
            )
        time.sleep(0.03)


def _answers(paths: Paths) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(5)
        try:
            probe.connect(str(paths.socket_dir / SOCKET_NAME))
        except TimeoutError:
            return True  # there, but busy
        except OSError:
            return False
    return True


def _run_keeper(paths: Paths, start_lock: int, keeper_lock: int, durable: bool, linger: float) -> None:
    if paths.log.exists() and paths.log.stat().st_size > _LOG_BYTES:
        paths.log.replace(paths.log.with_suffix(".log.1"))
    log = locks.open_for_owner(paths.log, os.O_RDWR | os.O_APPEND)
    report, report_in = os.pipe()
    descriptors = {"--start-lock": start_lock, "--keeper-lock": keeper_lock, "--report": report_in}
    command = [sys.executable, "-m", "lightfast.embedded", str(paths.state)]
    command += ["--durable" if durable else "--no-durable", "--linger", str(linger)]
    command += [part for name, value in descriptors.items() for part in (name, str(value))]
    path = os.pathsep.join(filter(None, [str(_PROJECT), os.environ.get("PYTHONPATH")]))
    with os.fdopen(report, "rb") as said:
        try:
            keeper = subprocess.Popen(
                command, cwd="/", env={**os.environ, "PYTHONPATH": path}, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=tuple(descriptors.values()),
            )  # fmt: skip
        finally:
            os.close(report_in)
            os.close(log)
        keeper.wait()
        message = said.read().decode()
    if message != READY:
        raise EmbeddedError(
            message or f"The keeper of the embedded Postgres ended at its start; {paths.log} may say why."
        )
