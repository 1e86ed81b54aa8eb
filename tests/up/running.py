"""A process tree under test: what it says and who belongs to it."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Self

import psutil

PROJECT = Path(__file__).resolve().parents[2]


class Running:
    """A command, its output so far and everybody whom it ever started."""

    def __init__(self, command: Sequence[str], environment: dict[str, str]) -> None:
        # A mark in the environment finds even those who lost their parents.
        self.mark = f"TREE_UNDER_TEST={os.urandom(8).hex()}"
        env = {**os.environ, **environment, "PYTHONUNBUFFERED": "1", **dict([self.mark.split("=")])}
        self.process = subprocess.Popen(
            command, cwd=PROJECT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.stdout or ():
            self.lines.append(line.rstrip("\n"))

    def wait_for(self, text: str, times: int = 1, seconds: float = 60) -> str:
        """Wait until `text` was said so many times; returns the last line with it."""
        deadline = time.monotonic() + seconds
        while True:
            is_last_look = time.monotonic() > deadline or not self._reader.is_alive()
            if len(found := [line for line in self.lines if text in line]) >= times:
                return found[-1]
            assert not is_last_look, f"{text!r} never came:\n" + "\n".join(self.lines)
            time.sleep(0.05)

    def pid_of(self, name: str) -> int:
        """The process number of a program's latest start."""
        return int(self.wait_for(f"{name} started as process").split()[-1])

    def everybody(self) -> list[psutil.Process]:
        """All who run with the mark, but for the keeper and the server of an embedded Postgres."""
        return [process for process in psutil.process_iter() if self._is_ours(process)]

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            ours = self.mark.split("=")[1] == process.environ().get("TREE_UNDER_TEST")
            return ours and process.status() != psutil.STATUS_ZOMBIE and not _outlives(process)
        except psutil.Error:
            return False

    def wait_until_all_are_gone(self, seconds: float = 15) -> None:
        deadline = time.monotonic() + seconds
        while left := self.everybody():
            assert time.monotonic() < deadline, [process.cmdline() for process in left]
            time.sleep(0.05)

    def end(self, order: signal.Signals) -> int:
        """Send a signal and wait for the end; returns the status."""
        self.process.send_signal(order)
        return self.process.wait(20)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: Any) -> None:
        with contextlib.suppress(psutil.NoSuchProcess):
            for process in [psutil.Process(self.process.pid), *self.everybody()]:
                process.kill()
        self.process.wait()
        self._reader.join()
        if self.process.stdout:
            self.process.stdout.close()


def _outlives(process: psutil.Process) -> bool:
    return "lightfast.embedded" in process.cmdline() or process.name().startswith("postgres")


@contextlib.contextmanager
def running(command: Sequence[str], **environment: str) -> Iterator[Running]:
    """Run a command in the project; whatever is left of it at the end is killed."""
    with Running(command, environment) as run:
        yield run
