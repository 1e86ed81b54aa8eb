"""File locks that end with the process that holds them, however it ends."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Busy(Exception):
    """Somebody else holds the lock."""


@contextmanager
def exclusively(path: Path, seconds: float) -> Iterator[None]:
    """Hold `path` alone, waiting at most `seconds`; raise `Busy`."""
    with _held(path, fcntl.LOCK_EX, seconds):
        yield


@contextmanager
def shared(path: Path, seconds: float) -> Iterator[None]:
    """Hold `path` together with others, waiting at most `seconds`; raise `Busy`."""
    with _held(path, fcntl.LOCK_SH, seconds):
        yield


@contextmanager
def _held(path: Path, kind: int, seconds: float) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        deadline = time.monotonic() + seconds
        while not _take(descriptor, kind):
            if time.monotonic() >= deadline:
                raise Busy(path)
            time.sleep(0.05)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
