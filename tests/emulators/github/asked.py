"""Where the API is asked for pull requests, issues, their comments and reviews, and releases."""

from typing import Any

from tests.emulators.github import payloads, said
from tests.emulators.github.api import repository_route
from tests.emulators.github.server import Answer, Refused, Request, page
from tests.emulators.github.store import Repository


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
    return page(request, [said.issue(repository, row, request.root) for row in rows])


def _since(request: Request, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    kept = [row for row in rows if row["updated_at"] >= request.query.get("since", "")]
    return sorted(kept, key=lambda row: str(row["updated_at"]), reverse=True)


@repository_route("GET", "/issues/comments")
def list_all_comments(request: Request, repository: Repository) -> Answer:
    """List the comments of all issues and pull requests."""
    rows = _since(request, repository.comments)
    return page(request, [said.comment(repository, row, request.root) for row in rows])


@repository_route("GET", "/pulls/comments")
def list_all_review_comments(request: Request, repository: Repository) -> Answer:
    """List the comments on lines of all pull requests."""
    rows = _since(request, repository.review_comments)
    return page(request, [said.review_comment(repository, row, request.root) for row in rows])


@repository_route("GET", "/issues/{number}")
def show_issue(request: Request, repository: Repository, number: str) -> Answer:
    """Return an issue."""
    return Answer(said.issue(repository, _found(repository, number), request.root))


@repository_route("GET", "/issues/{number}/comments")
def list_comments(request: Request, repository: Repository, number: str) -> Answer:
    """List the comments of an issue or a pull request."""
    rows = [c for c in repository.comments if c["number"] == _found(repository, number)["number"]]
    return page(request, [said.comment(repository, row, request.root) for row in rows])


@repository_route("GET", "/pulls")
def list_pulls(request: Request, repository: Repository) -> Answer:
    """List pull requests."""
    _permitted(request, "pull_requests")
    rows = _sorted(request, [row for row in repository.issues.values() if "head" in row])
    return page(request, [said.pull(repository, row, request.root, request.github) for row in rows])


@repository_route("GET", "/pulls/{number}")
def show_pull(request: Request, repository: Repository, number: str) -> Answer:
    """Return a pull request."""
    return Answer(said.full_pull(repository, _found(repository, number, pull=True), request.github))


@repository_route("GET", "/pulls/{number}/reviews")
def list_reviews(request: Request, repository: Repository, number: str) -> Answer:
    """List the reviews of a pull request."""
    rows = [r for r in repository.reviews if r["number"] == int(number)]
    return page(request, [said.review(repository, row, request.root) for row in rows])


@repository_route("GET", "/pulls/{number}/comments")
def list_review_comments(request: Request, repository: Repository, number: str) -> Answer:
    """List the comments on lines of a pull request."""
    rows = [r for r in repository.review_comments if r["number"] == int(number)]
    return page(request, [said.review_comment(repository, row, request.root) for row in rows])


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
    return page(request, [said.release(repository, row, request.root) for row in rows])


@repository_route("GET", "/releases/{number}")
def show_release(request: Request, repository: Repository, number: str) -> Answer:
    """Return a release."""
    row = repository.releases.get(int(number))
    if row is None:
        raise Refused(404, "Not Found")
    return Answer(said.release(repository, row, request.root))
