"""The emulated GitHub can be started by hand, and says what it cannot do."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.repositories import Repository

ROOT = Path(__file__).resolve().parents[2]


def test_it_serves_repositories_that_can_be_cloned_and_pushed_to(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "core", {"a.py": "A = 1\n"})
    command = [
        sys.executable,
        "-u",
        "manage.py",
        "emulate_github",
        "--port",
        "0",
        "--repo",
        str(repository.path),
    ]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().split()[-1]
        assert address.endswith("/acme/core.git")
        process.stdout.readline()
        assert "GITHUB_API_URL=http://127.0.0.1:" in process.stdout.readline()
        repository.commit({"b.py": "B = 1\n"})
        repository.git("push", "--quiet", address, "main")
        clone = Repository(tmp_path / "clone")
        clone.git("fetch", "--quiet", address, "main")
        assert clone.git("rev-parse", "FETCH_HEAD") == repository.git("rev-parse", "main")
        process.terminate()


def test_it_refuses_what_is_no_repository(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="is no git repository"):
        call_command("emulate_github", repo=[str(tmp_path)], port=0)
