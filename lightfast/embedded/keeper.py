"""The keeper: a process of its own that starts the server and stops it when its last user is gone."""

import contextlib
import os
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import psutil

from lightfast.embedded import cluster, locks
from lightfast.embedded.errors import EmbeddedError
from lightfast.embedded.paths import READY, Paths
from lightfast.embedded.placement import Site, prepare

_LOOK_SECONDS = 0.2


def keep(
    state_dir: Path, *, durable: bool, linger: float, start_lock: int, keeper_lock: int, report: int
) -> int:
    """Start the server, say so on `report`, and serve until nobody has used it for `linger` seconds.

    The descriptors of both locks are inherited from the process that starts the keeper, held already. The
    keeper's own lock lasts until it ends, so that there is never a second one.
    """
    # Not a child of whoever happened to need the server first: nobody has to reap it.
    if os.fork():
        os._exit(0)
    for descriptor in (start_lock, keeper_lock, report):
        os.set_inheritable(descriptor, False)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])  # whatever the starter blocked
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    stop_asked: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: stop_asked.append(number))
    paths = Paths.of(state_dir)
    try:
        site = prepare(paths)
        cluster.create(site, durable=durable)
        with os.fdopen(os.dup(sys.stderr.fileno()), "r+b") as log:
            postmaster = cluster.start(site, log, durable=durable)
    except (EmbeddedError, OSError, psutil.Error) as error:
        _say(f"cannot start: {error}")
        _report(report, str(error))
        return 1
    _say(f"serves {paths.state} as process {postmaster.pid} of user {site.account.name}, data in {site.data}")
    _report(report, READY)
    locks.release(start_lock)
    os.close(start_lock)
    _watch(paths, site, postmaster, linger, stop_asked)
    return 0


def _watch(
    paths: Paths, site: Site, postmaster: psutil.Process, linger: float, stop_asked: list[int]
) -> None:
    users = locks.open_for_owner(paths.users_lock)
    unused_since: float | None = None
    while cluster.alive(postmaster):
        if stop_asked or not site.socket.exists():
            _say(
                "stops the server: " + ("it is asked to" if stop_asked else f"somebody removed {site.socket}")
            )
            break
        if locks.take(users, locks.EXCLUSIVE):
            now = time.monotonic()
            unused_since = unused_since if unused_since is not None else now
            if now - unused_since >= linger:
                # The lock is kept: whoever comes now waits until the server is down, then starts it again.
                _say("stops the server: nobody uses it")
                break
            locks.release(users)
        else:
            unused_since = None
        time.sleep(_LOOK_SECONDS)
    else:
        _say("ends: the server is gone; the next connection starts it again")
        return
    cluster.stop(site, postmaster)
    if paths.socket_dir.parent != paths.state:
        with contextlib.suppress(OSError):  # left in /tmp it would stay for good
            paths.socket_dir.rmdir()
    _say("has stopped the server")


def _say(text: str) -> None:
    sys.stderr.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S UTC} [{os.getpid()}] keeper: {text}\n")
    sys.stderr.flush()


def _report(descriptor: int, text: str) -> None:
    with contextlib.suppress(
        BrokenPipeError
    ):  # whoever started the keeper may be gone; it serves all the same
        os.write(descriptor, text.encode())
    os.close(descriptor)
