"""Repositories on this machine."""

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from ingestion.reasons import Reason
from ingestion.sources.base import Head, Source, SourceContext
from ingestion.sources.errors import InvalidResource, NotFound, SourceError
from tests.repositories import Repository
from tests.sources.conftest import contents, listing
from tests.sources.trees import FILE, commit_tree


def on(context: SourceContext, branch: str) -> SourceContext:
    return replace(context, config={"branch": branch})


def test_a_context_that_may_not_read_the_disk_does_not(
    git: Source, local: SourceContext, repository: Repository
) -> None:
    repository.commit({"a": "1"})
    head = git.head(local)
    tenant = replace(local, allow_local=False, allow_private_hosts=True)
    for call in (
        lambda: git.head(tenant),
        lambda: list(git.entries(tenant, head)),
        lambda: git.lookup(tenant, head, ["a"]),
        lambda: git.changes(tenant, "0" * 40, head),
        lambda: list(git.fetch(tenant, head, list(git.entries(local, head)))),
    ):
        with pytest.raises(InvalidResource, match="staff"):
            call()


def test_an_empty_repository_is_an_empty_source(git: Source, local: SourceContext) -> None:
    head = git.head(local)
    assert head == Head("", "main")
    assert list(git.entries(local, head)) == []
    assert git.lookup(local, head, ["a"]) == []
    assert git.changes(local, "0" * 40, head) is None
    assert git.head(on(local, "later")) == Head("", "later")


def test_the_head_is_what_is_checked_out(git: Source, local: SourceContext, repository: Repository) -> None:
    first = repository.commit({"a": "1"})
    repository.git("checkout", "-q", "-b", "topic/x")
    second = repository.commit({"a": "2"})
    assert git.head(local) == Head(second, "topic/x")
    repository.git("checkout", "-q", first)
    assert git.head(local) == Head(first, "HEAD")


def test_a_branch_or_a_tag_can_be_named_and_the_branch_comes_first(
    git: Source, local: SourceContext, repository: Repository
) -> None:
    first = repository.commit({"a": "1"})
    repository.git("tag", "-a", "v1", "-m", "One")
    repository.git("tag", "both")
    second = repository.commit({"a": "2"})
    repository.git("branch", "both")
    assert git.head(on(local, "v1")) == Head(first, "v1")
    assert git.head(on(local, "both")) == Head(second, "both")
    assert git.head(on(local, "main")) == Head(second, "main")


def test_a_branch_that_is_not_there_is_answered_with_those_that_are(
    git: Source, local: SourceContext, repository: Repository
) -> None:
    repository.commit({"a": "1"})
    repository.git("branch", "stable")
    with pytest.raises(NotFound, match=r"no branch 'gone'.*main, stable"):
        git.head(on(local, "gone"))
    repository.git("symbolic-ref", "HEAD", "refs/heads/lost")
    with pytest.raises(NotFound, match=r"no branch 'lost'.*main, stable"):
        git.head(local)


@pytest.mark.parametrize(
    "branch",
    [
        "--output=x",
        "-x",
        "main~1",
        "main^{tree}",
        "main:a",
        "a..b",
        "@",
        "main@{1}",
        "x\ny",
        "re*",
        "../../HEAD",
        7,
    ],
)
def test_what_is_no_branch_is_refused(
    git: Source, local: SourceContext, repository: Repository, branch: str
) -> None:
    repository.commit({"a": "1"})
    repository.commit({"a": "2"})
    with pytest.raises(InvalidResource, match="not the name of a branch"):
        git.head(on(local, branch))


def test_bare_repositories_worktrees_and_submodules_are_read_in_place(
    git: Source, local: SourceContext, repository: Repository, tmp_path: Path
) -> None:
    repository.commit({"a": "1"})
    repository.git("branch", "other")
    repository.git("clone", "-q", "--bare", ".", str(tmp_path / "bare"))
    repository.git("worktree", "add", "-q", str(tmp_path / "tree"), "other")
    outer = Repository(tmp_path / "outer", {"b": "1"})
    outer.git(
        "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(repository.path), "inner"
    )
    for name, label in (("bare", "main"), ("tree", "other"), ("outer/inner", "main")):
        path = git.normalize_resource(str(tmp_path / name), allow_local=True)
        context = replace(local, resource_id=path)
        assert git.head(context).label == label
        assert contents(git, context)["a"].data == b"1"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_repository_of_another_account_is_read(
    git: Source, local: SourceContext, repository: Repository
) -> None:
    repository.commit({"a": "1"})
    for path in (repository.path, *repository.path.rglob("*")):
        os.chown(path, 12345, 12345)
    refused = subprocess.run(["git", "-C", str(repository.path), "status"], capture_output=True, text=True)
    assert "dubious ownership" in refused.stderr
    assert contents(git, local)["a"].data == b"1"


def test_a_repository_is_read_without_a_trace(
    git: Source, local: SourceContext, repository: Repository
) -> None:
    first = repository.commit({"a": "1"})
    repository.commit({"a": "2", "b": "3"})

    def trace() -> list[tuple[str, float]]:
        return sorted((str(path), path.stat().st_mtime_ns) for path in repository.path.rglob("*"))

    before = trace()
    contents(git, local)
    git.changes(local, first, git.head(local))
    git.forget(local)
    assert trace() == before


def test_nothing_of_the_repository_s_configuration_is_run(
    git: Source, local: SourceContext, repository: Repository, tmp_path: Path
) -> None:
    first = repository.commit({"a": "1", ".gitattributes": "* diff=evil filter=evil\n"})
    repository.commit({"a": "2"})
    script = tmp_path / "evil"
    script.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\nexec cat\n")
    script.chmod(0o755)
    for key in (
        "core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.askPass", "diff.external",
        "pager.diff-tree",
        "diff.evil.textconv", "diff.evil.command", "filter.evil.clean", "filter.evil.smudge", "credential.helper",
        "uploadpack.packObjectsHook", "alias.cat-file", "core.alternateRefsCommand",
    ):  # fmt: skip
        repository.git("config", key, f"!{script}" if key.startswith("alias") else str(script))
    for hook in ("post-index-change", "reference-transaction", "post-checkout", "pre-auto-gc"):
        shutil.copy(script, repository.path / ".git" / "hooks" / hook)
    contents(git, local)
    assert git.changes(local, first, git.head(local)) is not None
    assert not (tmp_path / "ran").exists()


def test_the_environment_of_a_git_hook_does_not_lead_astray(
    git: Source, local: SourceContext, repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.commit({"a": "1"})
    other = Repository(tmp_path / "other", {"b": "2"})
    monkeypatch.setenv("GIT_DIR", str(other.path / ".git"))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(other.path / ".git" / "objects"))
    monkeypatch.setenv("GIT_INDEX_FILE", "/nonexistent")
    assert set(listing(git, local)) == {"a"}


def test_replacements_do_not_change_what_a_revision_holds(
    git: Source, local: SourceContext, repository: Repository
) -> None:
    repository.commit({"a": "1"})
    original = repository.git("rev-parse", "HEAD:a")
    other = repository.git("hash-object", "-w", "--stdin", data=b"replaced")
    repository.git("replace", original, other)
    assert contents(git, local)["a"].data == b"1"


def test_a_damaged_file_fails_alone(git: Source, local: SourceContext, repository: Repository) -> None:
    names = [f"{number}.txt" for number in range(6)]
    commit_tree(repository, [(FILE, name.encode(), os.urandom(50_000)) for name in names])
    entries = listing(git, local)
    for name, damage in {"1.txt": 30_000, "2.txt": 0, "4.txt": None}.items():
        revision = entries[name].revision
        path = repository.path / ".git" / "objects" / revision[:2] / revision[2:]
        path.chmod(0o644)
        if damage is None:
            path.unlink()
        else:
            os.truncate(path, damage)
    head = git.head(local)
    fetched = {document.key: document for document in git.fetch(local, head, list(entries.values()))}
    assert {key: document.failure for key, document in fetched.items() if document.failure} == {
        "1.txt": Reason.UNREADABLE,
        "2.txt": Reason.MISSING,
        "4.txt": Reason.MISSING,
    }
    assert set(listing(git, local)) == set(names)


def test_a_damaged_tree_is_told_with_what_to_do(
    git: Source, local: SourceContext, repository: Repository
) -> None:
    repository.commit({"folder/a": "1"})
    head = git.head(local)
    tree = repository.git("rev-parse", "HEAD:folder")
    (repository.path / ".git" / "objects" / tree[:2] / tree[2:]).unlink()
    with pytest.raises(SourceError, match="git fsck"):
        list(git.entries(local, head))


def test_a_partial_clone_fetches_nothing_and_says_what_to_do(
    git: Source, local: SourceContext, repository: Repository, tmp_path: Path
) -> None:
    repository.commit({"a": "1"})
    repository.git("config", "uploadpack.allowFilter", "true")
    url = f"file://{repository.path}"
    repository.git("clone", "-q", "--no-checkout", "--filter=blob:none", url, str(tmp_path / "partial"))
    context = replace(local, resource_id=str(tmp_path / "partial"))
    with pytest.raises(SourceError, match="partial clone"):
        list(git.entries(context, git.head(context)))


def test_a_repository_removed_while_it_is_read_is_told_apart(
    git: Source, local: SourceContext, repository: Repository
) -> None:
    repository.commit({"a": "1"})
    head = git.head(local)
    entries = list(git.entries(local, head))
    shutil.rmtree(repository.path)
    with pytest.raises(NotFound, match="Put it back"):
        list(git.fetch(local, head, entries))
    with pytest.raises(NotFound, match="Put it back"):
        list(git.entries(local, head))


def test_a_repository_damaged_while_it_is_read_does_not_fail_file_by_file(
    git: Source, local: SourceContext, repository: Repository
) -> None:
    repository.commit({"a": "1", "b": "2"})
    head = git.head(local)
    entries = list(git.entries(local, head))
    (repository.path / ".git" / "config").write_text("[core\n")
    with pytest.raises(SourceError, match="bad config"):
        list(git.fetch(local, head, entries))


def test_a_listing_can_be_left_early(git: Source, local: SourceContext, repository: Repository) -> None:
    commit_tree(repository, [(FILE, f"{number:05}".encode(), b"x") for number in range(5000)])
    head = git.head(local)
    entries = git.entries(local, head)
    first = next(entries)
    entries.close()  # type: ignore[attr-defined]  # it is a generator
    assert first.key == "00000"
    documents = git.fetch(local, head, list(git.entries(local, head)))
    next(documents)
    documents.close()  # type: ignore[attr-defined]  # it is a generator


def test_sha_256_repositories_are_read(git: Source, local: SourceContext, tmp_path: Path) -> None:
    path = tmp_path / "long"
    subprocess.run(["git", "init", "-q", "--object-format=sha256", "-b", "main", str(path)], check=True)
    repository = Repository(path)
    first = repository.commit({"a": "1"})
    assert len(first) == 64
    repository.commit({"a": "2"})
    context = replace(local, resource_id=str(path))
    changes = git.changes(context, first, git.head(context))
    assert changes is not None and [entry.key for entry in changes.entries] == ["a"]
    assert contents(git, context)["a"].data == b"2"


def test_without_git_the_error_says_to_install_it(
    git: Source, local: SourceContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(SourceError, match=r"install git 2\.34"):
        git.head(local)
