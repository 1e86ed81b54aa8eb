"""Pull requests, issues, releases and commits: what there is, what has changed, and what was said."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from ingestion.reasons import Reason
from ingestion.sources.base import Entry, Fetched
from ingestion.sources.errors import NotFound
from ingestion.sources.github import normalize
from ingestion.sources.github.client import Client, Empty, Gone
from ingestion.sources.github.revision import NOTHING, Revision

KINDS = ("pull_request", "issue", "release", "commit")
NEWEST = {"state": "all", "sort": "updated", "direction": "desc"}
SECOND = len("2026-11-24T22:59:28Z")
FILE_PAGES = 3  # of 100 names; GitHub itself ends at 3,000 files

Row = Mapping[str, Any]


class Conversations:
    """The documents of one repository that are no files; `depth` is how many commits of the branch are documents."""

    def __init__(self, client: Client, repository: str, kinds: tuple[str, ...], depth: int) -> None:
        self._client, self._root, self._depth = client, f"/repositories/{repository}", depth
        self._kinds = tuple(kind for kind in KINDS if kind in kinds)

    def marks(self) -> dict[str, str]:
        """Return how far each kind has come, in one call a kind."""
        marks: dict[str, str] = {}
        if "pull_request" in self._kinds:
            marks["pull_request"] = self._newest("pulls")
        if "issue" in self._kinds:
            marks["issue"] = self._newest("issues")
        if "release" in self._kinds:
            rows = next(self._client.pages(f"{self._root}/releases"))
            marks["release"] = _digest([_release_entry(row).revision for row in rows])
        if "commit" in self._kinds:
            marks["commit"] = str(self._depth)
        return marks

    def _newest(self, name: str) -> str:
        """Return when the newest of a list was updated; one that the repository has switched off is empty."""
        try:
            rows = self._client.get(f"{self._root}/{name}", **NEWEST, per_page=1)
        except Gone:
            return NOTHING
        return str(rows[0]["updated_at"]) if rows else NOTHING

    def entries(self, head: Revision) -> Iterator[Entry]:
        """List everything there is."""
        for kind in self._kinds:
            yield from {entry.key: entry for entry in self._listing(kind, head)}.values()

    def changes(self, since: Revision, head: Revision) -> list[Entry] | None:
        """List what may have changed; None when only a whole listing can tell.

        Times are to the second, so what was changed in the last second seen is listed again.
        """
        if since.marks.keys() != head.marks.keys() or since.marks.get("release") != head.marks.get("release"):
            return None
        found: dict[tuple[str, str], Entry] = {}
        for kind in self._kinds:
            if kind == "commit":
                new = self._new_commits(since, head)
                if new is None:
                    return None
                rows: Iterator[Entry] = iter(new)
            elif kind == "release":
                continue
            else:
                rows = self._updated_since(kind, head, since.marks[kind])
            found |= {(entry.kind, entry.key): entry for entry in rows}
        for key, entry in self._commented_since(since).items():
            if key not in found or found[key].revision[:SECOND] < entry.revision[:SECOND]:
                found[key] = entry
        return list(found.values())

    def fetch(self, entry: Entry) -> Fetched:
        """Read one conversation."""
        read: dict[str, Callable[[Entry], Fetched]] = {
            "pull_request": self._pull_request,
            "issue": self._issue,
            "release": self._release,
            "commit": self._commit,
        }
        if not entry.key.isalnum():
            return Fetched(entry.kind, entry.key, entry.revision, failure=Reason.MISSING)
        try:
            return read[entry.kind](entry)
        except (NotFound, Empty):
            return Fetched(entry.kind, entry.key, entry.revision, failure=Reason.MISSING)

    def _listing(self, kind: str, head: Revision) -> Iterator[Entry]:
        if kind == "commit":
            yield from islice(self._commits(head), self._depth)
        elif kind == "release":
            for page in self._client.pages(f"{self._root}/releases"):
                yield from map(_release_entry, page)
        else:
            yield from self._updated_since(kind, head)

    def _updated_since(self, kind: str, head: Revision, since: str = NOTHING) -> Iterator[Entry]:
        """List what was updated at or after a time, newest first.

        See https://docs.github.com/en/rest/pulls/pulls#list-pull-requests
        and https://docs.github.com/en/rest/issues/issues#list-repository-issues
        """
        name = "pulls" if kind == "pull_request" else "issues"
        if head.marks[kind] == NOTHING:
            return
        for page in self._client.pages(f"{self._root}/{name}", **NEWEST):
            for row in page:
                if since != NOTHING and row["updated_at"] < since:
                    return
                if kind == "pull_request" or "pull_request" not in row:
                    yield _numbered_entry(kind, row)

    def _commented_since(self, since: Revision) -> dict[tuple[str, str], Entry]:
        """Return what was commented on, by its newest comment; an edited one need not show in its conversation's time.

        See https://docs.github.com/en/rest/issues/comments#list-issue-comments-for-a-repository
        and https://docs.github.com/en/rest/pulls/comments#list-review-comments-in-a-repository
        """
        found: dict[tuple[str, str], Entry] = {}
        lists = [("issues/comments", ("issue", "pull_request")), ("pulls/comments", ("pull_request",))]
        for name, kinds in lists:
            marks = [since.marks[kind] for kind in kinds if kind in self._kinds]
            begin = min(marks) if marks else NOTHING
            if begin == NOTHING:
                continue  # there is nothing to comment on, or all of it is new
            pages = self._client.pages(f"{self._root}/{name}", sort="updated", direction="desc", since=begin)
            for row in (row for page in pages for row in page):
                kind = "pull_request" if "/pull/" in row["html_url"] else "issue"
                if kind in self._kinds and row["updated_at"] >= since.marks[kind]:
                    entry = Entry(kind, _number(row), f"{row['updated_at']} comment {row['id']}")
                    known = found.setdefault((kind, entry.key), entry)
                    if known.revision < entry.revision:
                        found[kind, entry.key] = entry
        return found

    def _commits(self, head: Revision) -> Iterator[Entry]:
        """List commits, newest first. See https://docs.github.com/en/rest/commits/commits#list-commits."""
        if not head.commit:
            return
        for page in self._client.pages(f"{self._root}/commits", sha=head.commit):
            for row in page:
                yield Entry("commit", row["sha"], row["sha"])

    def _new_commits(self, since: Revision, head: Revision) -> list[Entry] | None:
        """Return the commits since a revision; None when the head does not follow from it."""
        if since.commit == head.commit:
            return []
        new: list[Entry] = []
        for entry in islice(self._commits(head), self._depth):
            if entry.key == since.commit:
                return new
            new.append(entry)
        return None

    def _all(self, path: str, pages: int | None = None) -> list[Row]:
        return [row for page in islice(self._client.pages(f"{self._root}/{path}"), pages) for row in page]

    def _pull_request(self, entry: Entry) -> Fetched:
        """See https://docs.github.com/en/rest/pulls."""
        path = f"pulls/{entry.key}"
        pull = self._client.get(f"{self._root}/{path}")
        return normalize.pull_request(
            entry,
            pull,
            reviews=self._all(f"{path}/reviews"),
            review_comments=self._all(f"{path}/comments") if pull["review_comments"] else (),
            comments=self._all(f"issues/{entry.key}/comments") if pull["comments"] else (),
            files=self._all(f"{path}/files", FILE_PAGES) if pull["changed_files"] else (),
        )

    def _issue(self, entry: Entry) -> Fetched:
        """See https://docs.github.com/en/rest/issues."""
        payload = self._client.get(f"{self._root}/issues/{entry.key}")
        comments = self._all(f"issues/{entry.key}/comments") if payload["comments"] else ()
        return normalize.issue(entry, payload, comments)

    def _release(self, entry: Entry) -> Fetched:
        """See https://docs.github.com/en/rest/releases."""
        return normalize.release(entry, self._client.get(f"{self._root}/releases/{entry.key}"))

    def _commit(self, entry: Entry) -> Fetched:
        """See https://docs.github.com/en/rest/commits."""
        return normalize.commit(entry, self._client.get(f"{self._root}/commits/{entry.key}"))


def _number(comment: Row) -> str:
    """Return the number of what a comment is on."""
    return str(comment.get("issue_url") or comment["pull_request_url"]).rsplit("/", 1)[-1]


def _numbered_entry(kind: str, row: Row) -> Entry:
    """Make an entry whose revision is the time, and what the list tells, since two changes may share a second."""
    told = [
        row.get(name) for name in ("title", "body", "state", "comments", "merged_at", "draft", "closed_at")
    ]
    told.append([label["name"] for label in row.get("labels") or ()])
    return Entry(kind, str(row["number"]), f"{row['updated_at']} {_digest(told)}")


def _release_entry(row: Row) -> Entry:
    told = [row.get(name) for name in ("tag_name", "name", "body", "draft", "prerelease", "published_at")]
    return Entry("release", str(row["id"]), _digest(told))


def _digest(values: object) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]
