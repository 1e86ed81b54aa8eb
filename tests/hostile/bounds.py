"""How much memory something takes at its height, here and in the git it starts."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

MEBIBYTE = 1 << 20
STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")
SHIM = """\
#!{python} -IS
import os, resource, subprocess, sys
done = subprocess.run(["{git}", *sys.argv[1:]])
if sys.argv[1].startswith("--git-dir="):  # as we start it: a server on this machine does otherwise
    with open("{log}", "a") as log:
        log.write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) + "\\n")
sys.exit(done.returncode if done.returncode >= 0 else 128 - done.returncode)
"""


@dataclass
class Height:
    """Bytes at the height: by how much this process grew, and how large the largest git was."""

    own: int = 0
    log: Path = field(default_factory=Path)

    @property
    def git(self) -> int:
        """The most that any git had, its own children included."""
        lines = self.log.read_text().split() if self.log.exists() else []
        return max(map(int, lines), default=0) * 1024


@contextmanager
def measured(tmp_path: Path) -> Iterator[Height]:
    """Measure what happens in the block; skip the test where the kernel does not tell."""
    if not RESET.exists():
        pytest.skip("the height of a process's memory is asked of Linux")
    folder = tmp_path / "shim"
    folder.mkdir(exist_ok=True)
    height = Height(log=folder / "heights")
    shim = folder / "git"
    shim.write_text(SHIM.format(python=sys.executable, git=shutil.which("git"), log=height.log))
    shim.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(folder), prepend=":")
        RESET.write_text("5")  # the height begins anew
        before = _read("VmRSS")
        yield height
        height.own = _read("VmHWM") - before


def _read(name: str) -> int:
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) * 1024
