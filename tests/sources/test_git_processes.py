"""How many processes it takes."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ingestion.sources.base import Source, SourceContext
from tests.repositories import Repository
from tests.sources.trees import FILE, commit_tree

FILES = 5000


@pytest.fixture
def spent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Put a git first on the path that counts; call it for the count since the last call."""
    real = shutil.which("git")
    shim, log = tmp_path / "bin" / "git", tmp_path / "count"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\necho >> "{log}"\nexec "{real}" "$@"\n')
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", str(shim.parent), prepend=":")

    def count() -> int:
        lines = log.read_text().count("\n") if log.exists() else 0
        log.unlink(missing_ok=True)
        return lines

    return count


def test_the_number_of_processes_does_not_depend_on_the_number_of_files(
    git: Source, local: SourceContext, repository: Repository, spent: Callable[[], int]
) -> None:
    since = commit_tree(repository, [(FILE, f"{n % 50}/{n}.txt".encode(), b"old") for n in range(FILES)])
    commit_tree(repository, [(FILE, f"{n % 50}/{n}.txt".encode(), b"new") for n in range(FILES)])
    spent()
    head = git.head(local)
    assert spent() <= 2
    entries = list(git.entries(local, head))
    assert (len(entries), spent()) == (FILES, 1)
    assert len(list(git.fetch(local, head, entries))) == FILES
    assert spent() <= 2
    changes = git.changes(local, since, head)
    assert changes is not None
    assert (len(list(changes.entries)), spent()) == (FILES, 2)
    assert len(git.lookup(local, head, ["1/1.txt", "2/2.txt", "none"])) == 2
    assert spent() == 1


def test_a_copy_that_is_there_costs_one_process_more(
    git: Source, remote: SourceContext, served: Repository, spent: Callable[[], int]
) -> None:
    commit_tree(served, [(FILE, f"{n}.txt".encode(), b"x") for n in range(300)])
    head = git.head(remote)
    entries = list(git.entries(remote, head))
    spent()
    assert len(list(git.entries(remote, head))) == 300
    assert spent() == 2
    assert len(list(git.fetch(remote, head, entries))) == 300
    assert spent() == 2
