"""File locks that end with the process that holds them, however it ends."""

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lightfast.embedded.errors import EmbeddedError

SHARED, EXCLUSIVE = fcntl.LOCK_SH, fcntl.LOCK_EX


def open_for_owner(path: Path, flags: int = os.O_RDWR) -> int:
    """Open or create `path`, readable only by the owner of its directory even when root creates it."""
    descriptor = os.open(path, flags | os.O_CREAT, 0o600)
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)
    return descriptor


def take(descriptor: int, kind: int) -> bool:
    """Take a lock if that needs no waiting."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            return False
        raise
    return True


def wait_for(descriptor: int, kind: int, path: Path, seconds: float) -> None:
    """Take a lock, however many processes come first; raise EmbeddedError after `seconds`."""
    deadline = time.monotonic() + seconds
    while not take(descriptor, kind):
        if time.monotonic() > deadline:
            raise EmbeddedError(
                f"Another process has held {path} for {seconds:.0f} seconds: it hangs while it starts or "
                f"stops the embedded Postgres. `fuser {path}` names it; end it, then try again."
            )
        time.sleep(0.02)


def release(descriptor: int) -> None:
    """Give a lock up in every process that shares this open file."""
    fcntl.flock(descriptor, fcntl.LOCK_UN)


@contextmanager
def exclusively(path: Path, seconds: float) -> Iterator[int]:
    """Hold `path` exclusively; yields its descriptor."""
    descriptor = open_for_owner(path)
    try:
        wait_for(descriptor, EXCLUSIVE, path, seconds)
        try:
            yield descriptor
        finally:
            release(descriptor)
    finally:
        os.close(descriptor)
