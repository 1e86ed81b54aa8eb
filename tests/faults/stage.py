"""The processes of an installation, to be killed one by one."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeVar

import psutil
from django.conf import settings
from django.db import DatabaseError, connection

T = TypeVar("T")

PATIENCE = 240  # seconds until everything must have settled
MANAGE = [sys.executable, "manage.py"]
COMMANDS: dict[str, Sequence[str]] = {
    "worker": [*MANAGE, "rundramatiq", "--processes", "1", "--threads", "2"],
    "scheduler": [*MANAGE, "scheduler", "--interval", "0.5"],
    "web": [sys.executable, "-m", "gunicorn", "lightfast.wsgi", "--workers", "1", "--threads", "4"],
}
POSTGRES = "postgres"


class Stage:
    """Starts programs on the suite's database; `kills` counts whom it killed."""

    def __init__(self, log: Path, environment: Mapping[str, str] | None = None) -> None:
        own = {"DJANGO_SETTINGS_MODULE": "lightfast.settings", "LOG_FORMAT": "json"}
        self.environment = {**os.environ, **own, **(environment or {})}
        self.kills: Counter[str] = Counter()
        self._log = log.open("ab")
        self._running: dict[str, tuple[list[str], subprocess.Popen[bytes]]] = {}
        self._starts: Counter[str] = Counter()

    def start(self, name: str, *options: str, prefix: Sequence[str] = ()) -> None:
        """Start a program of `COMMANDS`; what follows a dash in `name` only tells several apart."""
        command = [*prefix, *COMMANDS[name.partition("-")[0]], *options]
        self._running[name] = command, self._run(name, command)

    def kill(self, name: str) -> None:
        """Kill a program with everybody it has started, or the database's server; start the program again."""
        if name == POSTGRES:
            patiently(connection.ensure_connection)
            server = postmaster()
            assert server is not None
            server.kill()
            self.kills[name] += 1
            return
        command, process = self._running[name]
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.kills[name] += 1
        self._running[name] = command, self._run(name, command)

    def _run(self, name: str, command: Sequence[str]) -> subprocess.Popen[bytes]:
        self._starts[name] += 1
        environment = {**self.environment, "PGAPPNAME": self._label(name)}  # libpq's name for a connection
        return subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=environment, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log,
        )  # fmt: skip

    def _label(self, name: str) -> str:
        return f"{name} {self._starts[name]}"

    def is_up(self, name: str) -> bool:
        """Tell whether a program has reached the database since its last start: a kill before that meets nothing."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s", [self._label(name)]
            )
            return bool((cursor.fetchone() or (0,))[0])

    def torment(
        self, victims: Sequence[str], kills: int, chance: random.Random, keep_busy: Callable[[], None]
    ) -> None:
        """Kill one of the victims at a random moment, `kills` times; `keep_busy` sees to it that there is work."""
        for _ in range(kills):
            patiently(keep_busy)
            victim = chance.choice(victims)
            if victim != POSTGRES:
                wait_until(partial(self.is_up, victim), f"{victim} is up")
            time.sleep(chance.uniform(0.05, 1.2))
            self.kill(victim)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: Any) -> None:
        for _command, process in self._running.values():
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self._log.close()


def postmaster() -> psutil.Process | None:
    """Return the server of the suite's database."""
    state = str(settings.STATE_DIR)
    for process in psutil.process_iter(["name", "cmdline", "ppid"]):
        arguments = " ".join(process.info["cmdline"] or ())
        if process.info["name"] == POSTGRES and state in arguments and "-D" in arguments:
            return process
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
        time.sleep(0.3)
