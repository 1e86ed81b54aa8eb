"""Programs that run together: output with names, restarts within reason, one end for all."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

from lightfast.guardian import GRACE_SECONDS, signal_group

Write = Callable[[str, str], None]

_RESTARTS = 5
_RESTARTS_WITHIN_SECONDS = 60.0
_LOOK_SECONDS = 0.1
# A program starts only when the guardian knows of it, so that no moment is unguarded.
_WHEN_TOLD = ["/bin/sh", "-c", 'read -r _ || exit 1; exec "$@" </dev/null', "sh"]


@dataclass
class Program:
    """A long-running command; `pass_fds` are open in it too, and a `niceness` above 0 lets others go before it."""

    name: str
    command: Sequence[str]
    pass_fds: tuple[int, ...] = ()
    niceness: int = 0
    process: subprocess.Popen[bytes] | None = None
    ends: deque[float] = field(default_factory=deque)
    starts_at: float = 0.0


class ProcessTree:
    """Runs programs in `directory` until one fails for good or a signal asks for the end of all."""

    def __init__(
        self,
        programs: Sequence[Program],
        directory: Path,
        write: Write,
        *,
        grace: float = GRACE_SECONDS,
        first_pause: float = 0.5,
    ) -> None:
        self._programs = programs
        self._directory = directory
        self._write = write
        self._grace = grace  # seconds from the request to stop to the kill
        self._first_pause = first_pause  # seconds before a restart; each further one doubles it
        self._asked: list[int] = []
        self._guardian: subprocess.Popen[bytes] | None = None
        self._relays: list[threading.Thread] = []

    def run(self) -> str | None:
        """Run; returns why it failed, or None when SIGINT, SIGTERM or SIGHUP ended it. Main thread only."""
        orders = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {order: signal.signal(order, lambda got, _: self._asked.append(got)) for order in orders}
        try:
            failure = None
            while not self._asked and failure is None:
                self._guard()
                failure = self._look_after_all()
                time.sleep(_LOOK_SECONDS)
            return failure
        finally:
            self._end()
            for order, handler in before.items():
                signal.signal(order, handler)

    def _look_after_all(self) -> str | None:
        for program in self._programs:
            if program.process is None:
                if time.monotonic() >= program.starts_at:
                    self._start(program)
            elif (status := program.process.poll()) is not None:
                self._clear(program.process)
                program.process = None
                if failure := self._plan_restart(program, status):
                    return failure
        return None

    def _start(self, program: Program) -> None:
        polite = ["nice", "-n", str(program.niceness)] if program.niceness else []
        program.process = process = subprocess.Popen(
            [*_WHEN_TOLD, *polite, *program.command], cwd=self._directory, env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, pass_fds=program.pass_fds,
            start_new_session=True,
        )  # fmt: skip
        self._tell_guardian(f"+{process.pid}")
        if program.niceness:
            # Where Linux shares out between sessions, it is the session that has to be polite.
            with contextlib.suppress(OSError):
                Path(f"/proc/{process.pid}/autogroup").write_text(str(program.niceness))
        with contextlib.suppress(BrokenPipeError), cast(IO[bytes], process.stdin) as told:
            told.write(b"\n")
        relay = threading.Thread(target=self._relay, args=(program.name, process.stdout), daemon=True)
        relay.start()
        self._relays.append(relay)
        self._write("up", f"{program.name} started as process {process.pid}")

    def _relay(self, name: str, output: IO[bytes]) -> None:
        with output:
            for line in output:
                self._write(name, line.decode(errors="replace").rstrip("\n"))

    def _plan_restart(self, program: Program, status: int) -> str | None:
        """Decide when a program that ended starts again; returns a reason to give up."""
        now = time.monotonic()
        program.ends.append(now)
        while program.ends[0] < now - _RESTARTS_WITHIN_SECONDS:
            program.ends.popleft()
        how = f"was killed by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"
        if len(program.ends) > _RESTARTS:
            return f"{program.name} {how}, for the {len(program.ends)}th time within a minute"
        pause = self._first_pause * 2 ** (len(program.ends) - 1)
        program.starts_at = now + pause
        self._write("up", f"{program.name} {how}; it starts again in {pause:g} s")
        return None

    def _clear(self, process: subprocess.Popen[bytes]) -> None:
        """End what a process that ended has left of its group."""
        signal_group(process.pid, signal.SIGKILL)
        self._tell_guardian(f"-{process.pid}")

    def _end(self) -> None:
        """End all programs within the grace time, at once when asked a second time."""
        asked = len(self._asked)
        running = [(program.name, program.process) for program in self._programs if program.process]
        self._write("up", "stopping " + ", ".join(name for name, _ in running))
        for _, process in running:
            process.terminate()
        deadline = time.monotonic() + self._grace
        while any(process.poll() is None for _, process in running):
            if time.monotonic() > deadline or len(self._asked) > asked:
                break
            time.sleep(0.05)
        for name, process in running:
            if process.poll() is None:
                self._write("up", f"{name} did not stop in time and is killed")
            self._clear(process)
            process.wait()
        if self._guardian:
            cast(IO[bytes], self._guardian.stdin).close()
            self._guardian.wait()
        for relay in self._relays:
            relay.join(timeout=1)

    def _guard(self) -> None:
        """Start the guardian, or another one if somebody killed it."""
        if self._guardian and self._guardian.poll() is None:
            return
        groups = [str(program.process.pid) for program in self._programs if program.process]
        command = [sys.executable, "-m", "lightfast.guardian", *groups]
        self._guardian = subprocess.Popen(
            command, cwd=self._directory, stdin=subprocess.PIPE, start_new_session=True
        )

    def _tell_guardian(self, line: str) -> None:
        if self._guardian:
            told = cast(IO[bytes], self._guardian.stdin)
            # If somebody killed it a moment ago, its successor learns everything.
            with contextlib.suppress(BrokenPipeError):
                told.write(f"{line}\n".encode())
                told.flush()
