"""What people do with repositories and installations; each of it is told to the App."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tests.emulators.github import payloads
from tests.emulators.github.store import Installation, Repository

if TYPE_CHECKING:
    from tests.emulators.github.server import GitHub


def rename(github: "GitHub", repository: Repository, name: str) -> None:
    """Rename a repository; the old name redirects."""
    before = repository.name
    github.store.rename(repository, repository.owner.login, name)
    _tell(github, repository, "renamed", changes={"repository": {"name": {"from": before}}})


def transfer(github: "GitHub", repository: Repository, owner: str) -> None:
    """Give a repository to another account."""
    before = payloads.user(repository.owner, github.root)
    github.store.rename(repository, owner, repository.name)
    _tell(github, repository, "transferred", changes={"owner": {"from": {"user": before}}})


def archive(github: "GitHub", repository: Repository) -> None:
    """Archive a repository."""
    repository.archived = True
    _tell(github, repository, "archived")


def privatize(github: "GitHub", repository: Repository) -> None:
    """Make a repository private."""
    repository.private = True
    _tell(github, repository, "privatized")


def change_default_branch(github: "GitHub", repository: Repository, branch: str) -> None:
    """Make another branch the default."""
    before, repository.default_branch = repository.default_branch, branch
    _tell(github, repository, "edited", changes={"default_branch": {"from": before}})


def delete(github: "GitHub", repository: Repository) -> None:
    """Delete a repository."""
    _tell(github, repository, "deleted")
    repository.deleted = True


def add_repositories(
    github: "GitHub", installation: Installation, repositories: Sequence[Repository]
) -> None:
    """Let an installation see more repositories."""
    installation.repositories |= {repository.id for repository in repositories}
    _tell_installation(github, installation, "added", repositories, [])


def remove_repositories(
    github: "GitHub", installation: Installation, repositories: Sequence[Repository]
) -> None:
    """Take repositories off an installation; its tokens see them no more."""
    installation.repositories -= {repository.id for repository in repositories}
    _tell_installation(github, installation, "removed", [], repositories)


def accept_permissions(github: "GitHub", installation: Installation, **permissions: str) -> None:
    """Grant the App what it has asked for since it was installed."""
    from tests.emulators.github.apps import announce

    installation.permissions |= permissions
    announce(github, installation, "new_permissions_accepted", [])


def rename_account(github: "GitHub", installation: Installation, login: str) -> None:
    """Rename the account of an installation."""
    store, account = github.store, installation.account
    before = account.login
    store.accounts[login] = store.accounts.pop(before)
    account.login = login
    body = {
        "action": "renamed",
        "account": payloads.user(account, github.root),
        "changes": {"login": {"from": before}},
        "installation": {"id": installation.id, "node_id": f"I{installation.id}"},
        "target_type": account.type,
    }
    github.webhooks.send("installation_target", body)


def say_hello(github: "GitHub") -> None:
    """Send the ping that a new webhook gets."""
    app = next(iter(github.store.apps.values()))
    github.webhooks.send(
        "ping", {"zen": "Keep it logically awesome.", "hook_id": 1, "hook": _hook(app.hook_url)}
    )


def remove_hook(github: "GitHub") -> None:
    """Say that the webhook has been deleted."""
    app = next(iter(github.store.apps.values()))
    owner = payloads.user(app.owner, github.root)
    hook = _hook(app.hook_url) | {
        "config": {"content_type": "json", "insecure_ssl": "0", "url": app.hook_url}
    }
    github.webhooks.send("meta", {"action": "deleted", "hook_id": 1, "hook": hook, "sender": owner})


def _hook(url: str) -> dict[str, Any]:
    return {
        "type": "App", "id": 1, "name": "web", "active": True, "events": ["push"], "app_id": 1,
        "config": {"content_type": "json", "insecure_ssl": "0", "url": url},
        "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
    }  # fmt: skip


def _tell(github: "GitHub", repository: Repository, action: str, **values: Any) -> None:
    root = github.root
    body = {
        "action": action,
        "repository": payloads.minimal(repository, root),
        "sender": payloads.user(repository.owner, root),
        **values,
    }
    github.webhooks.send("repository", body, repository)


def _tell_installation(
    github: "GitHub",
    installation: Installation,
    action: str,
    added: Sequence[Repository],
    removed: Sequence[Repository],
) -> None:
    app = next(iter(github.store.apps.values()))
    body = {
        "action": action,
        "installation": payloads.installation(installation, app, github.root),
        "repository_selection": installation.selection,
        "repositories_added": [payloads.brief(repository) for repository in added],
        "repositories_removed": [payloads.brief(repository) for repository in removed],
        "requester": None,
        "sender": payloads.user(installation.account, github.root),
    }
    github.webhooks.send("installation_repositories", body)
