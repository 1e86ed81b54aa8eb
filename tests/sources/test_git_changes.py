"""Differences between revisions."""

import random
from pathlib import Path

import pytest

from ingestion.sources.base import Head, Source, SourceContext
from tests.repositories import Repository
from tests.sources.conftest import listing
from tests.sources.test_contract import applied
from tests.sources.trees import EXECUTABLE, FILE, SUBMODULE, SYMLINK, Item, commit_tree

PATHS = [
    b"a", b"a b", b"a-b", b"a.b", b"a/b", b"a/b/c", b"a/b/c/d", b"ab", b"-x", b"tab\t", b"new\nline", b"\xff",
    b"\xff/x", b"caf\xe9", "café".encode(), b"d" * 300, b"/".join([b"d" * 250] * 17),
]  # fmt: skip


def random_tree(chance: random.Random) -> list[Item]:
    """Return a tree of a few of the paths, whose files and folders do not collide."""
    items: list[Item] = []
    taken: set[bytes] = set()
    for path in chance.sample(PATHS, chance.randint(0, len(PATHS))):
        parts = path.split(b"/")
        folders = {b"/".join(parts[:depth]) for depth in range(1, len(parts))}
        files = {name for _, name, _ in items}
        if path in taken or folders & files:
            continue
        taken |= folders | {path}
        mode = chance.choice([FILE, FILE, FILE, EXECUTABLE, SYMLINK, SUBMODULE])
        content = str(chance.randint(1, 3))
        items.append((mode, path, content * 40 if mode == SUBMODULE else content.encode()))
    return items


@pytest.mark.parametrize("seed", range(6))
def test_changes_are_the_difference_of_the_listings_whatever_the_history(
    git: Source, local: SourceContext, repository: Repository, seed: int
) -> None:
    chance = random.Random(seed)
    history = []
    for _ in range(8):
        revision = commit_tree(repository, random_tree(chance))
        head = git.head(local)
        assert head.revision == revision
        history.append((revision, {(entry.kind, entry.key): entry for entry in git.entries(local, head)}))
    for since, before in history:
        for revision, after in history:
            changes = git.changes(local, since, Head(revision, "main"))
            assert changes is not None
            assert applied(before, changes) == after
            assert all(before.get((entry.kind, entry.key)) != entry for entry in changes.entries)


def test_a_file_that_becomes_a_link_is_a_change_and_an_executable_is_none(
    git: Source, local: SourceContext, repository: Repository
) -> None:
    since = commit_tree(repository, [(FILE, b"a", b"x"), (FILE, b"b", b"x")])
    commit_tree(repository, [(SYMLINK, b"a", b"x"), (EXECUTABLE, b"b", b"x")])
    changes = git.changes(local, since, git.head(local))
    assert changes is not None
    assert [(entry.key, entry.skip) for entry in changes.entries] == [("a", "symlink")]
    assert not changes.removed


def test_a_file_that_moves_is_gone_there_and_new_here(
    git: Source, local: SourceContext, repository: Repository
) -> None:
    since = commit_tree(repository, [(FILE, b"old", b"same content")])
    commit_tree(repository, [(FILE, b"new", b"same content")])
    changes = git.changes(local, since, git.head(local))
    assert changes is not None
    assert [(entry.key, entry.size) for entry in changes.entries] == [("new", 12)]
    assert changes.removed == [("file", "old")]


def test_the_repository_cannot_hide_a_submodule_from_the_comparison(
    git: Source, local: SourceContext, repository: Repository
) -> None:
    modules = b'[submodule "x"]\n\tpath = x\n\turl = https://host/x\n\tignore = all\n'
    since = commit_tree(repository, [(FILE, b".gitmodules", modules), (SUBMODULE, b"x", "1" * 40)])
    repository.git("config", "diff.ignoreSubmodules", "all")
    repository.git("config", "submodule.x.ignore", "all")
    commit_tree(repository, [(FILE, b".gitmodules", modules), (SUBMODULE, b"x", "2" * 40)])
    changes = git.changes(local, since, git.head(local))
    assert changes is not None and [entry.key for entry in changes.entries] == ["x"]


def test_after_a_force_push_the_difference_is_still_exact(
    git: Source, local: SourceContext, repository: Repository
) -> None:
    repository.commit({"kept": "1", "base": "1"})
    since = repository.commit({"dropped": "1", "base": "2"})
    before = {("file", key): entry for key, entry in listing(git, local).items()}
    repository.git("reset", "-q", "--hard", "HEAD~1")
    repository.commit({"other": "1"})
    changes = git.changes(local, since, git.head(local))
    assert changes is not None
    assert applied(before, changes) == {("file", key): entry for key, entry in listing(git, local).items()}
    assert changes.removed == [("file", "dropped")]


def test_a_revision_that_was_collected_cannot_be_compared(
    git: Source, local: SourceContext, repository: Repository
) -> None:
    repository.commit({"a": "1"})
    since = repository.commit({"a": "2"})
    repository.git("reset", "-q", "--hard", "HEAD~1")
    repository.git("reflog", "expire", "--expire=now", "--all")
    repository.git("gc", "-q", "--prune=now")
    assert git.changes(local, since, git.head(local)) is None


def test_a_revision_that_is_an_option_writes_no_file(
    git: Source, local: SourceContext, repository: Repository, tmp_path: Path
) -> None:
    repository.commit({"a": "1"})
    head = git.head(local)
    for since in (
        f"--output={tmp_path}/x",
        "-O/etc/passwd",
        "HEAD",
        "main",
        head.revision[:10],
        f"{head.revision}\n",
    ):
        assert git.changes(local, since, head) is None
    assert not (tmp_path / "x").exists()
