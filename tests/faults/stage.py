"""The processes of an installation, to be killed one by one."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeVar

import psutil
from django.conf import settings
from django.db import DatabaseError, connection

from tests.faults.outcomes import Outcome

T = TypeVar("T")

PATIENCE = 240  # seconds until everything must have settled
BESIDE = Path(sys.executable).parent
MANAGE = [sys.executable, "manage.py"]
ACTORS = ["django_dramatiq.setup", "django_dramatiq.tasks", "ingestion.actors", "search.actors"]
COMMANDS: dict[str, Sequence[str]] = {
    # What `manage.py rundramatiq` becomes, without the seconds it takes to.
    "worker": [str(BESIDE / "dramatiq"), "--path", ".", "--processes", "1", "--threads", "2", *ACTORS],
    "scheduler": [*MANAGE, "scheduler", "--interval", "0.5"],
    "up": [*MANAGE, "up", "--workers", "2", "--processes", "1"],  # at the stage's port
}
PROGRAMS = ("worker", "scheduler")
POSTGRES = "postgres"
RESTART = "postgres, in order"  # a fast shutdown, as an upgrade of its package does
WEB = "web"  # a process of the web server that runs under "up"


class Stage:
    """Starts programs on the suite's database; whom it kills stands in the scenario's outcome."""

    def __init__(self, directory: Path, outcome: Outcome) -> None:
        own = {"DJANGO_SETTINGS_MODULE": "lightfast.settings", "LOG_FORMAT": "json"}
        self.environment = {**os.environ, **own}
        self.outcome = outcome
        self.port = free_port()
        self._directory = directory
        self._running: dict[str, tuple[list[str], subprocess.Popen[bytes]]] = {}
        self._starts: Counter[str] = Counter()
        self._others: dict[str, Callable[[], None]] = {
            POSTGRES: partial(end_postgres, signal.SIGKILL),
            RESTART: partial(end_postgres, signal.SIGINT),
            WEB: self._kill_web_process,
        }
        directory.mkdir()

    def start(self, name: str, *options: str, prefix: Sequence[str] = ()) -> None:
        """Start a program of `COMMANDS`; what follows a dash in `name` only tells several apart."""
        command = [*prefix, *COMMANDS[name.partition("-")[0]], *options]
        command += ["--port", str(self.port)] if name == "up" else []
        self._running[name] = command, self._run(name, command)

    def can_kill(self, name: str, kill: Callable[[], None]) -> None:
        """Make known how to kill something that is none of our programs, and have it run again."""
        self._others[name] = kill

    def kill(self, name: str) -> None:
        """Kill a program with everybody it has started, and start it again."""
        if name in self._others:
            self._others[name]()
        else:
            command, process = self._running[name]
            kill_group(process)
            if name == "up":  # its guardian ends the others, and with them the port is free
                wait_until(lambda: not listens(self.port), "the port is free", 60)
            self._running[name] = command, self._run(name, command)
        self.outcome.kills[name.partition("-")[0]] += 1

    def stop(self, name: str, seconds: float = 30) -> int:
        """Ask a program to end, as a deploy does; return its status."""
        _, process = self._running.pop(name)
        process.terminate()
        return process.wait(seconds)

    def torment(
        self, victims: Sequence[str], kills: int, chance: random.Random, keep_busy: Callable[[], None]
    ) -> None:
        """Kill one of the victims at a random moment, `kills` times; `keep_busy` sees to it that there is work."""
        for _ in range(kills):
            patiently(keep_busy)
            victim = chance.choice(victims)
            if victim in self._running:
                wait_until(partial(self.is_up, victim), f"{victim} is up")
            time.sleep(chance.uniform(0.05, 1.0))
            self.kill(victim)

    def is_up(self, name: str) -> bool:
        """Tell whether a program has got to work since its last start: a kill before that meets nothing."""
        if b"ready for action" in self._log(name).read_bytes():
            return True
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s", [self._label(name)]
            )
            return bool((cursor.fetchone() or (0,))[0])

    def tell(self) -> str:
        """Return the last words of every program."""
        logs = sorted(self._directory.iterdir(), key=lambda log: log.stat().st_mtime)
        return "\n".join(f"--- {log.name}\n{log.read_text(errors='replace')[-4_000:]}" for log in logs[-8:])

    def _run(self, name: str, command: Sequence[str]) -> subprocess.Popen[bytes]:
        self._starts[name] += 1
        environment = {**self.environment, "PGAPPNAME": self._label(name)}  # libpq's name for a connection
        with self._log(name).open("wb") as log:
            return subprocess.Popen(
                command, cwd=settings.BASE_DIR, env=environment, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    def _label(self, name: str) -> str:
        return f"{name} {self._starts[name]}"

    def _log(self, name: str) -> Path:
        return self._directory / f"{self._label(name)}.log"

    def _kill_web_process(self) -> None:
        wait_until(lambda: bool(self._web_processes()), "the web server is up")
        for process in self._web_processes()[:1]:
            process.kill()

    def _web_processes(self) -> list[psutil.Process]:
        """Return the processes that answer requests; their parent is gunicorn, too."""
        everybody = psutil.Process(self._running["up"][1].pid).children(recursive=True)
        web = {process.pid: process for process in everybody if "gunicorn" in " ".join(words_of(process))}
        return [process for process in web.values() if parent_of(process) in web]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: Any) -> None:
        self.clear()

    def clear(self) -> None:
        """End all programs."""
        for _command, process in self._running.values():
            kill_group(process)
        self._running.clear()


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill a program and those of its group; the guardian of `up` ends the rest."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def end_postgres(order: signal.Signals) -> None:
    """End the suite's database; whoever needs it next starts it again."""
    patiently(answer)
    postgres().send_signal(order)


@contextmanager
def slow_commits() -> Iterator[None]:
    """Have each commit wait for a tenth of a second, as on a disk that is slow to confirm."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER SYSTEM SET commit_delay = 100000")  # microseconds
        cursor.execute("ALTER SYSTEM SET commit_siblings = 0")  # though nobody else is at work
        cursor.execute("SELECT pg_reload_conf()")
    try:
        wait_until(lambda: _seconds_of_a_commit() > 0.1, "commits are slow", 10)
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER SYSTEM RESET ALL")
            cursor.execute("SELECT pg_reload_conf()")


def _seconds_of_a_commit() -> float:
    start = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_logical_emit_message(true, 'slow', '')")
    return time.monotonic() - start


def stand_still(seconds: float) -> None:
    """Have the database do nothing for so long, as all who wait for a disk that does not answer."""
    patiently(answer)
    server = postgres()
    stopped = [server]
    try:
        server.suspend()  # and it starts nobody else
        stopped += server.children(recursive=True)
        for process in stopped[1:]:
            with suppress(psutil.NoSuchProcess):
                process.suspend()
        time.sleep(seconds)
    finally:
        for process in reversed(stopped):
            with suppress(psutil.NoSuchProcess):
                process.resume()


def postgres() -> psutil.Process:
    """Return the server of the suite's database, which runs."""
    state = str(settings.STATE_DIR)
    for process in psutil.process_iter(["name"]):
        words = words_of(process) if process.info["name"] == "postgres" else []
        if "-D" in words and any(state in word for word in words):
            return process
    raise AssertionError("the database has no server")


def words_of(process: psutil.Process) -> list[str]:
    """Return the command line of a process that may be gone."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def answer() -> None:
    """Have the database answer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT")


def parent_of(process: psutil.Process) -> int | None:
    """Return the parent of a process that may be gone."""
    try:
        return process.ppid()
    except psutil.Error:
        return None


def patiently(look: Callable[[], T], seconds: float = PATIENCE) -> T:
    """Do something with the database that may be away for a moment."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return look()
        except DatabaseError:
            connection.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def wait_until(true: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    """Wait until something has become true."""
    deadline = time.monotonic() + seconds
    while not patiently(true):
        assert time.monotonic() < deadline, f"after {seconds} seconds not yet: {what}"
        time.sleep(0.2)


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    """Tell whether somebody listens on a port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
