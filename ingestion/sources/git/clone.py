"""The copy of a remote repository that the processes of this machine share."""

import logging
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from ingestion.sources.base import Entry, Head
from ingestion.sources.errors import TooLarge, Unavailable
from ingestion.sources.git.blobs import Content, read
from ingestion.sources.git.branch import no_such_branch
from ingestion.sources.git.process import Git, GitFailed
from ingestion.sources.git.remote import Damaged, Remote
from lightfast.lib.locks import Busy, exclusively, shared

logger = logging.getLogger(__name__)

KEPT_REVISIONS = 64
IDLE_SECONDS = 30 * 86_400
WAIT_SECONDS = 600
TIDY_SECONDS = 1800
DISCARDED = ".discarded-"
TIDY = (
    ("gc.auto", "6700"), ("gc.autoPackLimit", "20"), ("gc.pruneExpire", "now"), ("gc.autoDetach", "false"),
)  # fmt: skip


class Clone:
    """A bare repository that holds the newest revisions that were asked for, each without its history.

    Two locks, both let go by the end of a process: `.fetch` for whoever adds revisions, `.use` shared by all who read
    and held alone by whoever drops old objects. A copy that is damaged is moved away, and made anew when needed.
    Whoever can name a revision has read it from the remote with credentials of their own, so tenants may share.
    """

    def __init__(self, remote: Remote, cache_dir: Path) -> None:
        self.remote = remote
        self.cache_dir = cache_dir
        self.directory = cache_dir / f"{sha256(str(remote.address).encode()).hexdigest()[:32]}.git"
        self.git = Git(self.directory, config=(("fetch.unpackLimit", "1"),))

    def head(self, branch: str) -> Head:
        """Ask the remote for the commit of a branch or tag; of its default branch if none is named."""
        names = ["HEAD"]
        if branch:
            names = [f"refs/heads/{branch}", f"refs/tags/{branch}^{{}}", f"refs/tags/{branch}"]
        refs = self.remote.list_refs(*names)
        label = branch or refs.get("HEAD->", "")
        for name in names:
            if revision := refs.get(name):
                return Head(revision, label or "HEAD")
        branches = [name.removeprefix("refs/heads/") for name in self.remote.list_refs("refs/heads/*")]
        if branches:
            raise no_such_branch(label, branches)
        return Head("", label)

    @contextmanager
    def at(self, revision: str) -> Iterator[Git]:
        """Give git on a copy that holds the revision until the block is left."""
        self._ensure(revision)
        try:
            with shared(self._lock("use"), TIDY_SECONDS):
                yield self.git
        except Busy:
            raise Unavailable(f"Another process is tidying the copy of {self.remote.address}.", 60) from None
        except GitFailed as failure:
            self.discard()
            raise Unavailable(
                f"The local copy of {self.remote.address} was damaged and is made anew ({failure.reason}).", 1
            ) from failure

    @contextmanager
    def with_history(self, revision: str, commits: int, /) -> Iterator[Git]:
        """Give git on another copy that has so many commits, until the block is left: few ever need them."""
        self.cache_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".history-", dir=self.cache_dir) as folder:
            copy = Clone(self.remote, Path(folder))
            copy._initialize(revision)
            try:
                self.remote.fetch(copy.git, revision, "refs/revisions/head", commits=commits)
                yield copy.git
            except (Damaged, GitFailed) as failure:
                raise Unavailable(
                    f"The history of {self.remote.address} could not be read: {failure}."
                ) from failure

    def read(self, git: Git, entries: Sequence[Entry], max_bytes: int) -> Iterator[tuple[Entry, Content]]:
        """Yield the contents of entries."""
        return read(git, entries, max_bytes)

    def remote_url(self) -> str:
        """Return the address."""
        return str(self.remote.address)

    def discard(self) -> None:
        """Delete the copy; those who are reading it fail and try again."""
        trash = self.directory.with_name(f"{self.directory.name}{DISCARDED}{uuid4().hex}")
        try:
            self.directory.rename(trash)
        except FileNotFoundError:
            return
        shutil.rmtree(trash, ignore_errors=True)

    def _lock(self, purpose: str) -> Path:
        return self.directory.with_suffix(f".{purpose}")

    def _ensure(self, revision: str) -> None:
        self.cache_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self._has(revision):
            try:
                with exclusively(self._lock("fetch"), WAIT_SECONDS):
                    if not self._has(revision):
                        self._fetch(revision)
                        self._tidy()
            except Busy:
                raise Unavailable(f"Another process is still copying {self.remote.address}.", 60) from None
        with suppress(FileNotFoundError):
            os.utime(self.directory)  # in use: not idle

    def _has(self, revision: str) -> bool:
        try:
            self.git.run("cat-file", "-e", f"{revision}^{{tree}}")
        except GitFailed:
            return False
        return True

    def _fetch(self, revision: str) -> None:
        ref = f"refs/revisions/{time.time_ns():020d}-{revision}"  # their order is that of the names
        try:
            self._initialize(revision)
            self.remote.fetch(self.git, revision, ref)
        except TooLarge:
            self.discard()  # with what was written until then
            raise
        except (Damaged, GitFailed):
            self.discard()
            self._initialize(revision)
            try:
                self.remote.fetch(self.git, revision, ref)
            except Damaged as damage:
                raise Unavailable(f"{self.remote.address} could not be copied: {damage}.") from damage

    def _initialize(self, revision: str) -> None:
        if self.directory.exists():
            return
        draft = self.directory.with_name(f"{self.directory.name}{DISCARDED}{uuid4().hex}")
        object_format = "sha256" if len(revision) == 64 else "sha1"
        options = ("--bare", "--quiet", "--template=", "--initial-branch=none")
        replace(self.git, directory=draft).run("init", *options, f"--object-format={object_format}")
        draft.rename(self.directory)

    def _tidy(self) -> None:
        """Drop the oldest revisions and, while nobody reads, their objects; delete copies nobody has used for long."""
        try:
            newest_first = ("--sort=-refname", "--format=delete %(refname)", "refs/revisions")
            commands = self.git.run("for-each-ref", *newest_first).splitlines(keepends=True)
            if len(commands) > KEPT_REVISIONS:
                self.git.run("update-ref", "--stdin", data=b"".join(commands[KEPT_REVISIONS:]))
            with exclusively(self._lock("use"), 0):
                git = replace(self.git, config=(*self.git.config, *TIDY))
                git.run("gc", "--auto", "--quiet", seconds=TIDY_SECONDS)
        except Busy:
            pass  # the next fetch tries again
        except GitFailed:
            logger.warning("The local copy of %s could not be tidied", self.remote.address, exc_info=True)
        for other in self.cache_dir.glob("*.git*"):
            _delete_if_idle(other)


def _delete_if_idle(directory: Path) -> None:
    try:
        idle = time.time() - directory.stat().st_mtime > IDLE_SECONDS
    except FileNotFoundError:
        return
    if idle:
        shutil.rmtree(directory, ignore_errors=True)
