"""What the API says of pull requests, issues, their comments and reviews, and releases."""

from typing import Any

from tests.emulators.github import payloads
from tests.emulators.github.server import GitHub
from tests.emulators.github.store import Account, Repository


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


def issue(repository: Repository, row: dict[str, Any], root: str) -> dict[str, Any]:
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


def comment(repository: Repository, row: dict[str, Any], root: str) -> dict[str, Any]:
    url = f"{_api(repository, root)}/issues/comments/{row['id']}"
    issue = f"{_api(repository, root)}/issues/{row['number']}"
    kind = "pull" if "head" in repository.issues.get(row["number"], {}) else "issues"
    html = f"{root}/{repository.full_name}/{kind}/{row['number']}#issuecomment-{row['id']}"
    links = {"url": url, "html_url": html, "issue_url": issue, "reactions": _reactions(url)}
    return _said(repository, row, root) | links | {"performed_via_github_app": None}


def review(repository: Repository, row: dict[str, Any], root: str) -> dict[str, Any]:
    html = f"{root}/{repository.full_name}/pull/{row['number']}#pullrequestreview-{row['id']}"
    pull = f"{_api(repository, root)}/pulls/{row['number']}"
    values = _said(repository, row, root)
    for name in ("created_at", "updated_at"):
        del values[name]
    return values | {
        "state": row["state"], "html_url": html, "pull_request_url": pull, "submitted_at": row["created_at"],
        "commit_id": "0" * 40, "_links": {"html": {"href": html}, "pull_request": {"href": pull}},
    }  # fmt: skip


def review_comment(repository: Repository, row: dict[str, Any], root: str) -> dict[str, Any]:
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


def pull(repository: Repository, row: dict[str, Any], root: str, github: GitHub) -> dict[str, Any]:
    about = issue(repository, row, root)
    api, html = f"{_api(repository, root)}/pulls/{row['number']}", about["html_url"]
    kept = (
        "id node_id number state locked title user body labels milestone created_at updated_at closed_at assignee "
        "assignees author_association active_lock_reason"
    ).split()
    urls = {
        "url": api, "html_url": html, "diff_url": f"{html}.diff", "patch_url": f"{html}.patch", "issue_url": about["url"],
        "commits_url": f"{api}/commits", "review_comments_url": f"{api}/comments",
        "review_comment_url": f"{api}/comments{{/number}}", "comments_url": about["comments_url"],
        "statuses_url": f"{_api(repository, root)}/statuses/{row['head_sha']}",
    }  # fmt: skip
    links = ("html", "comments", "commits", "statuses", "issue", "review_comments", "review_comment")
    return {
        **{name: about[name] for name in kept}, **urls, "merged_at": row["merged_at"], "draft": False, "auto_merge": None,
        "merge_commit_sha": row["merge_commit_sha"], "requested_reviewers": [], "requested_teams": [],
        "head": _reference(repository, row["head"], row["head_sha"], root),
        "base": _reference(repository, row["base"], row["base_sha"], root),
        "_links": {"self": {"href": api}, **{name: {"href": urls.get(f"{name}_url", html)} for name in links}},
    }  # fmt: skip


def full_pull(repository: Repository, row: dict[str, Any], github: GitHub) -> dict[str, Any]:
    number = row["number"]
    files = repository.git.files(row["base_sha"], row["head_sha"])
    return pull(repository, row, github.root, github) | {
        "merged": row["merged_at"] is not None, "mergeable": None, "rebaseable": None, "mergeable_state": "unknown",
        "merged_by": _person(repository, "octocat", github.root) if row["merged_at"] else None,
        "comments": sum(c["number"] == number for c in repository.comments),
        "review_comments": sum(c["number"] == number for c in repository.review_comments),
        "maintainer_can_modify": False, "commits": 1, "additions": sum(f["additions"] for f in files),
        "deletions": sum(f["deletions"] for f in files), "changed_files": len(files),
    }  # fmt: skip


def release(repository: Repository, row: dict[str, Any], root: str) -> dict[str, Any]:
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
