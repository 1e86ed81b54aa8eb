"""The `github` source: a repository's files, and if wanted its pull requests, issues, releases and commits."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ingestion.reasons import Reason
from ingestion.sources.base import (
    Changes,
    Consequence,
    Entry,
    Fetched,
    Grant,
    Head,
    Manifest,
    Registered,
    Registration,
    Resource,
    SettingProblem,
    SourceContext,
    VerifiedDelivery,
)
from ingestion.sources.errors import InvalidResource, NotFound
from ingestion.sources.github import identity, inbox, installing, tree
from ingestion.sources.github.access import client_of
from ingestion.sources.github.blobs import Blobs, forget_old
from ingestion.sources.github.client import Client, Empty
from ingestion.sources.github.conversations import KINDS, Conversations
from ingestion.sources.github.revision import Revision
from ingestion.sources.github.settings import GitHubSettings, check

RENDERED = (".md", ".markdown", ".rst", ".adoc", ".ipynb", ".mdx", ".org", ".textile")


class GitHubSource:
    """Reads one repository by its number, which no rename or transfer changes."""

    manifest = Manifest(
        slug="github",
        name="GitHub",
        description="Repositories of GitHub, in sync with every push.",
        kinds=(tree.KIND, *KINDS),
        resource_noun="repository",
        default_interval=timedelta(minutes=15),
        needs_connection=True,
        full_interval=timedelta(days=1),
    )
    max_delivery_bytes = inbox.MAX_BYTES

    def normalize_resource(
        self, raw: str, *, allow_local: bool = False, allow_private_hosts: bool = False
    ) -> str:
        """Return a repository's number."""
        number = raw.strip()
        if not (number.isascii() and number.isdigit() and 0 < int(number) < 2**63):
            raise InvalidResource(f"{raw!r} is no repository's number. Choose a repository from the list.")
        return str(int(number))

    def resources(self, context: SourceContext) -> Iterator[Resource]:
        """List the repositories that the connection may read.

        See https://docs.github.com/en/rest/apps/installations#list-repositories-accessible-to-the-app-installation
        """
        client = client_of(context)
        personal = bool(context.secrets.get("token"))
        path = "/user/repos" if personal else "/installation/repositories"
        for payload in client.pages(path):
            for row in payload if personal else payload["repositories"]:
                yield _resource(row)

    def head(self, context: SourceContext) -> Head:
        """Return the newest commit of the branch, and what has become of the repository."""
        forget_old(_folder(context))
        client = client_of(context, kinds_of(context))
        try:
            repository = client.get(f"/repositories/{context.resource_id}")
        except NotFound as error:
            raise NotFound(_gone(context, error)) from None
        branch, name = (
            str(context.config.get("branch") or repository["default_branch"]),
            repository["full_name"],
        )
        notice = ""
        if repository["archived"]:
            notice = "The repository is archived on GitHub: it is searchable, and will not change."
        try:
            reference = client.get(f"/repositories/{context.resource_id}/git/ref/heads/{quote(branch)}")
            commit = reference["object"]["sha"]
        except Empty:
            commit, notice = "", "The repository is empty."
        except NotFound:
            if context.config.get("branch"):
                raise NotFound(f"{name} has no branch {branch}. Choose another one for the source.") from None
            commit, notice = "", f"The branch {branch} has no commits."
        marks = _conversations(context, client).marks()
        return Head(str(Revision(commit, marks)), branch[:200], name, notice)

    def entries(self, context: SourceContext, head: Head) -> Iterator[Entry]:
        """List the files of the head, and the conversations."""
        revision = Revision.parse(head.revision)
        if tree.KIND in kinds_of(context):
            yield from _listing(context, revision.commit).values()
        yield from _conversations(context).entries(revision)

    def lookup(self, context: SourceContext, head: Head, keys: Sequence[str]) -> list[Entry]:
        """Return the files of those paths."""
        listing = _listing(context, Revision.parse(head.revision).commit) if keys else {}
        return [listing[key] for key in dict.fromkeys(keys) if key in listing]

    def changes(self, context: SourceContext, since: str, head: Head) -> Changes | None:
        """Compare two listings, and list what was said since; None when GitHub has thrown the older commit away."""
        before, after = Revision.parse(since), Revision.parse(head.revision)
        if len(before.commit) != 40 or not before.commit.isalnum() or not after.commit:
            return None
        said = _conversations(context).changes(before, after)
        if said is None:
            return None
        if before.commit == after.commit or tree.KIND not in kinds_of(context):
            return Changes(said, ())
        try:
            old = _listing(context, before.commit)
        except NotFound:
            return None
        files = tree.changes_between(old, _listing(context, after.commit))
        return Changes([*files.entries, *said], files.removed)

    def fetch(self, context: SourceContext, head: Head, entries: Sequence[Entry]) -> Iterator[Fetched]:
        """Read the contents of files, and conversations one by one."""
        files = []
        conversations = _conversations(context)
        for entry in entries:
            too_large = entry.size is not None and entry.size > context.max_bytes
            if failure := entry.skip or (Reason.TOO_LARGE if too_large else None):
                yield Fetched(entry.kind, entry.key, entry.revision, failure=failure)
            elif entry.kind == tree.KIND:
                files.append(entry)
            else:
                yield conversations.fetch(entry)
        if files:
            yield from _read_files(context, Revision.parse(head.revision).commit, files)

    def line_url(self, url: str, first_line: int, last_line: int) -> str:
        """Mark lines on a file's page; pages that show a text set are asked for its source."""
        if "/blob/" not in url:
            return url
        plain = "?plain=1" if url.lower().endswith(RENDERED) else ""
        lines = f"#L{first_line}" if last_line <= first_line else f"#L{first_line}-L{last_line}"
        return url + plain + lines

    def forget(self, context: SourceContext) -> None:
        """Delete what this machine keeps of the repository."""
        shutil.rmtree(_folder(context), ignore_errors=True)

    def registration(
        self, context: SourceContext, *, base_url: str, account: str, public: bool, state: str
    ) -> Registration:
        """Return where to post the manifest of the App, and the manifest."""
        return installing.registration(
            GitHubSettings.of(context), base_url=base_url, account=account, public=public, state=state
        )

    def registered(self, context: SourceContext, code: str) -> Registered:
        """Return the App that a person has made."""
        return installing.registered(GitHubSettings.of(context), code)

    def install_url(self, context: SourceContext, state: str) -> str:
        """Return where the App is installed."""
        return installing.install_url(context, GitHubSettings.of(context), state)

    def identity_url(self, context: SourceContext, state: str, return_to: str) -> str:
        """Return where a person tells who they are."""
        return identity.identity_url(context, GitHubSettings.of(context), state, return_to)

    def confirm(self, context: SourceContext, answer: Mapping[str, str]) -> list[Grant]:
        """Return the installations that a person may connect."""
        return identity.confirm(context, GitHubSettings.of(context), answer)

    def check_settings(self, config: Mapping[str, Any], secrets: Mapping[str, str]) -> list[SettingProblem]:
        """Return what is wrong in the settings."""
        return check(config, secrets)

    def check_token(self, context: SourceContext, token: str) -> Grant:
        """Return whose token it is."""
        return installing.check_token(GitHubSettings.of(context), token)

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Mapping[str, str]) -> VerifiedDelivery:
        """Check a webhook's signature."""
        return inbox.verify(headers, body, secrets.get("webhook_secret", ""))

    def read(self, headers: Mapping[str, str], body: bytes) -> VerifiedDelivery:
        """Read a webhook that has been verified."""
        return inbox.read(headers, body)

    def consequence(self, delivery: VerifiedDelivery) -> Consequence:
        """Return what follows from a webhook."""
        return inbox.consequence(delivery)


def kinds_of(context: SourceContext) -> tuple[str, ...]:
    """Return the kinds that the integration has switched on: files, unless it says otherwise."""
    chosen = context.config.get("kinds") or (tree.KIND,)
    return tuple(kind for kind in GitHubSource.manifest.kinds if kind in chosen)


def _folder(context: SourceContext) -> Path:
    return context.cache_dir / context.resource_id


def _listing(context: SourceContext, commit: str) -> tree.Listing:
    if not commit:
        return {}
    client = client_of(context, kinds_of(context))
    return tree.listing(client, context.resource_id, commit, _folder(context))


def _conversations(context: SourceContext, client: Client | None = None) -> Conversations:
    kinds = kinds_of(context)
    depth = GitHubSettings.of(context).commit_depth
    return Conversations(client or client_of(context, kinds), context.resource_id, kinds, depth)


def _read_files(context: SourceContext, commit: str, entries: Sequence[Entry]) -> Iterator[Fetched]:
    settings = GitHubSettings.of(context)
    client = client_of(context, kinds_of(context))
    blobs = Blobs(client, context.resource_id, _folder(context), settings, context.max_bytes)
    root = f"{settings.web_url}/{context.name}/blob/{commit}"
    planned = context.planned.get(tree.KIND, 0)
    whole = planned >= settings.archive_from or (context.first and planned != 1)
    for entry, content in blobs.read(entries, commit, whole=whole):
        if isinstance(content, Reason):
            yield Fetched(entry.kind, entry.key, entry.revision, failure=content)
        else:
            url = f"{root}/{quote(entry.key)}" if context.name else ""
            yield Fetched(entry.kind, entry.key, entry.revision, data=content, url=url)


def _gone(context: SourceContext, error: NotFound) -> str:
    if "451" in str(error):
        return str(error)
    return (
        f"{context.name or 'The repository'} cannot be found on GitHub: it was deleted or hidden from us. Give the "
        "App or the token access to it, then resume the source; or remove the source."
    )


def _resource(row: Mapping[str, Any]) -> Resource:
    badges = [name for name in ("private", "archived", "fork") if row.get(name)]
    pushed = row.get("pushed_at")
    return Resource(
        id=str(row["id"]),
        name=row["full_name"],
        url=row["html_url"],
        description=row.get("description") or "",
        badges=tuple(badges),
        updated_at=datetime.fromisoformat(pushed) if pushed else None,
    )


source = GitHubSource()
