"""`manage.py up` as people run it: the real servers on the embedded Postgres."""

import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.embedded.tools import open_directory
from tests.up.running import PROJECT, Running, running

UP = [sys.executable, str(PROJECT / "manage.py"), "up"]


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    """A database of these tests' own: migrating one takes seconds, so they share it."""
    with open_directory() as home:
        yield {
            "DJANGO_SETTINGS_MODULE": "lightfast.settings",
            "STATE_DIR": str(home),
            "EMBEDDED_DURABLE": "false",
        }


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/admin/login/", timeout=10) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False


def wait_until_it_answers(tree: Running) -> None:
    address = tree.wait_for("listens on http").split()[-1]
    deadline = time.monotonic() + 60
    while not answers(address):
        assert time.monotonic() < deadline, "\n".join(tree.lines)
        time.sleep(0.1)


def test_one_command_runs_everything_until_ctrl_c_even_if_somebody_kills_the_web_server(
    environment: dict[str, str],
) -> None:
    with running([*UP, "--port", "0", "--workers", "1", "--processes", "1"], **environment) as up:
        wait_until_it_answers(up)
        up.wait_for("Worker process is ready for action")
        commands = [" ".join(process.cmdline()) for process in up.everybody()]
        for part in ("gunicorn", "dramatiq", "scheduler"):
            assert any(part in command for command in commands)

        os.kill(up.pid_of("web"), signal.SIGKILL)
        up.wait_for("web was killed by SIGKILL; it starts again")
        up.wait_for("web started as process", times=2)
        wait_until_it_answers(up)

        assert up.end(signal.SIGINT) == 0
        up.wait_until_all_are_gone()


def requests_counted(address: str) -> float:
    asked = urllib.request.Request(f"{address}/metrics", headers={"Authorization": "Bearer scrape-me"})
    with urllib.request.urlopen(asked, timeout=10) as answer:
        families = text_string_to_metric_families(answer.read().decode())
    name = "django_http_requests_total_by_view_transport_method"
    views = [sample for family in families for sample in family.samples if sample.name == f"{name}_total"]
    return sum(sample.value for sample in views if sample.labels["view"] == "admin:login")


def test_the_processes_of_the_web_server_count_requests_together(environment: dict[str, str]) -> None:
    command = [*UP, "--port", "0", "--workers", "2", "--no-worker", "--no-scheduler"]
    with running(command, **environment, METRICS_TOKEN="scrape-me") as up:
        wait_until_it_answers(up)
        address = up.wait_for("listens on http").split()[-1]
        before = requests_counted(address)
        for _ in range(20):
            assert answers(address)
        assert {requests_counted(address) for _ in range(6)} == {before + 20}


def test_nobody_is_left_when_up_itself_is_killed(environment: dict[str, str]) -> None:
    with running([*UP, "--port", "0", "--workers", "1", "--processes", "1"], **environment) as up:
        wait_until_it_answers(up)
        up.wait_for("Worker process is ready for action")
        up.end(signal.SIGKILL)
        up.wait_until_all_are_gone()


def test_a_port_in_use_is_named_before_anything_starts(environment: dict[str, str], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        fresh = {**environment, "STATE_DIR": str(tmp_path)}
        with running([*UP, "--port", port], **fresh) as up:
            assert up.process.wait(60) == 1
            assert "choose another" in up.wait_for(f"port {port}: Address already in use")
    assert not (tmp_path / "postgres").exists()
