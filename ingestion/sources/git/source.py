"""The `git` source: the files of any git repository, at the head of one branch."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

from ingestion.reasons import Reason
from ingestion.sources.base import (
    Changes,
    Entry,
    Fetched,
    Head,
    Manifest,
    Option,
    PastChange,
    SettingProblem,
    SourceContext,
)
from ingestion.sources.errors import InvalidResource
from ingestion.sources.git import links, resource, tree
from ingestion.sources.git.blobs import Content
from ingestion.sources.git.branch import wanted_branch
from ingestion.sources.git.clone import Clone
from ingestion.sources.git.history import commits
from ingestion.sources.git.local import LocalRepository
from ingestion.sources.git.process import Git, GitFailed
from ingestion.sources.git.remote import Remote

LEAST_COPY = 1_048_576


class Repository(Protocol):
    """Where the objects are: `LocalRepository` or `Clone`."""

    def head(self, branch: str) -> Head: ...
    def at(self, revision: str) -> AbstractContextManager[Git]: ...
    def read(self, git: Git, entries: Sequence[Entry], max_bytes: int) -> Iterator[tuple[Entry, Content]]: ...
    def with_history(self, revision: str, commits: int, /) -> AbstractContextManager[Git]: ...
    def remote_url(self) -> str: ...
    def discard(self) -> None: ...


class GitSource:
    """Lists, compares and reads with one or two git processes each, however many files there are."""

    manifest = Manifest(
        slug="git",
        name="Git",
        description="The files of a repository, by its https address.",
        kinds=(tree.KIND,),
        resource_noun="repository",
        default_interval=timedelta(minutes=15),
    )
    example = "https://github.com/owner/repository"
    options = (
        Option("branch", "Branch", "Empty: the default branch. A tag works, too."),
        Option(
            "token", "Access token", "For a private repository only; it needs to read, nothing else.", True
        ),
    )

    def check_settings(self, config: Mapping[str, Any], secrets: Mapping[str, str]) -> list[SettingProblem]:
        """Return what is wrong in the settings."""
        given = config["copy_bytes"]
        if given >= LEAST_COPY:
            return []
        return [SettingProblem(1, f"GIT_COPY_BYTES is {given}.", f"Use {LEAST_COPY} or more.")]

    def normalize_resource(
        self, raw: str, *, allow_local: bool = False, allow_private_hosts: bool = False
    ) -> str:
        """Return the https address, or where that is allowed the absolute path, that `raw` names."""
        return resource.normalize(raw, allow_local=allow_local, allow_private_hosts=allow_private_hosts)

    def head(self, context: SourceContext) -> Head:
        """Return the newest commit of the branch."""
        return _repository(context).head(wanted_branch(context.config))

    def entries(self, context: SourceContext, head: Head) -> Iterator[Entry]:
        """List the files of the head's tree."""
        if head.revision:
            with _repository(context).at(head.revision) as git:
                yield from tree.entries_of(git, head.revision)

    def lookup(self, context: SourceContext, head: Head, keys: Sequence[str]) -> list[Entry]:
        """Return the files of those paths."""
        if not head.revision:
            return []
        with _repository(context).at(head.revision) as git:
            return tree.lookup(git, head.revision, keys)

    def changes(self, context: SourceContext, since: str, head: Head) -> Changes | None:
        """Compare two trees; None when the older one is gone."""
        if not head.revision or not tree.OBJECT_ID.fullmatch(since):
            return None
        if since == head.revision:
            return Changes((), ())
        with _repository(context).at(head.revision) as git:
            try:
                return tree.changes_between(git, since, head.revision)
            except GitFailed:
                return None

    def fetch(self, context: SourceContext, head: Head, entries: Sequence[Entry]) -> Iterator[Fetched]:
        """Read the files' contents."""
        wanted = []
        for entry in entries:
            too_large = entry.size is not None and entry.size > context.max_bytes
            if failure := entry.skip or (Reason.TOO_LARGE if too_large else None):
                yield _fetched(entry, failure)
            else:
                wanted.append(entry)
        if not wanted:
            return
        repository = _repository(context)
        remote_url = repository.remote_url()
        with repository.at(head.revision) as git:
            for entry, content in repository.read(git, wanted, context.max_bytes):
                yield _fetched(entry, content, links.file_url(remote_url, head.revision, entry.key))

    def history(self, context: SourceContext, head: Head, *, limit: int) -> Iterator[PastChange]:
        """Yield the commits that led to the head, newest first."""
        if head.revision:
            with _repository(context).with_history(head.revision, limit) as git:
                yield from commits(git, head.revision, limit)

    def line_url(self, url: str, first_line: int, last_line: int) -> str:
        """Mark lines on a file's page."""
        return links.line_url(url, first_line, last_line)

    def forget(self, context: SourceContext) -> None:
        """Delete the copy of a remote repository; a local one is left alone."""
        _repository(context).discard()


def _repository(context: SourceContext) -> Repository:
    if resource.is_local(context.resource_id):
        if not context.allow_local:
            raise InvalidResource(
                "Only staff may connect paths of this machine. Connect the https address instead."
            )
        return LocalRepository(Path(context.resource_id))
    remote = Remote(
        address=resource.parse_address(context.resource_id, allow_private_hosts=context.allow_private_hosts),
        token=context.secrets.get("token", ""),
        username=context.secrets.get("username", ""),
        allow_private=context.allow_private_hosts,
        most_bytes=context.config.get("copy_bytes", 0),
    )
    return Clone(remote, context.cache_dir)


def _fetched(entry: Entry, content: Content, url: str = "") -> Fetched:
    if isinstance(content, Reason):
        return Fetched(entry.kind, entry.key, entry.revision, failure=content)
    return Fetched(entry.kind, entry.key, entry.revision, data=content, url=url)


source = GitSource()
