"""Pull requests, issues, their comments and reviews, and releases: what people do, and what the API says of it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.emulators.github import payloads
from tests.emulators.github.api import repository_route
from tests.emulators.github.server import Answer, GitHub, Refused, Request, page
from tests.emulators.github.store import Account, Repository


class Conversations:
    """What people do in one repository; every act takes place a second after the one before."""

    def __init__(self, github: GitHub, repository: Repository, login: str = "octocat") -> None:
        self.github, self.repository, self.login = github, repository, login

    def open_issue(
        self, title: str, body: str = "", labels: Sequence[str] = (), **values: Any
    ) -> dict[str, Any]:
        """Open an issue."""
        issue = self._numbered(title, body, labels) | values
        self.repository.issues[issue["number"]] = issue
        self._tell("issues", "opened", issue=_issue(self.repository, issue, self.github.root))
        return issue

    def open_pull(
        self, title: str, head: str, body: str = "", labels: Sequence[str] = (), base: str = ""
    ) -> dict[str, Any]:
        """Open a pull request from a branch that is there."""
        pull = self._numbered(title, body, labels)
        pull |= {
            "head": head,
            "base": base or self.repository.default_branch,
            "merged_at": None,
            "merge_commit_sha": None,
        }
        pull["head_sha"] = self.repository.git.resolve(head)
        pull["base_sha"] = self.repository.git.resolve(pull["base"])
        self.repository.issues[pull["number"]] = pull
        self._tell_pull(pull, "opened")
        return pull

    def comment(self, number: int, body: str) -> dict[str, Any]:
        """Comment on an issue or a pull request."""
        issue = self.repository.issues[number]
        comment = self._said(body) | {"number": number}
        self.repository.comments.append(comment)
        issue["updated_at"] = comment["updated_at"]
        root = self.github.root
        self._tell(
            "issue_comment", "created",
            issue=_issue(self.repository, issue, root), comment=_comment(self.repository, comment, root),
        )  # fmt: skip
        return comment

    def edit_comment(self, comment: dict[str, Any], body: str) -> None:
        """Change a comment; the issue that it is on does not tell."""
        issue = self.repository.issues[comment["number"]]
        comment |= {"body": body, "updated_at": self._time()}
        root = self.github.root
        self._tell(
            "issue_comment", "edited", changes={"body": {"from": ""}},
            issue=_issue(self.repository, issue, root), comment=_comment(self.repository, comment, root),
        )  # fmt: skip

    def delete_comment(self, comment: dict[str, Any]) -> None:
        """Delete a comment."""
        self.repository.comments.remove(comment)
        issue = self.repository.issues[comment["number"]]
        root = self.github.root
        self._tell(
            "issue_comment", "deleted",
            issue=_issue(self.repository, issue, root), comment=_comment(self.repository, comment, root),
        )  # fmt: skip

    def edit_review_comment(self, comment: dict[str, Any], body: str) -> None:
        """Change a comment on a line."""
        pull = self.repository.issues[comment["number"]]
        comment |= {"body": body, "updated_at": self._time()}
        payload = _review_comment(self.repository, comment, self.github.root)
        changes = {"body": {"from": ""}}
        self._tell(
            "pull_request_review_comment",
            "edited",
            changes=changes,
            comment=payload,
            pull_request=self._pull(pull),
        )

    def review(self, number: int, body: str, state: str = "APPROVED") -> dict[str, Any]:
        """Review a pull request."""
        pull = self.repository.issues[number]
        review = self._said(body) | {"number": number, "state": state}
        self.repository.reviews.append(review)
        pull["updated_at"] = review["updated_at"]
        payload = _review(self.repository, review, self.github.root)
        self._tell(
            "pull_request_review",
            "submitted",
            review=payload | {"state": state.lower()},
            pull_request=self._pull(pull),
        )
        return review

    def review_comment(self, number: int, path: str, line: int, body: str) -> dict[str, Any]:
        """Comment on a line of a pull request."""
        pull = self.repository.issues[number]
        comment = self._said(body) | {"number": number, "path": path, "line": line}
        self.repository.review_comments.append(comment)
        pull["updated_at"] = comment["updated_at"]
        payload = _review_comment(self.repository, comment, self.github.root)
        self._tell("pull_request_review_comment", "created", comment=payload, pull_request=self._pull(pull))
        return comment

    def edit(self, number: int, **values: Any) -> None:
        """Change an issue or a pull request."""
        issue = self.repository.issues[number]
        issue.update(values, updated_at=self._time())
        if "head" in issue:
            self._tell_pull(issue, "edited")
        else:
            self._tell("issues", "edited", issue=_issue(self.repository, issue, self.github.root), changes={})

    def close(self, number: int) -> None:
        """Close an issue or a pull request."""
        issue = self.repository.issues[number]
        issue["state"], issue["closed_at"] = "closed", self._time()
        issue["updated_at"] = issue["closed_at"]
        if "head" in issue:
            self._tell_pull(issue, "closed")
        else:
            self._tell("issues", "closed", issue=_issue(self.repository, issue, self.github.root))

    def merge(self, number: int) -> None:
        """Merge a pull request by moving its base to its head."""
        pull = self.repository.issues[number]
        before = self.repository.git.refs()
        self.repository.git.run("update-ref", f"refs/heads/{pull['base']}", pull["head_sha"])
        pull |= {"state": "closed", "merged_at": self._time(), "merge_commit_sha": pull["head_sha"]}
        pull["closed_at"] = pull["updated_at"] = pull["merged_at"]
        self._tell_pull(pull, "closed")
        self.github.pushed(self.repository, before, self.repository.git.refs())

    def delete(self, number: int) -> None:
        """Delete an issue."""
        issue = self.repository.issues.pop(number)
        self._tell("issues", "deleted", issue=_issue(self.repository, issue, self.github.root))

    def publish(self, tag: str, name: str, body: str) -> dict[str, Any]:
        """Publish a release."""
        release = self._said(body) | {"tag_name": tag, "name": name}
        self.repository.releases[release["id"]] = release
        self._tell("release", "published", release=_release(self.repository, release, self.github.root))
        return release

    def unpublish(self, release: dict[str, Any]) -> None:
        """Delete a release."""
        del self.repository.releases[release["id"]]
        self._tell("release", "deleted", release=_release(self.repository, release, self.github.root))

    def _time(self) -> str:
        store = self.github.store
        store.clock = max(datetime.now(UTC), store.clock + timedelta(seconds=1))
        return store.clock.strftime("%Y-%m-%dT%H:%M:%SZ")

    def _said(self, body: str) -> dict[str, Any]:
        time = self._time()
        values = {"id": next(self.github.store.ids), "body": body, "login": self.login}
        return values | {"created_at": time, "updated_at": time}

    def _numbered(self, title: str, body: str, labels: Sequence[str]) -> dict[str, Any]:
        number = max(self.repository.issues, default=0) + 1
        values = {
            "number": number,
            "title": title,
            "labels": list(labels),
            "state": "open",
            "closed_at": None,
        }
        return self._said(body) | values | {"milestone": "", "assignees": []}

    def _pull(self, pull: dict[str, Any]) -> dict[str, Any]:
        return _pull(self.repository, pull, self.github.root, self.github)

    def _tell_pull(self, pull: dict[str, Any], action: str) -> None:
        changes: dict[str, Any] = {"changes": {}} if action == "edited" else {}
        self._tell(
            "pull_request",
            action,
            number=pull["number"],
            pull_request=_full_pull(self.repository, pull, self.github),
            **changes,
        )

    def _tell(self, event: str, action: str, **values: Any) -> None:
        root = self.github.root
        sender = payloads.user(self.github.store.account(self.login), root)
        body = {
            "action": action,
            "repository": payloads.minimal(self.repository, root),
            "sender": sender,
            **values,
        }
        self.github.webhooks.send(event, body, self.repository)


def _api(repository: Repository, root: str) -> str:
    return f"{root}/api/v3/repos/{repository.full_name}"


def _person(repository: Repository, login: str, root: str) -> dict[str, Any]:
    return payloads.user(Account(sum(login.encode()), login), root)


def _label(name: str, root: str) -> dict[str, Any]:
    number = sum(name.encode())
    values = {
        "id": number,
        "node_id": payloads.node("L", number),
        "url": f"{root}/labels/{name}",
        "name": name,
    }
    return (
        values
        | {"description": None, "color": "ededed", "default": False}
        | {"archived_at": None, "archived_by": None}
    )


def _reactions(url: str) -> dict[str, Any]:
    return {"url": f"{url}/reactions", "total_count": 0, **dict.fromkeys(
        ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes"), 0
    )}  # fmt: skip


def _milestone(repository: Repository, title: str, root: str) -> dict[str, Any] | None:
    if not title:
        return None
    url = f"{_api(repository, root)}/milestones/1"
    return {
        "url": url, "html_url": url, "labels_url": f"{url}/labels", "id": 1, "node_id": "M1", "number": 1, "title": title,
        "description": None, "creator": _person(repository, "octocat", root), "open_issues": 1, "closed_issues": 0,
        "state": "open", "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z", "due_on": None,
        "closed_at": None,
    }  # fmt: skip


def _said(repository: Repository, row: dict[str, Any], root: str) -> dict[str, Any]:
    return {
        "id": row["id"], "node_id": payloads.node("X", row["id"]), "body": row["body"], "author_association": "MEMBER",
        "user": _person(repository, row["login"], root), "created_at": row["created_at"], "updated_at": row["updated_at"],
    }  # fmt: skip


def _issue(repository: Repository, row: dict[str, Any], root: str) -> dict[str, Any]:
    api, number = _api(repository, root), row["number"]
    url = f"{api}/issues/{number}"
    html = f"{root}/{repository.full_name}/{'pull' if 'head' in row else 'issues'}/{number}"
    people = [_person(repository, login, root) for login in row["assignees"]]
    values = _said(repository, row, root) | {
        "url": url, "repository_url": api, "labels_url": f"{url}/labels{{/name}}", "comments_url": f"{url}/comments",
        "events_url": f"{url}/events", "html_url": html, "number": number, "state": row["state"], "title": row["title"],
        "labels": [_label(name, root) for name in row["labels"]], "assignee": people[0] if people else None,
        "assignees": people, "milestone": _milestone(repository, row["milestone"], root), "locked": False,
        "active_lock_reason": None, "comments": sum(c["number"] == number for c in repository.comments),
        "closed_at": row["closed_at"], "reactions": _reactions(url), "timeline_url": f"{url}/timeline",
        "performed_via_github_app": None, "state_reason": None,
    }  # fmt: skip
    if "head" in row:
        pull = f"{api}/pulls/{number}"
        values["draft"] = False
        values["pull_request"] = {
            "url": pull, "html_url": html, "diff_url": f"{html}.diff", "patch_url": f"{html}.patch",
            "merged_at": row["merged_at"],
        }  # fmt: skip
    return values


def _comment(repository: Repository, row: dict[str, Any], root: str) -> dict[str, Any]:
    url = f"{_api(repository, root)}/issues/comments/{row['id']}"
    issue = f"{_api(repository, root)}/issues/{row['number']}"
    kind = "pull" if "head" in repository.issues.get(row["number"], {}) else "issues"
    html = f"{root}/{repository.full_name}/{kind}/{row['number']}#issuecomment-{row['id']}"
    links = {"url": url, "html_url": html, "issue_url": issue, "reactions": _reactions(url)}
    return _said(repository, row, root) | links | {"performed_via_github_app": None}


def _review(repository: Repository, row: dict[str, Any], root: str) -> dict[str, Any]:
    html = f"{root}/{repository.full_name}/pull/{row['number']}#pullrequestreview-{row['id']}"
    pull = f"{_api(repository, root)}/pulls/{row['number']}"
    values = _said(repository, row, root)
    for name in ("created_at", "updated_at"):
        del values[name]
    return values | {
        "state": row["state"], "html_url": html, "pull_request_url": pull, "submitted_at": row["created_at"],
        "commit_id": "0" * 40, "_links": {"html": {"href": html}, "pull_request": {"href": pull}},
    }  # fmt: skip


def _review_comment(repository: Repository, row: dict[str, Any], root: str) -> dict[str, Any]:
    url = f"{_api(repository, root)}/pulls/comments/{row['id']}"
    pull = f"{_api(repository, root)}/pulls/{row['number']}"
    html = f"{root}/{repository.full_name}/pull/{row['number']}#discussion_r{row['id']}"
    return _said(repository, row, root) | {
        "url": url, "html_url": html, "pull_request_url": pull, "pull_request_review_id": None, "path": row["path"],
        "diff_hunk": "@@ -1 +1 @@", "commit_id": "0" * 40, "original_commit_id": "0" * 40, "position": 1,
        "original_position": 1, "line": row["line"], "original_line": row["line"], "start_line": None,
        "original_start_line": None, "start_side": None, "side": "RIGHT", "subject_type": "line",
        "reactions": _reactions(url),
        "_links": {"self": {"href": url}, "html": {"href": html}, "pull_request": {"href": pull}},
    }  # fmt: skip


def _reference(repository: Repository, name: str, sha: str, root: str) -> dict[str, Any]:
    return {
        "label": f"{repository.owner.login}:{name}", "ref": name, "sha": sha, "user": payloads.user(repository.owner, root),
        "repo": payloads.full(repository, root),
    }  # fmt: skip


def _pull(repository: Repository, row: dict[str, Any], root: str, github: GitHub) -> dict[str, Any]:
    issue = _issue(repository, row, root)
    api, html = f"{_api(repository, root)}/pulls/{row['number']}", issue["html_url"]
    kept = (
        "id node_id number state locked title user body labels milestone created_at updated_at closed_at assignee "
        "assignees author_association active_lock_reason"
    ).split()
    urls = {
        "url": api, "html_url": html, "diff_url": f"{html}.diff", "patch_url": f"{html}.patch", "issue_url": issue["url"],
        "commits_url": f"{api}/commits", "review_comments_url": f"{api}/comments",
        "review_comment_url": f"{api}/comments{{/number}}", "comments_url": issue["comments_url"],
        "statuses_url": f"{_api(repository, root)}/statuses/{row['head_sha']}",
    }  # fmt: skip
    links = ("html", "comments", "commits", "statuses", "issue", "review_comments", "review_comment")
    return {
        **{name: issue[name] for name in kept}, **urls, "merged_at": row["merged_at"], "draft": False, "auto_merge": None,
        "merge_commit_sha": row["merge_commit_sha"], "requested_reviewers": [], "requested_teams": [],
        "head": _reference(repository, row["head"], row["head_sha"], root),
        "base": _reference(repository, row["base"], row["base_sha"], root),
        "_links": {"self": {"href": api}, **{name: {"href": urls.get(f"{name}_url", html)} for name in links}},
    }  # fmt: skip


def _full_pull(repository: Repository, row: dict[str, Any], github: GitHub) -> dict[str, Any]:
    number = row["number"]
    files = repository.git.files(row["base_sha"], row["head_sha"])
    return _pull(repository, row, github.root, github) | {
        "merged": row["merged_at"] is not None, "mergeable": None, "rebaseable": None, "mergeable_state": "unknown",
        "merged_by": _person(repository, "octocat", github.root) if row["merged_at"] else None,
        "comments": sum(c["number"] == number for c in repository.comments),
        "review_comments": sum(c["number"] == number for c in repository.review_comments),
        "maintainer_can_modify": False, "commits": 1, "additions": sum(f["additions"] for f in files),
        "deletions": sum(f["deletions"] for f in files), "changed_files": len(files),
    }  # fmt: skip


def _release(repository: Repository, row: dict[str, Any], root: str) -> dict[str, Any]:
    api = f"{_api(repository, root)}/releases/{row['id']}"
    html = f"{root}/{repository.full_name}/releases/tag/{row['tag_name']}"
    return {
        "url": api, "html_url": html, "assets_url": f"{api}/assets", "upload_url": f"{api}/assets{{?name,label}}",
        "tarball_url": None, "zipball_url": None, "id": row["id"], "node_id": payloads.node("RE", row["id"]),
        "tag_name": row["tag_name"], "target_commitish": repository.default_branch, "name": row["name"],
        "body": row["body"], "draft": False, "prerelease": False, "immutable": False, "created_at": row["created_at"],
        "published_at": row["created_at"], "updated_at": row["updated_at"], "assets": [],
        "author": _person(repository, row["login"], root),
    }  # fmt: skip


def _permitted(request: Request, name: str) -> None:
    token = request.token
    if token is not None and token.installation and name not in token.permissions:
        raise Refused(403, "Resource not accessible by integration")


def _found(repository: Repository, number: str, *, pull: bool = False) -> dict[str, Any]:
    row = repository.issues.get(int(number)) if number.isdigit() else None
    if row is None or (pull and "head" not in row):
        raise Refused(404 if row is None or pull else 410, "Not Found")
    return row


def _sorted(request: Request, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    state = request.query.get("state", "open")
    since = request.query.get("since", "")
    kept = [row for row in rows if state in ("all", row["state"]) and row["updated_at"] >= since]

    def key(row: dict[str, Any]) -> tuple[str, int]:
        return str(row[f"{request.query.get('sort', 'created')}_at"]), int(row["number"])

    return sorted(kept, key=key, reverse=request.query.get("direction", "desc") == "desc")


@repository_route("GET", "/issues")
def list_issues(request: Request, repository: Repository) -> Answer:
    """List issues, and the issues that pull requests are."""
    _permitted(request, "issues")
    if not repository.has_issues:
        raise Refused(410, "Issues are disabled for this repo")
    rows = _sorted(request, list(repository.issues.values()))
    return page(request, [_issue(repository, row, request.root) for row in rows])


def _since(request: Request, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    kept = [row for row in rows if row["updated_at"] >= request.query.get("since", "")]
    return sorted(kept, key=lambda row: str(row["updated_at"]), reverse=True)


@repository_route("GET", "/issues/comments")
def list_all_comments(request: Request, repository: Repository) -> Answer:
    """List the comments of all issues and pull requests."""
    rows = _since(request, repository.comments)
    return page(request, [_comment(repository, row, request.root) for row in rows])


@repository_route("GET", "/pulls/comments")
def list_all_review_comments(request: Request, repository: Repository) -> Answer:
    """List the comments on lines of all pull requests."""
    rows = _since(request, repository.review_comments)
    return page(request, [_review_comment(repository, row, request.root) for row in rows])


@repository_route("GET", "/issues/{number}")
def show_issue(request: Request, repository: Repository, number: str) -> Answer:
    """Return an issue."""
    return Answer(_issue(repository, _found(repository, number), request.root))


@repository_route("GET", "/issues/{number}/comments")
def list_comments(request: Request, repository: Repository, number: str) -> Answer:
    """List the comments of an issue or a pull request."""
    rows = [c for c in repository.comments if c["number"] == _found(repository, number)["number"]]
    return page(request, [_comment(repository, row, request.root) for row in rows])


@repository_route("GET", "/pulls")
def list_pulls(request: Request, repository: Repository) -> Answer:
    """List pull requests."""
    _permitted(request, "pull_requests")
    rows = _sorted(request, [row for row in repository.issues.values() if "head" in row])
    return page(request, [_pull(repository, row, request.root, request.github) for row in rows])


@repository_route("GET", "/pulls/{number}")
def show_pull(request: Request, repository: Repository, number: str) -> Answer:
    """Return a pull request."""
    return Answer(_full_pull(repository, _found(repository, number, pull=True), request.github))


@repository_route("GET", "/pulls/{number}/reviews")
def list_reviews(request: Request, repository: Repository, number: str) -> Answer:
    """List the reviews of a pull request."""
    rows = [r for r in repository.reviews if r["number"] == int(number)]
    return page(request, [_review(repository, row, request.root) for row in rows])


@repository_route("GET", "/pulls/{number}/comments")
def list_review_comments(request: Request, repository: Repository, number: str) -> Answer:
    """List the comments on lines of a pull request."""
    rows = [r for r in repository.review_comments if r["number"] == int(number)]
    return page(request, [_review_comment(repository, row, request.root) for row in rows])


@repository_route("GET", "/pulls/{number}/files")
def list_files(request: Request, repository: Repository, number: str) -> Answer:
    """List the files that a pull request changes."""
    row = _found(repository, number, pull=True)
    files = repository.git.files(row["base_sha"], row["head_sha"])
    return page(request, [payloads.changed_file(repository, f, row["head_sha"], request.root) for f in files])


@repository_route("GET", "/releases")
def list_releases(request: Request, repository: Repository) -> Answer:
    """List releases, newest first."""
    rows = sorted(repository.releases.values(), key=lambda row: str(row["created_at"]), reverse=True)
    return page(request, [_release(repository, row, request.root) for row in rows])


@repository_route("GET", "/releases/{number}")
def show_release(request: Request, repository: Repository, number: str) -> Answer:
    """Return a release."""
    row = repository.releases.get(int(number))
    if row is None:
        raise Refused(404, "Not Found")
    return Answer(_release(repository, row, request.root))
