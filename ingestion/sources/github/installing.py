"""Making the GitHub App, installing it, and finding out who came back."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import requests

from ingestion.sources.base import (
    AuthorizationError,
    Grant,
    NeedsIdentity,
    NotFound,
    Registered,
    SourceContext,
    SourceError,
)
from ingestion.sources.github.access import app_client, requester_of
from ingestion.sources.github.client import Client, translated
from ingestion.sources.github.settings import GitHubSettings

PERMISSIONS = dict.fromkeys(("contents", "metadata", "pull_requests", "issues"), "read")
EVENTS = (
    "push repository pull_request pull_request_review pull_request_review_comment issues issue_comment release"
).split()
LONGEST_NAME = 34  # of an App


def manifest(base_url: str) -> dict[str, Any]:
    """Describe the App of this Lightfast: what it may read, what it is told, where people come back to.

    See https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
    """
    host = urlsplit(base_url).netloc
    return {
        "name": f"Lightfast {host}"[:LONGEST_NAME].rstrip(" .-:"),
        "url": base_url,
        "description": "Keeps a searchable index of your repositories.",
        "hook_attributes": {"url": f"{base_url}/webhooks/github/", "active": True},
        "redirect_url": f"{base_url}/connections/github/registered/",
        "callback_urls": [f"{base_url}/connections/github/callback/"],
        "request_oauth_on_install": True,
        "public": False,
        "default_permissions": PERMISSIONS,
        "default_events": EVENTS,
    }


def registration_url(settings: GitHubSettings, account: str, state: str) -> str:
    """Return where a manifest is posted to: a person's settings, or those of an organization."""
    place = f"/organizations/{quote(account, safe='')}" if account else ""
    return f"{settings.web_url}{place}/settings/apps/new?{urlencode({'state': state})}"


def registered(settings: GitHubSettings, code: str) -> Registered:
    """Exchange the code of a manifest for the App.

    See https://docs.github.com/en/rest/apps/apps#create-a-github-app-from-a-manifest
    """
    if not code.isalnum():
        raise SourceError("GitHub sent no code. Create the App again.")
    try:
        made = Client(requester_of("", settings)).post(f"/app-manifests/{code}/conversions", {})
    except NotFound:
        raise SourceError(
            "GitHub does not know the code any more: it works once, for an hour. Create the App again."
        ) from None
    config = {"app_id": str(made["id"]), "app_slug": made["slug"], "client_id": made["client_id"]}
    secrets = {
        "private_key": made["pem"],
        "webhook_secret": made["webhook_secret"] or "",
        "client_secret": made["client_secret"],
    }
    return Registered(made["name"], config, secrets)


def install_url(context: SourceContext, settings: GitHubSettings, state: str) -> str:
    """Return the page where the App is installed."""
    slug = str(context.config.get("app_slug") or "") or _slug(settings)
    folder = "apps" if settings.web_url == "https://github.com" else "github-apps"
    return (
        f"{settings.web_url}/{folder}/{quote(slug, safe='')}/installations/new?{urlencode({'state': state})}"
    )


def _slug(settings: GitHubSettings) -> str:
    return str(app_client(settings).get("/app")["slug"])


def identity_url(context: SourceContext, settings: GitHubSettings, state: str, return_to: str) -> str:
    """Return the page where a person tells the App who they are."""
    values = {"client_id": context.config.get("client_id", ""), "state": state, "redirect_uri": return_to}
    return f"{settings.web_url}/login/oauth/authorize?{urlencode(values)}"


def confirm(context: SourceContext, settings: GitHubSettings, answer: Mapping[str, str]) -> list[Grant]:
    """Return the installations that both the App and the person's own token know.

    The number in the address is anybody's to write: alone it proves nothing.
    """
    if answer.get("setup_action") == "request":
        raise SourceError(
            "GitHub has asked the owners of the account to allow the installation. Connect it here once they have."
        )
    if not answer.get("code"):
        raise NeedsIdentity
    client = Client(requester_of(_user_token(context, settings, answer["code"]), settings))
    theirs = {
        str(row["id"]): row for page in client.pages("/user/installations") for row in page["installations"]
    }
    wanted = answer.get("installation_id", "")
    if wanted and wanted not in theirs:
        raise AuthorizationError(
            "GitHub does not show you this installation. Log in there as somebody who may manage it, and try again."
        )
    app = app_client(settings)
    grants = []
    for number in [wanted] if wanted else sorted(theirs, key=int):
        try:
            row = app.get(f"/app/installations/{int(number)}")
        except NotFound:
            continue
        grants.append(Grant(number, row["account"]["login"], {"installation_id": number}))
    if not grants:
        raise SourceError("The GitHub App is not installed anywhere that you may manage. Install it first.")
    return grants


def _user_token(context: SourceContext, settings: GitHubSettings, code: str) -> str:
    """Exchange a code for a person's token, which is used at once and not kept.

    See https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app
    """
    values = {
        "client_id": context.config.get("client_id", ""),
        "client_secret": context.secrets.get("client_secret", ""),
        "code": code,
    }
    url = f"{settings.web_url}/login/oauth/access_token"
    with translated():
        answer = requests.post(
            url, data=values, headers={"Accept": "application/json"}, timeout=settings.timeout
        )
        try:
            token = answer.json().get("access_token")
        except ValueError:
            token = None
    if not token:
        raise AuthorizationError(
            "GitHub did not confirm who you are: the code works once, for ten minutes. Try again."
        )
    return str(token)


def check_token(settings: GitHubSettings, token: str) -> Grant:
    """Return whose token it is, after it has read something."""
    if not token.isascii() or not token.isprintable() or " " in token or not 20 <= len(token) <= 1_000:
        raise AuthorizationError(
            "This is no token of GitHub. Copy the whole of it; it begins with github_pat_."
        )
    client = Client(requester_of(token, settings))
    try:
        person = client.get("/user")
        next(client.pages("/user/repos", per_page=1))
    except AuthorizationError:
        raise AuthorizationError(
            "GitHub refuses the token. Make one that is valid and may read Contents and Metadata."
        ) from None
    return Grant(f"user {person['id']}", person["login"], secrets={"token": token})


def manifest_text(base_url: str) -> str:
    """Return the manifest as it is posted."""
    return json.dumps(manifest(base_url))
