"""`python -m lightfast.guardian`: end process groups when whoever started them ends, even by `kill -9`.

Its arguments are the first groups; its input adds and removes others by `+GROUP` and `-GROUP` lines. The end of its
input is the end of its parent. Only Linux could have the kernel do this (PR_SET_PDEATHSIG), and for direct children
alone.
"""

import os
import signal
import sys
import time

GRACE_SECONDS = 8.0


def signal_group(group: int, order: int) -> bool:
    """Send a signal to a process group, 0 for none; tells whether there was anybody to get it."""
    try:
        os.killpg(group, order)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def guard() -> None:
    """Wait for the parent's end, then end what it had started."""
    for order in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(order, signal.SIG_IGN)
    groups = set(map(int, sys.argv[1:]))
    for line in sys.stdin:
        (groups.add if line.startswith("+") else groups.discard)(int(line[1:]))
    left = [group for group in groups if signal_group(group, signal.SIGTERM)]
    deadline = time.monotonic() + GRACE_SECONDS
    while left and time.monotonic() < deadline:
        time.sleep(0.1)
        left = [group for group in left if signal_group(group, 0)]
    for group in left:
        signal_group(group, signal.SIGKILL)


if __name__ == "__main__":
    guard()
