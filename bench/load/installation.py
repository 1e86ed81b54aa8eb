"""An installation of its own for the time of a measurement: state, database, and the processes of `manage.py up`."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BASE = Path(__file__).resolve().parents[2]
LISTENS = re.compile(r"listens on (http://\S+)")
PATIENCE = 120  # seconds until it serves


def prepare(state: Path, **settings: str) -> None:
    """Set Django up in this process, on the state that the others will use, and make the tables."""
    os.environ |= {
        "STATE_DIR": str(state), "READ_DOTENV": "false", "LOG_LEVEL": "ERROR", "EMBEDDER": "null", **settings,
    }  # fmt: skip
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lightfast.settings")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


@contextmanager
def up(*options: str, **settings: str) -> Iterator[str]:
    """Run `manage.py up` with these settings, and give its address once it is ready to serve."""
    command = [sys.executable, "manage.py", "up", "--port", "0", *options]
    process = subprocess.Popen(
        command, cwd=BASE, env=os.environ | settings, text=True, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert process.stdout is not None
    lines: list[str] = []
    try:
        address = ""
        for line in process.stdout:
            lines.append(line)
            if found := LISTENS.search(line):
                address = found[1]
                break
        assert address, "It does not start:\n" + "".join(lines)
        threading.Thread(target=lines.extend, args=(process.stdout,), daemon=True).start()
        _wait_until_ready(address, lines)
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def _wait_until_ready(address: str, lines: list[str]) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{address}/health/ready", timeout=5):  # noqa: S310 - our own server
                return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError("It does not come up:\n" + "".join(lines))
