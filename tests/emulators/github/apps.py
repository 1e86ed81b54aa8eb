"""The App: registering, installing, suspending and removing it."""

import re
import secrets
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.emulators.github import payloads
from tests.emulators.github.store import App, Installation, Repository, now

if TYPE_CHECKING:
    from tests.emulators.github.server import GitHub

READS = dict.fromkeys(("contents", "metadata", "pull_requests", "issues"), "read")


def register(github: "GitHub", manifest: Mapping[str, Any] | None = None, owner: str = "octocat") -> App:
    """Register an App as a manifest describes it."""
    values = dict(manifest or {"name": "Lightfast", "default_permissions": READS, "default_events": ["push"]})
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    store = github.store
    app = App(
        id=next(store.ids),
        slug=re.sub(r"[^a-z0-9]+", "-", values["name"].lower()).strip("-"),
        name=values["name"],
        owner=store.account(owner),
        client_id=f"Iv23{secrets.token_hex(8)}",
        client_secret=secrets.token_hex(20),
        webhook_secret=secrets.token_hex(20),
        pem=pem.decode(),
        public_key=public.decode(),
        hook_url=values.get("hook_attributes", {}).get("url", ""),
        callback_urls=values.get("callback_urls", []),
        setup_url=values.get("setup_url", ""),
        oauth_on_install=bool(values.get("request_oauth_on_install")),
        permissions=values.get("default_permissions", {}),
        events=values.get("default_events", []),
    )
    store.apps[app.id] = app
    return app


def install(github: "GitHub", account: str, repositories: Sequence[Repository]) -> Installation:
    """Install the App in an account and tell it so."""
    store = github.store
    app = next(iter(store.apps.values()))
    ids = {repository.id for repository in repositories}
    installation = Installation(
        next(store.ids), store.account(account), ids, permissions=dict(app.permissions)
    )
    store.installations[installation.id] = installation
    announce(github, installation, "created", repositories)
    return installation


def suspend(github: "GitHub", installation: Installation) -> None:
    """Suspend an installation and tell the App."""
    installation.suspended_at = now()
    announce(github, installation, "suspend", [])


def unsuspend(github: "GitHub", installation: Installation) -> None:
    """Let an installation work again and tell the App."""
    installation.suspended_at = None
    announce(github, installation, "unsuspend", [])


def uninstall(github: "GitHub", installation: Installation) -> None:
    """Remove an installation and tell the App."""
    announce(github, installation, "deleted", [])
    del github.store.installations[installation.id]


def announce(
    github: "GitHub", installation: Installation, action: str, repositories: Sequence[Repository]
) -> None:
    """Send an `installation` event."""
    app = next(iter(github.store.apps.values()))
    body = {
        "action": action,
        "installation": payloads.installation(installation, app, github.root),
        "repositories": [payloads.brief(repository) for repository in repositories],
        "sender": payloads.user(installation.account, github.root),
        "requester": None,
    }
    github.webhooks.send("installation", body)
