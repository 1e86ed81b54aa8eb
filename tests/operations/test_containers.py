"""What builds and starts containers is sound, as far as that shows without an engine."""

import re
import subprocess
import sys
from pathlib import Path

import yaml

from lightfast.management.commands.up import Command

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
OURS = ("web", "worker", "scheduler")


def lint(*command: str | Path) -> None:
    done = subprocess.run([*map(str, command)], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_dockerfile_has_no_fault_that_hadolint_knows() -> None:
    lint(BIN / "hadolint", "Dockerfile")


def test_the_compose_file_is_of_the_published_schema() -> None:
    lint(BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml")


def test_the_parts_together_are_all_of_lightfast_and_each_runs_once() -> None:
    parser = Command().create_parser("manage.py", "up")
    running = []
    for name in OURS:
        program, *options = COMPOSE["services"][name]["command"]
        assert program == "up"
        chosen = parser.parse_args(options)
        running += [part for part in OURS if not getattr(chosen, f"no_{part}")]
    assert sorted(running) == sorted(OURS)


def test_the_parts_share_database_queue_and_secrets() -> None:
    environments = [COMPOSE["services"][name]["environment"] for name in OURS]
    assert environments[0]["DATABASE_URL"].endswith("@database:5432/lightfast")
    assert all(environment == environments[0] for environment in environments)
    assert all(COMPOSE["services"][name]["env_file"] == ".env" for name in OURS)


def test_the_image_is_built_with_the_tools_of_the_makefile() -> None:
    wanted = re.search(r"^UV_VERSION := (\S+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert wanted
    assert f"uv=={wanted[1]}" in (ROOT / "Dockerfile").read_text()


def test_nothing_of_this_machine_gets_into_the_image() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert {".env", ".lightfast", ".venv", ".git"} <= set(ignored)
