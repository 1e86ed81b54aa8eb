"""Programs in one tree: named output, restarts within reason, one end for all."""

import os
import signal
import sys

import psutil
import pytest

from tests.up.running import Running, running

TREE = [sys.executable, "-m", "tests.up.tree"]
FOREVER = "sleep 1000 & echo ready; wait"
STUBBORN = "trap '' TERM; echo ready; while true; do sleep 0.1; done"


def test_every_line_carries_the_name_of_its_program() -> None:
    with running([*TREE, "one=echo first; sleep 1000", "two=printf 'caf\\351\\n' >&2; sleep 1000"]) as tree:
        tree.wait_for("one: first")
        tree.wait_for("two: caf\N{REPLACEMENT CHARACTER}")


@pytest.mark.parametrize("order", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_everybody_with_status_0(order: signal.Signals) -> None:
    with running([*TREE, f"one={FOREVER}", f"two={FOREVER}"]) as tree:
        tree.wait_for("ready", times=2)
        assert len(tree.everybody()) == 6  # the tree, its guardian, two programs with a child each
        assert tree.end(order) == 0
        tree.wait_until_all_are_gone()


def test_a_second_signal_kills_who_does_not_stop() -> None:
    with running([*TREE, f"one={STUBBORN}"]) as tree:
        tree.wait_for("ready")
        tree.process.send_signal(signal.SIGINT)
        tree.wait_for("stopping one")
        assert tree.end(signal.SIGINT) == 0
        assert "up: one did not stop in time and is killed" in tree.lines
        tree.wait_until_all_are_gone()


def test_who_does_not_stop_is_killed_in_the_end() -> None:
    with running([*TREE, f"one={STUBBORN}"]) as tree:
        tree.wait_for("ready")
        assert tree.end(signal.SIGTERM) == 0
        tree.wait_until_all_are_gone()


def test_a_killed_program_is_reported_and_started_again_without_its_remains() -> None:
    with running([*TREE, f"one={FOREVER}", f"two={FOREVER}"]) as tree:
        tree.wait_for("ready", times=2)
        before = {process.pid for process in tree.everybody()}
        os.kill(tree.pid_of("one"), signal.SIGKILL)
        tree.wait_for("one was killed by SIGKILL; it starts again in 0.05 s")
        tree.wait_for("ready", times=3)
        assert len({process.pid for process in tree.everybody()} - before) == 2
        assert len({process.pid for process in tree.everybody()}) == len(before)


def test_a_program_that_ends_again_and_again_ends_the_tree_with_a_failure() -> None:
    with running([*TREE, "one=exit 3", f"two={FOREVER}"]) as tree:
        assert tree.process.wait(30) == 1
        tree.wait_for("one ended with status 3, for the 6th time within a minute")
        tree.wait_until_all_are_gone()


def test_nobody_is_left_when_the_tree_itself_is_killed() -> None:
    with running([*TREE, f"one={FOREVER}", f"two={FOREVER}"]) as tree:
        tree.wait_for("ready", times=2)
        assert tree.end(signal.SIGKILL) == -signal.SIGKILL
        tree.wait_until_all_are_gone()


def test_a_killed_guardian_has_a_successor() -> None:
    with running([*TREE, f"one={FOREVER}"]) as tree:
        tree.wait_for("ready")
        (first,) = guardians(tree)
        first.kill()
        while guardians(tree) in ([], [first]):
            assert tree.process.poll() is None
        tree.process.kill()
        tree.wait_until_all_are_gone()


def guardians(tree: Running) -> list[psutil.Process]:
    return [process for process in tree.everybody() if "lightfast.guardian" in _command(process)]


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []
