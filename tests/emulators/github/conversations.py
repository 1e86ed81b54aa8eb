"""Pull requests, issues, their comments and reviews, and releases: what people do."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.emulators.github import payloads, said
from tests.emulators.github.server import GitHub
from tests.emulators.github.store import Repository


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
        self._tell("issues", "opened", issue=said.issue(self.repository, issue, self.github.root))
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
            issue=said.issue(self.repository, issue, root), comment=said.comment(self.repository, comment, root),
        )  # fmt: skip
        return comment

    def edit_comment(self, comment: dict[str, Any], body: str) -> None:
        """Change a comment; the issue that it is on does not tell."""
        issue = self.repository.issues[comment["number"]]
        comment |= {"body": body, "updated_at": self._time()}
        root = self.github.root
        self._tell(
            "issue_comment", "edited", changes={"body": {"from": ""}},
            issue=said.issue(self.repository, issue, root), comment=said.comment(self.repository, comment, root),
        )  # fmt: skip

    def delete_comment(self, comment: dict[str, Any]) -> None:
        """Delete a comment."""
        self.repository.comments.remove(comment)
        issue = self.repository.issues[comment["number"]]
        root = self.github.root
        self._tell(
            "issue_comment", "deleted",
            issue=said.issue(self.repository, issue, root), comment=said.comment(self.repository, comment, root),
        )  # fmt: skip

    def edit_review_comment(self, comment: dict[str, Any], body: str) -> None:
        """Change a comment on a line."""
        pull = self.repository.issues[comment["number"]]
        comment |= {"body": body, "updated_at": self._time()}
        payload = said.review_comment(self.repository, comment, self.github.root)
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
        payload = said.review(self.repository, review, self.github.root)
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
        payload = said.review_comment(self.repository, comment, self.github.root)
        self._tell("pull_request_review_comment", "created", comment=payload, pull_request=self._pull(pull))
        return comment

    def edit(self, number: int, **values: Any) -> None:
        """Change an issue or a pull request."""
        issue = self.repository.issues[number]
        issue.update(values, updated_at=self._time())
        if "head" in issue:
            self._tell_pull(issue, "edited")
        else:
            self._tell(
                "issues", "edited", issue=said.issue(self.repository, issue, self.github.root), changes={}
            )

    def close(self, number: int) -> None:
        """Close an issue or a pull request."""
        issue = self.repository.issues[number]
        issue["state"], issue["closed_at"] = "closed", self._time()
        issue["updated_at"] = issue["closed_at"]
        if "head" in issue:
            self._tell_pull(issue, "closed")
        else:
            self._tell("issues", "closed", issue=said.issue(self.repository, issue, self.github.root))

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
        self._tell("issues", "deleted", issue=said.issue(self.repository, issue, self.github.root))

    def publish(self, tag: str, name: str, body: str) -> dict[str, Any]:
        """Publish a release."""
        release = self._said(body) | {"tag_name": tag, "name": name}
        self.repository.releases[release["id"]] = release
        self._tell("release", "published", release=said.release(self.repository, release, self.github.root))
        return release

    def unpublish(self, release: dict[str, Any]) -> None:
        """Delete a release."""
        del self.repository.releases[release["id"]]
        self._tell("release", "deleted", release=said.release(self.repository, release, self.github.root))

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
        return said.pull(self.repository, pull, self.github.root, self.github)

    def _tell_pull(self, pull: dict[str, Any], action: str) -> None:
        changes: dict[str, Any] = {"changes": {}} if action == "edited" else {}
        self._tell(
            "pull_request",
            action,
            number=pull["number"],
            pull_request=said.full_pull(self.repository, pull, self.github),
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
