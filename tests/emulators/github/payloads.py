"""What the emulated GitHub says of things, in the shape that the published schemas want."""

import base64
from typing import Any

from tests.emulators.github.git import EMPTY_TREE, Missing
from tests.emulators.github.store import Account, App, Installation, Repository

REPOSITORY_URLS = (
    "archive assignees blobs branches collaborators comments commits compare contents contributors deployments events "
    "forks git_commits git_refs git_tags hooks issue_comment issue_events issues keys labels languages merges "
    "milestones notifications pulls releases stargazers statuses subscribers subscription tags teams trees"
).split()
USER_URLS = (
    "events followers following gists organizations received_events repos starred subscriptions".split()
)


def node(kind: str, number: int) -> str:
    """Return a node id."""
    return base64.b64encode(f"{kind}{number}".encode()).decode()


def user(account: Account, root: str) -> dict[str, Any]:
    """Return an account."""
    api = f"{root}/api/v3/users/{account.login}"
    return {
        "login": account.login, "id": account.id, "node_id": node("U", account.id), "gravatar_id": "",
        "avatar_url": f"{root}/avatars/{account.id}", "url": api, "html_url": f"{root}/{account.login}",
        "type": account.type, "site_admin": False, **{f"{name}_url": f"{api}/{name}" for name in USER_URLS},
    }  # fmt: skip


def minimal(repository: Repository, root: str) -> dict[str, Any]:
    """Return a repository as lists have it."""
    api = f"{root}/api/v3/repos/{repository.full_name}"
    html = f"{root}/{repository.full_name}"
    return {
        "id": repository.id, "node_id": node("R", repository.id), "name": repository.name,
        "full_name": repository.full_name, "private": repository.private, "owner": user(repository.owner, root),
        "html_url": html, "description": f"{repository.name} of {repository.owner.login}", "fork": repository.fork,
        "url": api, **{f"{name}_url": f"{api}/{name}" for name in REPOSITORY_URLS}, "downloads_url": f"{api}/downloads",
        "git_url": f"git://{root.partition('://')[2]}/{repository.full_name}.git", "ssh_url": f"ssh://{html}",
        "clone_url": f"{html}.git", "svn_url": html, "mirror_url": None, "homepage": None, "size": 1,
        "language": repository.language, "stargazers_count": 0, "watchers_count": 0, "watchers": 0, "forks_count": 0,
        "forks": 0, "open_issues_count": 0, "open_issues": 0, "default_branch": repository.default_branch,
        "is_template": False, "topics": [], "has_issues": True, "has_projects": False, "has_wiki": False,
        "has_pages": False, "has_downloads": True, "has_discussions": False, "has_pull_requests": True,
        "archived": repository.archived, "disabled": repository.disabled, "license": None,
        "visibility": "private" if repository.private else "public", "pushed_at": repository.pushed_at,
        "created_at": repository.created_at, "updated_at": repository.pushed_at, "allow_forking": True,
        "web_commit_signoff_required": False, "permissions": {"admin": False, "push": False, "pull": True},
    }  # fmt: skip


def brief(repository: Repository) -> dict[str, Any]:
    """Return a repository as events of an installation have it."""
    values = {"id": repository.id, "node_id": node("R", repository.id), "name": repository.name}
    return values | {"full_name": repository.full_name, "private": repository.private}


def full(repository: Repository, root: str) -> dict[str, Any]:
    """Return a repository by itself."""
    return minimal(repository, root) | {"network_count": 0, "subscribers_count": 0}


def person(values: dict[str, Any], role: str) -> dict[str, str]:
    """Return the author or committer that git has."""
    fields = (
        ("author", "email", "date") if role == "author" else ("committer", "committer_email", "committed")
    )
    return dict(zip(("name", "email", "date"), (values[name] for name in fields), strict=True))


def commit(repository: Repository, values: dict[str, Any], root: str) -> dict[str, Any]:
    """Return a commit as lists have it."""
    api, html = f"{root}/api/v3/repos/{repository.full_name}", f"{root}/{repository.full_name}"
    sha = values["sha"]
    return {
        "sha": sha, "node_id": node("C", int(sha[:8], 16)), "url": f"{api}/commits/{sha}",
        "html_url": f"{html}/commit/{sha}", "comments_url": f"{api}/commits/{sha}/comments",
        "author": user(repository.owner, root), "committer": user(repository.owner, root),
        "commit": {
            "author": person(values, "author"), "committer": person(values, "committer"),
            "message": values["message"], "tree": {"sha": values["tree"], "url": f"{api}/git/trees/{values['tree']}"},
            "url": f"{api}/git/commits/{sha}", "comment_count": 0,
            "verification": {"verified": False, "reason": "unsigned", "signature": None, "payload": None, "verified_at": None},
        },
        "parents": [{"sha": p, "url": f"{api}/commits/{p}", "html_url": f"{html}/commit/{p}"} for p in values["parents"]],
    }  # fmt: skip


def changed_file(repository: Repository, file: dict[str, Any], ref: str, root: str) -> dict[str, Any]:
    """Return a file of a commit, a comparison or a pull request."""
    html, api = f"{root}/{repository.full_name}", f"{root}/api/v3/repos/{repository.full_name}"
    name = file["filename"]
    return {
        **file, "blob_url": f"{html}/blob/{ref}/{name}", "raw_url": f"{html}/raw/{ref}/{name}",
        "contents_url": f"{api}/contents/{name}?ref={ref}", "patch": "",
    }  # fmt: skip


def app(values: App, root: str) -> dict[str, Any]:
    """Return the App."""
    return {
        "id": values.id, "slug": values.slug, "client_id": values.client_id, "node_id": node("A", values.id),
        "owner": user(values.owner, root), "name": values.name, "description": "", "external_url": root,
        "html_url": f"{root}/github-apps/{values.slug}", "created_at": values.created_at,
        "updated_at": values.created_at, "permissions": values.permissions, "events": values.events,
        "installations_count": 1,
    }  # fmt: skip


def installation(values: Installation, app: App, root: str) -> dict[str, Any]:
    """Return an installation."""
    api = f"{root}/api/v3/app/installations/{values.id}"
    return {
        "id": values.id, "account": user(values.account, root), "repository_selection": values.selection,
        "access_tokens_url": f"{api}/access_tokens", "repositories_url": f"{root}/api/v3/installation/repositories",
        "html_url": f"{root}/settings/installations/{values.id}", "app_id": app.id, "client_id": app.client_id,
        "target_id": values.account.id, "target_type": values.account.type, "permissions": values.permissions,
        "events": app.events, "created_at": values.created_at, "updated_at": values.created_at,
        "single_file_name": None, "has_multiple_single_files": False, "single_file_paths": [], "app_slug": app.slug,
        "suspended_by": user(values.account, root) if values.suspended_at else None, "suspended_at": values.suspended_at,
    }  # fmt: skip


def push(repository: Repository, ref: str, before: str, after: str, root: str) -> dict[str, Any]:
    """Return the event of a push."""
    html = f"{root}/{repository.full_name}"
    created, deleted = not before.strip("0"), not after.strip("0")
    commits: list[dict[str, Any]] = []
    forced = False
    if not deleted:
        span = [after, "--max-count=20"] if created else [f"{before}..{after}", "--max-count=20"]
        commits = [_pushed(repository, values, root) for values in reversed(repository.git.commits(*span))]
        if not created:
            forced = (
                repository.git.text("merge-base", before, after) != before
                if _related(repository, before, after)
                else True
            )
    account = user(repository.owner, root)
    return {
        "ref": ref, "before": before, "after": after, "created": created, "deleted": deleted, "forced": forced,
        "base_ref": None, "compare": f"{html}/compare/{before[:12]}...{after[:12]}", "commits": commits,
        "head_commit": commits[-1] if commits else None, "pusher": {"name": account["login"], "email": "x@example.com"},
        "repository": minimal(repository, root) | {"created_at": 1_700_000_000, "pushed_at": 1_700_000_000, "stargazers": 0, "master_branch": repository.default_branch},
        "sender": account,
    }  # fmt: skip


def _related(repository: Repository, before: str, after: str) -> bool:
    try:
        return bool(repository.git.text("merge-base", before, after))
    except Missing:
        return False


def _pushed(repository: Repository, values: dict[str, Any], root: str) -> dict[str, Any]:
    base = values["parents"][0] if values["parents"] else EMPTY_TREE
    files = repository.git.files(base, values["sha"])
    by = {
        status: [f["filename"] for f in files if f["status"] == status]
        for status in ("added", "modified", "removed")
    }
    return {
        "id": values["sha"], "tree_id": values["tree"], "distinct": True, "message": values["message"],
        "timestamp": values["committed"], "url": f"{root}/{repository.full_name}/commit/{values['sha']}",
        "author": {"name": values["author"], "email": values["email"], "username": repository.owner.login},
        "committer": {"name": values["committer"], "email": values["committer_email"]}, **by,
    }  # fmt: skip


def error(message: str) -> dict[str, str]:
    """Return an error's body."""
    return {"message": message, "documentation_url": "https://docs.github.com/rest", "status": "error"}
