"""`manage.py demo` as people run it and as others end it."""

import signal
import socket
import sys
from pathlib import Path

import pytest

from tests.embedded.tools import open_directory
from tests.repositories import Repository
from tests.up.running import PROJECT, running


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.mark.timeout(300)
@pytest.mark.parametrize("order", [signal.SIGINT, signal.SIGTERM])
def test_all_that_the_demo_started_ends_with_it(order: signal.Signals, tmp_path: Path) -> None:
    repository = Repository(tmp_path / "shop", {"README.md": "# Acme\n\nA shop for anvils.\n"})
    command = [sys.executable, str(PROJECT / "manage.py"), "demo", "--path", str(repository.path)]
    with open_directory() as home:
        environment = {
            "DJANGO_SETTINGS_MODULE": "lightfast.settings",
            "STATE_DIR": str(home),
            "EMBEDDED_DURABLE": "false",
        }
        with running([*command, "--port", str(free_port())], **environment) as demo:
            demo.wait_for("Serving until you press Ctrl-C", seconds=180)
            assert demo.end(order) == 0
            demo.wait_until_all_are_gone()
        assert any("Stopping" in line for line in demo.lines)
