"""The web server as people run it, on the database of a test."""

import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from tests.up.running import PROJECT, Running, running


@contextmanager
def serving(environment: dict[str, str], port: int = 0) -> Iterator[tuple[str, Running]]:
    """Run the web server alone; yields its address and its process tree."""
    command = [sys.executable, str(PROJECT / "manage.py"), "up", "--port", str(port), "--workers", "1"]
    with running([*command, "--no-worker", "--no-scheduler"], **environment) as tree:
        address = tree.wait_for("listens on http").split()[-1]
        wait_until_healthy(address, tree)
        yield address, tree


def wait_until_healthy(address: str, tree: Running, seconds: float = 90) -> None:
    """Wait until the server answers."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(f"{address}/health/ready", timeout=10):
                return
        except (urllib.error.URLError, OSError):
            assert time.monotonic() < deadline, "\n".join(tree.lines)
            time.sleep(0.1)
