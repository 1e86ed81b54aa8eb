"""From GitHub's payloads to documents in Markdown. Nothing here asks GitHub for anything."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from ingestion.sources.base import Entry, Fetched
from lightfast.lib.text import storable

Payload = Mapping[str, Any]

FILES = 300  # names of changed files that a document carries
LINKS = 100
# https://docs.github.com/en/issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue
CLOSES = r"(?P<closes>\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+)?"
REFERENCE = re.compile(
    CLOSES
    + r"(?:https?://[^\s/]+/(?P<url_repository>[\w.-]+/[\w.-]+)/(?:issues|pull)/(?P<url_number>\d{1,10})"
    r"|(?<![\w/])(?P<repository>[\w.-]+/[\w.-]+)?#(?P<number>\d{1,10})\b)",
    re.IGNORECASE,
)
CO_AUTHOR = re.compile(r"^co-authored-by:\s*(.+?)\s*<([^>]*)>\s*$", re.IGNORECASE | re.MULTILINE)


def pull_request(
    entry: Entry,
    pull: Payload,
    reviews: Sequence[Payload] = (),
    review_comments: Sequence[Payload] = (),
    comments: Sequence[Payload] = (),
    files: Sequence[Payload] = (),
) -> Fetched:
    """Make a document of a pull request and everything said in it."""
    parts = [_title(pull), _body(pull)]
    parts += [
        f"## Review by {_login(r)}: {_words(r['state'])}\n\n{_body(r)}"
        for r in reviews
        if _body(r) or r["state"] != "COMMENTED"
    ]
    parts += [f"## {_login(c)} on {c['path']}{_line(c)}\n\n{_body(c)}" for c in review_comments]
    parts += _comments(comments)
    names = [str(file["filename"]) for file in files][:FILES]
    if names:
        parts.append("## Files\n\n" + "\n".join(f"- {name}" for name in names))
    text = _text(parts)
    state = (
        "merged"
        if pull.get("merged_at")
        else "draft"
        if pull.get("draft") and pull["state"] == "open"
        else pull["state"]
    )
    metadata = {
        "number": pull["number"],
        "base": pull["base"]["ref"],
        "head": pull["head"]["ref"],
        "merged_at": pull.get("merged_at"),
        "merge_commit": pull.get("merge_commit_sha") if pull.get("merged_at") else None,
        "merged_by": _login({"user": pull.get("merged_by")}) if pull.get("merged_by") else None,
        "closed_at": pull.get("closed_at"),
        "files": names,
        "milestone": (pull.get("milestone") or {}).get("title"),
        "assignees": [p["login"] for p in pull.get("assignees") or ()],
        "people": _people([pull, *reviews, *review_comments, *comments]),
        "links": links(text, "pull_request"),
    }
    return _fetched(entry, pull, text, state, metadata)


def issue(entry: Entry, payload: Payload, comments: Sequence[Payload] = ()) -> Fetched:
    """Make a document of an issue and its comments."""
    text = _text([_title(payload), _body(payload), *_comments(comments)])
    metadata = {
        "number": payload["number"],
        "state_reason": payload.get("state_reason"),
        "closed_at": payload.get("closed_at"),
        "milestone": (payload.get("milestone") or {}).get("title"),
        "assignees": [p["login"] for p in payload.get("assignees") or ()],
        "people": _people([payload, *comments]),
        "links": links(text, "issue"),
    }
    return _fetched(entry, payload, text, payload["state"], metadata)


def release(entry: Entry, payload: Payload) -> Fetched:
    """Make a document of a release's notes."""
    name = payload.get("name") or payload["tag_name"]
    text = _text([f"# {name}", _body(payload)])
    state = "draft" if payload["draft"] else "prerelease" if payload["prerelease"] else "published"
    metadata = {
        "tag": payload["tag_name"],
        "published_at": payload.get("published_at"),
        "links": links(text, "release"),
    }
    author = {
        **payload,
        "title": name,
        "user": payload.get("author"),
        "labels": (),
        "updated_at": payload.get("published_at"),
    }
    return _fetched(entry, author, text, state, metadata)


def commit(entry: Entry, payload: Payload) -> Fetched:
    """Make a document of a commit's message and the files it changed."""
    detail = payload["commit"]
    message = str(detail["message"])
    subject, _, rest = message.partition("\n")
    names = [str(file["filename"]) for file in payload.get("files") or ()][:FILES]
    listed = "## Files\n\n" + "\n".join(f"- {name}" for name in names) if names else ""
    text = _text([f"# {subject}", rest.strip(), listed])
    author = detail.get("author") or {}
    metadata = {
        "co_authors": [{"name": name, "email": email} for name, email in CO_AUTHOR.findall(message)],
        "committer": (detail.get("committer") or {}).get("name"),
        "email": author.get("email"),
        "parents": [parent["sha"] for parent in payload.get("parents") or ()],
        "files": names,
        "links": links(message, "commit"),
    }
    time = _time(author.get("date"))
    return Fetched(
        entry.kind, entry.key, entry.revision, text=text, title=subject[:500], url=payload["html_url"],
        author=str(author.get("name") or "")[:200], source_created_at=time, source_updated_at=time, metadata=metadata,
    )  # fmt: skip


def links(text: str, kind: str) -> list[dict[str, Any]]:
    """Return what a text refers to: issues and pull requests by number, and whether it closes them."""
    found: dict[tuple[str, int], bool] = {}
    for match in REFERENCE.finditer(text):
        key = (
            match["url_repository"] or match["repository"] or "",
            int(match["url_number"] or match["number"]),
        )
        found[key] = found.get(key, False) or bool(match["closes"] and kind in ("pull_request", "commit"))
    return [
        {"repository": repository, "number": number, "relation": "closes" if closes else "mentions"}
        for (repository, number), closes in found.items()
    ][:LINKS]


def _fetched(entry: Entry, payload: Payload, text: str, state: str, metadata: Mapping[str, Any]) -> Fetched:
    return Fetched(
        entry.kind, entry.key, entry.revision, text=text, title=_clean(payload["title"])[:500], url=payload["html_url"],
        author=_login(payload)[:200], state=state, labels=tuple(_labels(payload)),
        source_created_at=_time(payload.get("created_at")), source_updated_at=_time(payload.get("updated_at")),
        metadata=metadata,
    )  # fmt: skip


def _title(payload: Payload) -> str:
    return f"# {_clean(payload['title'])} (#{payload['number']})"


def _body(payload: Payload) -> str:
    return _clean(payload.get("body")).replace("\r\n", "\n").strip()


def _clean(value: object) -> str:
    return storable(str(value or ""))


def _comments(comments: Iterable[Payload]) -> list[str]:
    return [f"## {_login(comment)}\n\n{_body(comment)}" for comment in comments]


def _line(comment: Payload) -> str:
    line = comment.get("line") or comment.get("original_line")
    return f", line {line}" if line else ""


def _words(state: str) -> str:
    return state.replace("_", " ").lower()


def _text(parts: Iterable[str]) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"


def _login(payload: Payload) -> str:
    """Return who said it; GitHub shows those who have left as ghost."""
    return str((payload.get("user") or {}).get("login") or "ghost")


def _people(payloads: Iterable[Payload]) -> list[str]:
    return list(dict.fromkeys(_login(payload) for payload in payloads))


def _labels(payload: Payload) -> Iterable[str]:
    for label in payload.get("labels") or ():
        name = label if isinstance(label, str) else label.get("name")
        if name:
            yield _clean(name)[:100]


def _time(value: object) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) and value else None
