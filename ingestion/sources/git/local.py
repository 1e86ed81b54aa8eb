"""A repository on this machine, read where it is."""

import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from ingestion.sources.base import Entry, Head
from ingestion.sources.errors import NotFound, SourceError
from ingestion.sources.git.blobs import Content, read_around_damage
from ingestion.sources.git.branch import no_such_branch
from ingestion.sources.git.process import Git, GitFailed
from ingestion.sources.git.resource import git_directory


class LocalRepository:
    """A checkout, linked worktree or bare repository of any account; nothing is written to it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def head(self, branch: str) -> Head:
        """Return the commit of a branch or tag; of what is checked out if none is named."""
        with self.at(branch or "HEAD") as git:
            label = branch or _checked_out(git)
            for ref in (f"refs/heads/{branch}", f"refs/tags/{branch}") if branch else ("HEAD",):
                if revision := _commit(git, ref):
                    return Head(revision, label or "HEAD")
            branches = git.run("for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads").decode(
                errors="replace"
            )
        if branches:
            raise no_such_branch(label, branches.splitlines())
        return Head("", label)

    @contextmanager
    def at(self, revision: str) -> Iterator[Git]:
        """Give git on the repository; what it fails at in the block is put in words."""
        git = self._git()
        try:
            yield git
        except GitFailed as failure:
            raise self._explain(failure, revision) from failure

    def with_history(self, revision: str, _: int, /) -> AbstractContextManager[Git]:
        """Give git on the repository, which has its history."""
        return self.at(revision)

    def read(self, git: Git, entries: Sequence[Entry], max_bytes: int) -> Iterator[tuple[Entry, Content]]:
        """Yield the contents of entries."""
        return read_around_damage(git, entries, max_bytes)

    def remote_url(self) -> str:
        """Return where it was cloned from, or an empty string."""
        try:
            return self._git().run("config", "--get", "remote.origin.url").decode(errors="replace").strip()
        except GitFailed:
            return ""

    def discard(self) -> None:
        """Keep it: it is not ours."""

    def _git(self) -> Git:
        directory = git_directory(self.path)
        if directory is None:
            raise NotFound(
                f"There is no git repository at {self.path} that this account may read. "
                "Put it back, or remove this source."
            )
        return Git(directory)

    def _explain(self, failure: GitFailed, revision: str) -> SourceError:
        if "promisor remote" in failure.stderr:
            return SourceError(
                f"{self.path} is a partial clone and lacks some of its files. "
                "Connect the address that it was cloned from, or a whole clone of it."
            )
        if not os.access(self.path, os.R_OK | os.X_OK):
            return SourceError(f"This account may not read {self.path}. Give it the permission.")
        return SourceError(
            f"Git could not read {self.path} at {revision[:12]} ({failure.reason}). "
            "`git fsck` there tells what is damaged."
        )


def _commit(git: Git, ref: str) -> str:
    try:
        return git.run("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}").decode().strip()
    except GitFailed:
        return ""


def _checked_out(git: Git) -> str:
    try:
        ref = git.run("symbolic-ref", "--quiet", "HEAD").decode(errors="replace").strip()
    except GitFailed:
        return ""
    return ref.removeprefix("refs/heads/")
