"""What the emulated GitHub knows: people, repositories, the App and its installations, conversations."""

import itertools
import secrets
import shutil
import subprocess
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.emulators.github.git import Bare


def now() -> str:
    """Return the time as GitHub writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Account:
    """A person or an organization."""

    id: int
    login: str
    type: str = "User"
    organizations: set[str] = field(default_factory=set)  # that a person administers
    collaborates: set[int] = field(default_factory=set)  # repositories that a person may read besides


@dataclass
class Repository:
    """A bare repository and what GitHub says of it."""

    id: int
    owner: Account
    name: str
    git: Bare
    default_branch: str = "main"
    private: bool = True
    archived: bool = False
    fork: bool = False
    disabled: bool = False
    has_issues: bool = True
    deleted: bool = False
    language: str | None = "Python"
    created_at: str = field(default_factory=now)
    pushed_at: str = field(default_factory=now)
    issues: dict[int, dict[str, Any]] = field(default_factory=dict)
    comments: list[dict[str, Any]] = field(default_factory=list)
    reviews: list[dict[str, Any]] = field(default_factory=list)
    review_comments: list[dict[str, Any]] = field(default_factory=list)
    releases: dict[int, dict[str, Any]] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        return f"{self.owner.login}/{self.name}"


@dataclass
class App:
    """The registered GitHub App."""

    id: int
    slug: str
    name: str
    owner: Account
    client_id: str
    client_secret: str
    webhook_secret: str
    pem: str
    public_key: str
    hook_url: str
    callback_urls: list[str]
    setup_url: str
    oauth_on_install: bool
    permissions: dict[str, str]
    events: list[str]
    created_at: str = field(default_factory=now)


@dataclass
class Installation:
    """The App in one account."""

    id: int
    account: Account
    repositories: set[int]
    selection: str = "selected"
    suspended_at: str | None = None
    permissions: dict[str, str] = field(default_factory=dict)
    created_at: str = field(default_factory=now)


@dataclass
class Token:
    """A token and whom it stands for: a person (`login`) or an installation; `expires` is in epoch seconds."""

    value: str
    expires: float
    login: str = ""
    installation: int = 0
    repositories: set[int] | None = None
    permissions: dict[str, str] = field(default_factory=dict)


class Store:
    """Everything, in memory; the repositories are bare ones below `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.lock = threading.RLock()
        self.ids = itertools.count(1001)
        self.accounts: dict[str, Account] = {}
        self.repositories: dict[int, Repository] = {}
        self.moved: dict[str, int] = {}  # former full name to id
        self.apps: dict[int, App] = {}
        self.manifests: dict[str, dict[str, Any]] = {}  # code to manifest
        self.installations: dict[int, Installation] = {}
        self.tokens: dict[str, Token] = {}
        self.codes: dict[str, str] = {}  # OAuth code to login
        self.token_seconds = 3600.0
        self.clock = datetime.now(UTC)
        self.long_tokens = True

    def account(self, login: str, kind: str = "User") -> Account:
        """Return an account, making it if need be."""
        with self.lock:
            if login not in self.accounts:
                self.accounts[login] = Account(next(self.ids), login, kind)
            return self.accounts[login]

    def add_repository(self, full_name: str, source: Path | None = None, **values: Any) -> Repository:
        """Make a repository: a bare copy of `source`, or an empty one."""
        owner, name = full_name.split("/")
        repository_id = next(self.ids)
        path = self.root / owner / f"{name}.git"
        path.parent.mkdir(parents=True, exist_ok=True)
        if source is None:
            subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(path)], check=True)
        else:
            subprocess.run(
                ["git", "clone", "-q", "--bare", "--no-hardlinks", str(source), str(path)], check=True
            )
        git = Bare(path)
        for name_, value in (("http.receivepack", "true"), ("uploadpack.allowAnySHA1InWant", "true")):
            git.run("config", name_, value)
        repository = Repository(repository_id, self.account(owner), name, git, **values)
        if source is not None:
            repository.default_branch = git.text("symbolic-ref", "--short", "HEAD")
        self.repositories[repository_id] = repository
        return repository

    def rename(self, repository: Repository, owner: str, name: str) -> None:
        """Rename or transfer: the old name redirects."""
        self.moved[repository.full_name] = repository.id
        target = self.root / owner / f"{name}.git"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(repository.git.path, target)
        repository.owner, repository.name, repository.git = self.account(owner), name, Bare(target)

    def named(self, full_name: str) -> Repository | None:
        """Return a repository by its present name."""
        for repository in self.repositories.values():
            if repository.full_name == full_name and not repository.deleted:
                return repository
        return None

    def make_token(self, **values: Any) -> Token:
        """Make a token; an installation's is as long as today's are."""
        if values.get("installation"):
            app = next(iter(self.apps))
            value = f"ghs_{secrets.token_hex(18)}"
            if self.long_tokens:
                value = f"ghs_{app}_{secrets.token_urlsafe(60)}.{secrets.token_urlsafe(200)}.{secrets.token_urlsafe(119)}"[
                    :520
                ]
        else:
            value = f"{'github_pat_' if values.pop('personal', False) else 'ghu_'}{secrets.token_hex(18)}"
        token = Token(value, time.time() + self.token_seconds, **values)
        self.tokens[value] = token
        return token

    def expires_at(self, token: Token) -> str:
        """Return when a token ends, as GitHub writes it."""
        return (datetime.fromtimestamp(token.expires, UTC) + timedelta(0)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def visible(self, token: Token) -> list[Repository]:
        """Return what a token may read."""
        alive = [r for r in self.repositories.values() if not r.deleted]
        if token.installation:
            installation = self.installations[token.installation]
            ids = (
                installation.repositories
                if installation.selection == "selected"
                else {r.id for r in alive if r.owner is installation.account}
            )
            return [
                r for r in alive if r.id in ids and (token.repositories is None or r.id in token.repositories)
            ]
        if token.repositories is not None:
            return [r for r in alive if r.id in token.repositories]
        return [
            r
            for r in alive
            if self.administers(token.login, r.owner) or r.id in self.account(token.login).collaborates
        ]

    def administers(self, login: str, account: Account) -> bool:
        """Tell whether a person may do everything in an account."""
        return account.login == login or account.login in self.account(login).organizations
