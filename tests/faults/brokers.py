"""Brokers on loopback that can be killed, emptied and started again."""

import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults.stage import BESIDE, free_port, listens

RABBIT = Path(
    "/usr/lib/rabbitmq/bin/rabbitmq-server"
)  # Debian's command beside it insists on a user of its own


class Broker:
    """A server in a process group of its own."""

    port: int
    command: list[str]
    environment: dict[str, str]

    def start(self, seconds: float = 90) -> None:
        """Start it, and wait until it listens."""
        self._process = subprocess.Popen(
            self.command, env={**os.environ, **self.environment}, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        deadline = time.monotonic() + seconds
        while not listens(self.port):
            assert self._process.poll() is None and time.monotonic() < deadline, self.command
            time.sleep(0.05)

    def kill(self) -> None:
        """Kill it."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def restart(self) -> None:
        """Kill it and start it again."""
        self.kill()
        self.start()


class Redis(Broker):
    """A Redis that keeps nothing over a restart."""

    environment: dict[str, str] = {}

    def __init__(self, directory: Path) -> None:
        server = shutil.which("redis-server", path=str(BESIDE)) or shutil.which("redis-server")
        if server is None:
            pytest.skip("there is no redis-server for this platform")
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        options = {"--bind": "127.0.0.1", "--port": str(self.port), "--save": "", "--dir": str(directory)}
        self.command = [server, *(part for option in options.items() for part in option)]
        self.start()

    def empty(self) -> None:
        """Forget every message."""
        with socket.create_connection(("127.0.0.1", self.port)) as line:
            line.sendall(b"FLUSHALL\r\n")
            assert line.recv(100).startswith(b"+OK")


class Rabbit(Broker):
    """A RabbitMQ node of its own."""

    def __init__(self, directory: Path) -> None:
        if not RABBIT.exists():
            pytest.skip("RabbitMQ is not installed (Debian: apt install rabbitmq-server)")
        self.port = free_port()
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}"
        (directory / "plugins").write_text("[].")
        self.command = [str(RABBIT)]
        self.environment = {
            "HOME": str(directory),  # the cookie of the node
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"faults{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(directory / "plugins"),
            "RABBITMQ_CONFIG_FILE": str(directory / "none"),
            **{f"RABBITMQ_{name}_BASE": str(directory / name.lower()) for name in ("MNESIA", "LOG")},
            "RABBITMQ_PID_FILE": str(directory / "pid"),
        }
        self.start()
