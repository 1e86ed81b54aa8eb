"""Running git: none of this machine's configuration, nobody to ask, no way out but the protocols named."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen, TimeoutExpired
from tempfile import TemporaryFile
from typing import IO, Any, NamedTuple, cast

from ingestion.sources.errors import SourceError

SECONDS = 120  # that a command without a time limit of its own may take
BLOCK = 512  # bytes, of `ulimit -f`
# A shell bounds the files that git and its helpers may write. With the signal ignored, they say so and end.
BOUNDED = ("sh", "-c", 'trap "" XFSZ && ulimit -f "$1" && shift && exec "$@"', "sh")

PASSED_ON = (
    "PATH", "TMPDIR", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH",
    "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY",
)  # fmt: skip

# HOME keeps git and curl off the configuration, attributes and .netrc of the account that we run under.
FIXED = {
    "HOME": os.devnull,
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
}

CONFIG = (
    ("core.bigFileThreshold", "8m"),  # larger ones are never in memory whole
    ("core.hooksPath", os.devnull),
    ("core.fsmonitor", "false"),
    ("credential.helper", ""),
    ("fetch.recurseSubmodules", "false"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
)


class GitFailed(Exception):
    """Git ended with an error; `stderr` is what it said."""

    def __init__(self, command: str, stderr: str) -> None:
        lines = [line for line in stderr.splitlines() if line.strip()]
        fatal = [line for line in lines if line.startswith(("fatal:", "error:"))]
        self.reason = ([*lines[-1:], *fatal[-1:]] or ["no message"])[-1].removeprefix("fatal: ")
        super().__init__(f"git {command}: {self.reason}")
        self.stderr = stderr


class Pipes(NamedTuple):
    """The ends that we hold; `write` only where git is talked to."""

    write: IO[bytes]
    read: IO[bytes]


@dataclass(frozen=True, slots=True)
class Git:
    """How git is run on one repository. `protocols` are those it may use; secrets go into `config` only.

    It writes no file larger than `most_bytes`, and of a fetch all goes into one; 0 is no limit.

    The configuration travels in the environment: arguments are there for everybody on the machine to see. Naming
    the git directory outright makes git read repositories that belong to another account.
    """

    directory: Path
    config: tuple[tuple[str, str], ...] = ()
    protocols: tuple[str, ...] = ()
    most_bytes: int = 0

    def run(self, *arguments: str, data: bytes | None = None, seconds: float = SECONDS) -> bytes:
        """Return what git writes; raise `GitFailed`, also when it takes longer than `seconds`."""
        process = self._start(arguments, stdin=DEVNULL if data is None else PIPE, stderr=PIPE)
        try:
            output, errors = process.communicate(data, timeout=seconds)
        except TimeoutExpired:
            raise GitFailed(arguments[0], f"timed out after {seconds:.0f} seconds") from None
        finally:
            _end(process)
        if process.returncode:
            raise GitFailed(arguments[0], errors.decode(errors="replace"))
        return output

    @contextmanager
    def stream(self, *arguments: str, talk: bool = False) -> Iterator[Pipes]:
        """Run git beside us; `talk` opens its standard input.

        Raises `GitFailed` when the block is left, also for a `BrokenPipeError` or `EOFError` in it. A block that is
        left in peace has read all that git writes.
        """
        with TemporaryFile() as errors:
            process = self._start(arguments, stdin=PIPE if talk else DEVNULL, stderr=errors)
            ended_early = False
            try:
                try:
                    yield Pipes(cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout))
                    if process.stdin:
                        process.stdin.close()
                except (BrokenPipeError, EOFError):
                    ended_early = True
                process.wait()
            finally:
                _end(process)
            if process.returncode or ended_early:
                errors.seek(0)
                raise GitFailed(arguments[0], errors.read().decode(errors="replace"))

    def _start(self, arguments: tuple[str, ...], *, stdin: int, stderr: int | IO[bytes]) -> Popen[bytes]:
        command = ["git", f"--git-dir={self.directory}", *arguments]
        if self.most_bytes:
            command = [*BOUNDED, str(max(1, self.most_bytes // BLOCK)), *command]
        environment = self._environment()
        try:
            return Popen(
                command,
                stdin=stdin,
                stdout=PIPE,
                stderr=stderr,
                cwd="/",
                env=environment,
                start_new_session=True,
            )
        except FileNotFoundError:
            raise SourceError("Git was not found on this machine: install git 2.34 or newer.") from None

    def _environment(self) -> dict[str, str]:
        environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        environment |= FIXED | {"GIT_ALLOW_PROTOCOL": ":".join(self.protocols) or "none"}
        config = (*CONFIG, *self.config)
        environment["GIT_CONFIG_COUNT"] = str(len(config))
        for number, (key, value) in enumerate(config):
            environment[f"GIT_CONFIG_KEY_{number}"] = key
            environment[f"GIT_CONFIG_VALUE_{number}"] = value
        return environment


def _end(process: Popen[Any]) -> None:
    """Kill the process and those it has started, unless it is done; close our ends of its pipes."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            try:
                pipe.close()
            except BrokenPipeError:
                pass
