"""What the emulated GitHub says, held against GitHub's published schemas."""

import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from githubkit.webhooks import parse_obj
from githubkit_schemas.v2022_11_28 import models
from pydantic import TypeAdapter

if TYPE_CHECKING:
    from tests.emulators.github.server import GitHub

SCHEMAS: dict[str, Any] = {
    r"GET /repositories/\d+": models.FullRepository,
    r"GET /repositories/\d+/git/ref/.+": models.GitRef,
    r"GET /repositories/\d+/git/trees/\w+": models.GitTree,
    r"GET /repositories/\d+/git/blobs/\w+": models.Blob,
    r"GET /repositories/\d+/commits": list[models.Commit],
    r"GET /repositories/\d+/commits/\w+": models.Commit,
    r"GET /repositories/\d+/compare/.+": models.CommitComparison,
    r"GET /repositories/\d+/issues": list[models.Issue],
    r"GET /repositories/\d+/issues/\d+": models.Issue,
    r"GET /repositories/\d+/issues/\d+/comments": list[models.IssueComment],
    r"GET /repositories/\d+/issues/comments": list[models.IssueComment],
    r"GET /repositories/\d+/pulls/comments": list[models.PullRequestReviewComment],
    r"GET /repositories/\d+/pulls": list[models.PullRequestSimple],
    r"GET /repositories/\d+/pulls/\d+": models.PullRequest,
    r"GET /repositories/\d+/pulls/\d+/reviews": list[models.PullRequestReview],
    r"GET /repositories/\d+/pulls/\d+/comments": list[models.PullRequestReviewComment],
    r"GET /repositories/\d+/pulls/\d+/files": list[models.DiffEntry],
    r"GET /repositories/\d+/releases": list[models.Release],
    r"GET /repositories/\d+/releases/\d+": models.Release,
    r"GET /installation/repositories": models.InstallationRepositoriesGetResponse200,
    r"GET /user/installations": models.UserInstallationsGetResponse200,
    r"GET /user/installations/\d+/repositories": models.UserInstallationsInstallationIdRepositoriesGetResponse200,
    r"GET /user/repos": list[models.Repository],
    r"GET /user": models.PublicUser,
    r"GET /app": models.Integration,
    r"GET /app/installations/\d+": models.Installation,
    r"POST /app/installations/\d+/access_tokens": models.InstallationToken,
    r"POST /app-manifests/\w+/conversions": models.AppManifestsCodeConversionsPostResponse201,
    r"GET /rate_limit": models.RateLimitOverview,
}
EVENTS = (
    "push repository pull_request pull_request_review pull_request_review_comment issues issue_comment release "
    "installation installation_repositories installation_target ping meta"
).split()

_parse: Callable[..., Any] = parse_obj


def check(call: str, payload: Any) -> str:
    """Validate an answer by the schema of its path, which is returned."""
    call = re.sub(r"/repos/[^/]+/[^/]+", "/repositories/0", call)
    for pattern in SCHEMAS:
        if re.fullmatch(pattern, call):
            _adapter(pattern).validate_python(payload)
            return pattern
    raise AssertionError(f"no schema for {call}")


def check_webhook(event: str, payload: dict[str, Any]) -> None:
    """Validate a webhook."""
    _parse(event, payload)


def check_all(github: "GitHub") -> None:
    """Validate everything that it has answered and sent."""
    for call, status, payload in github.answers:
        if status in (200, 201) and payload is not None:
            check(call, payload)
    for webhook, _ in github.webhooks.sent:
        if webhook.event in EVENTS:
            check_webhook(webhook.event, dict(webhook.payload))


@cache
def _adapter(pattern: str) -> TypeAdapter[Any]:
    return TypeAdapter(SCHEMAS[pattern])
