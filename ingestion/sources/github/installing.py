"""Making the GitHub App, and where it is installed; a token in its place."""

import json
from ipaddress import ip_address
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from ingestion.sources.base import Grant, Registered, Registration, SourceContext
from ingestion.sources.errors import AuthorizationError, NotFound, SourceError
from ingestion.sources.github.access import app_client, requester_of
from ingestion.sources.github.client import Client
from ingestion.sources.github.settings import GitHubSettings
from lightfast.lib.network import is_public

PERMISSIONS = dict.fromkeys(("contents", "metadata", "pull_requests", "issues"), "read")
EVENTS = (
    "push repository pull_request pull_request_review pull_request_review_comment issues issue_comment release"
).split()
LONGEST_NAME = 34  # of an App
PRIVATE_NAMES = (".localhost", ".local", ".internal", ".lan", ".home.arpa", ".test")
UNREACHED = (
    "GitHub cannot reach {base_url}, so the App is made without a webhook, and changes are found every 15 minutes. "
    "To have them within seconds, set BASE_URL to an address on the internet before you create the App."
)


def registration(
    settings: GitHubSettings, *, base_url: str, account: str, public: bool, state: str
) -> Registration:
    """Return where a manifest is posted to, a person's settings or those of an organization, and the manifest."""
    place = f"/organizations/{quote(account, safe='')}" if account else ""
    url = f"{settings.web_url}{place}/settings/apps/new?{urlencode({'state': state})}"
    reached = is_reached(settings, base_url)
    warning = "" if reached else UNREACHED.format(base_url=base_url)
    return Registration(url, json.dumps(manifest(base_url, webhooks=reached, public=public)), warning)


def manifest(base_url: str, *, webhooks: bool, public: bool) -> dict[str, Any]:
    """Describe the App of this Lightfast: what it may read, what it is told, where people come back to.

    See https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
    """
    host = urlsplit(base_url).netloc
    values = {
        "name": f"Lightfast {host}"[:LONGEST_NAME].rstrip(" .-:"),
        "url": base_url,
        "description": "Keeps a searchable index of your repositories.",
        "redirect_url": f"{base_url}/connections/github/registered/",
        "callback_urls": [f"{base_url}/connections/github/callback/"],
        "request_oauth_on_install": True,
        "public": public,
        "default_permissions": PERMISSIONS,
    }
    if webhooks:
        values["hook_attributes"] = {"url": f"{base_url}/webhooks/github/", "active": True}
        values["default_events"] = EVENTS
    return values


def is_reached(settings: GitHubSettings, base_url: str) -> bool:
    """Tell whether webhooks can arrive: GitHub in the cloud refuses addresses of private networks."""
    cloud = urlsplit(settings.web_url).hostname or ""
    if cloud != "github.com" and not cloud.endswith(".ghe.com"):
        return True
    host = urlsplit(base_url).hostname or ""
    try:
        return is_public(ip_address(host))
    except ValueError:
        return "." in host and not host.endswith(PRIVATE_NAMES)


def registered(settings: GitHubSettings, code: str) -> Registered:
    """Exchange the code of a manifest for the App.

    See https://docs.github.com/en/rest/apps/apps#create-a-github-app-from-a-manifest
    """
    if not (code.isascii() and code.isalnum()):
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
