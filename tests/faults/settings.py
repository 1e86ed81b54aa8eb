"""The settings of the fault suite: this process and those it starts share the embedded database of one directory."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES, _state

SMALL_DISK = "1536m"
os.environ |= {
    "EMBEDDED_DURABLE": "true",
    "DATABASE_CONN_MAX_AGE": "60",  # who works is seen by its connection
    "EMBEDDER": "null",
    "LEASE_SECONDS": "2",
    "BATCH_DOCUMENTS": "5",
    "RUN_CONCURRENCY": "2",
}
DATABASES["default"]["DURABLE"] = True
LEASE_SECONDS, BATCH_DOCUMENTS, EMBEDDER = 2, 5, "null"


def _mount() -> bool:
    """Put the state on a disk of its own, which can be filled; tell whether this machine let us."""
    with tempfile.TemporaryDirectory() as aside:
        kept = shutil.copytree(_state, Path(aside) / "state")
        command = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK},mode=711", "tmpfs", str(_state)]
        if shutil.which("mount") is None or subprocess.run(command, capture_output=True).returncode:
            return False
        shutil.copytree(kept, _state, dirs_exist_ok=True)
        _state.chmod(0o711)
        return True


MOUNTED = _mount()
