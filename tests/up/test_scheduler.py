"""`manage.py scheduler` as it runs: what is due, again and again."""

import os
import signal
import sys
from pathlib import Path

import pytest

from tests.up.running import PROJECT, running

SCHEDULER = [sys.executable, str(PROJECT / "manage.py"), "scheduler"]
SETTINGS = """
from tests.settings import *
SCHEDULER_TICKS = ["ticks.broken", "ticks.sound"]
"""
TICKS = """
import sys
def broken():
    raise RuntimeError("out of order")
def sound():
    print("sound tick", flush=True)
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "ticking.py").write_text(SETTINGS)
    (tmp_path / "ticks.py").write_text(TICKS)
    path = os.pathsep.join([str(tmp_path), str(PROJECT)])
    return {"DJANGO_SETTINGS_MODULE": "ticking", "PYTHONPATH": path}


def test_it_ticks_again_and_again_though_one_tick_fails_until_asked_to_stop(
    environment: dict[str, str],
) -> None:
    with running([*SCHEDULER, "--interval", "0.1"], **environment) as scheduler:
        scheduler.wait_for("sound tick", times=3)
        scheduler.wait_for("ticks.broken failed", times=2)
        scheduler.wait_for("RuntimeError: out of order", times=2)
        assert scheduler.end(signal.SIGTERM) == 0


def test_it_ticks_once_when_told_so(environment: dict[str, str]) -> None:
    with running([*SCHEDULER, "--once"], **environment) as scheduler:
        assert scheduler.process.wait(60) == 0
        assert scheduler.lines.count("sound tick") == 1


def test_a_tick_that_does_not_exist_is_named_at_once(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "ticks.py").write_text("")
    with running(SCHEDULER, **environment) as scheduler:
        assert scheduler.process.wait(60) == 1
        scheduler.wait_for('does not define a "broken" attribute')
