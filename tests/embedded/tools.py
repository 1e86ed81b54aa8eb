"""Processes that use an embedded server, and a look at the server's own."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

PROJECT = Path(__file__).resolve().parents[2]
START_TIME = "SELECT pg_postmaster_start_time()"


class User:
    """A running `tests.embedded.user`."""

    def __init__(self, state: Path, linger: float = 0.3, uid: int | None = None, **environment: str) -> None:
        command = [sys.executable, "-m", "tests.embedded.user", str(state), str(linger)]
        command += [] if uid is None else [str(uid)]
        env, pipe = {**os.environ, **environment}, subprocess.PIPE
        self.process = subprocess.Popen(command, cwd=PROJECT, env=env, stdin=pipe, stdout=pipe, text=True)

    def ask(self, sql: str = START_TIME) -> None:
        assert self.process.stdin
        self.process.stdin.write(sql + "\n")
        self.process.stdin.flush()

    def hear(self) -> Any:
        assert self.process.stdout
        answer = json.loads(self.process.stdout.readline())
        return answer[0][0] if isinstance(answer, list) and answer else answer

    def says(self, sql: str = START_TIME) -> Any:
        self.ask(sql)
        return self.hear()

    def leave(self) -> None:
        for stream in (self.process.stdin, self.process.stdout):
            assert stream
            stream.close()
        self.process.wait()

    def kill(self) -> None:
        self.process.kill()
        self.leave()


Use = Callable[..., User]


def processes(*below: Path) -> list[psutil.Process]:
    """The postmasters, their children and the keepers of the state directories below these directories."""
    directories = tuple(map(str, below))

    def belongs(process: psutil.Process) -> bool:
        command = process.info["cmdline"] or []
        keeps = "lightfast.embedded" in command and any(part.startswith(directories) for part in command)
        return keeps or (process.info["cwd"] or "").startswith(directories)

    return [process for process in psutil.process_iter(["cwd", "cmdline"]) if belongs(process)]


def keeper(state: Path) -> psutil.Process:
    return next(found for found in processes(state) if "lightfast.embedded" in found.cmdline())


def postmaster(state: Path) -> psutil.Process:
    return psutil.Process(int((state / "data" / "postmaster.pid").read_text().split()[0]))


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s for: {what}"
        time.sleep(0.05)


def wait_until_stopped(state: Path) -> None:
    """Wait until nothing of the server is left, and check that it went down in order."""
    data = Path(os.path.realpath(state / "data")).parent
    wait_until(lambda: not processes(state, data), "the end of the server and its keeper")
    assert "database system is shut down" in (state / "postgres.log").read_text().splitlines()[-2]


def kill(*victims: psutil.Process) -> None:
    for victim in victims:
        victim.send_signal(signal.SIGKILL)
    wait_until(lambda: not any(alive(victim) for victim in victims), "the end of what was killed")


def alive(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def copy(database: Path, state: Path) -> Path:
    """Make a state directory with a copy of the database of another one that is stopped."""
    state.mkdir(parents=True)
    subprocess.run(["/bin/cp", "-a", database, state / "data"], check=True)
    return state


@contextmanager
def open_directory() -> Iterator[Path]:
    """Make a directory that any account can reach; end what runs in it and remove it afterwards."""
    path = Path(tempfile.mkdtemp(prefix="lightfast-test-"))
    path.chmod(0o755)
    try:
        yield path
    finally:
        elsewhere = [link.readlink().parent for link in path.rglob("data") if link.is_symlink()]
        kill(*processes(path, *elsewhere))
        for directory in (path, *elsewhere):
            shutil.rmtree(directory, ignore_errors=True)
