"""Logins at other services, as django-allauth's settings want them."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

GITHUB_API = "https://api.github.com"
Providers = dict[str, dict[str, Any]]


def login_providers(*, github: Mapping[str, Any], oidc: Mapping[str, str]) -> Providers:
    """Return the services that are configured."""
    providers: Providers = {}
    client_id, secret = github["config"]["client_id"], github["secrets"]["client_secret"]
    if client_id and secret:
        providers["github"] = {
            "APPS": [{"client_id": client_id, "secret": secret, "key": ""}],
            "SCOPE": ["read:user", "user:email"],
        }
        if github["config"]["api_url"] != GITHUB_API:
            providers["github"]["GITHUB_URL"] = github["config"]["api_url"].removesuffix("/api/v3")
    if oidc["server_url"] and oidc["client_id"]:
        providers["openid_connect"] = {
            "APPS": [
                {
                    "provider_id": "sso",
                    "name": oidc["name"],
                    "client_id": oidc["client_id"],
                    "secret": oidc["client_secret"],
                    "settings": {"server_url": oidc["server_url"]},
                }
            ],
            "OAUTH_PKCE_ENABLED": True,
        }
    return providers


def origins(providers: Providers) -> list[str]:
    """Return where people are sent to log in."""
    urls = []
    if "github" in providers:
        urls.append(providers["github"].get("GITHUB_URL", "https://github.com"))
    urls += [app["settings"]["server_url"] for app in providers.get("openid_connect", {}).get("APPS", ())]
    return [f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, urls)]
