"""What an adapter call knows of GitHub: where it is, who we are there, and our limits."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from ingestion.sources.base import SettingProblem, SourceContext

PUBLIC_API = "https://api.github.com"
MEBIBYTE = 1_048_576
VARIABLES = {
    "app_id": "GITHUB_APP_ID",
    "client_id": "GITHUB_CLIENT_ID",
    "private_key": "GITHUB_APP_PRIVATE_KEY",
    "webhook_secret": "GITHUB_WEBHOOK_SECRET",
    "client_secret": "GITHUB_CLIENT_SECRET",
}

LEAST = {
    "timeout": ("GITHUB_TIMEOUT", 1),
    "pause": ("GITHUB_PAUSE", 0),
    "archive_from": ("GITHUB_ARCHIVE_FROM", 1),
    "archive_bytes": ("GITHUB_ARCHIVE_BYTES", 1),
    "commit_depth": ("GITHUB_COMMIT_DEPTH", 1),
}


@dataclass(frozen=True, slots=True)
class GitHubSettings:
    """The values of `settings.SOURCES["github"]`; sizes are in bytes, times in seconds."""

    api_url: str = PUBLIC_API
    app_id: str = ""
    private_key: str = ""
    timeout: int = 15
    pause: float = 0.07
    archive_from: int = 20
    archive_bytes: int = 2_048 * MEBIBYTE
    commit_depth: int = 500

    @classmethod
    def of(cls, context: SourceContext) -> Self:
        """Read them from a context."""
        values: Mapping[str, Any] = {**context.config, **context.secrets}
        return cls(**{name: values[name] for name in cls.__slots__ if name in values})

    @property
    def web_url(self) -> str:
        """Where people find what the API tells of."""
        return web_url(self.api_url)


def check(config: Mapping[str, Any], secrets: Mapping[str, str]) -> list[SettingProblem]:
    """Return what is wrong in the settings: an App is named as a whole, or made from a page."""
    found = []
    values = {**config, **secrets}
    given = [variable for name, variable in VARIABLES.items() if values.get(name)]
    missing = [variable for name, variable in VARIABLES.items() if not values.get(name)]
    if given and missing:
        found.append(
            SettingProblem(
                1,
                f"Of the GitHub App, {', '.join(given)} is set, but not {', '.join(missing)}.",
                "Set all of them, as the App's settings on GitHub show them; or none, and make it from Connections.",
            )
        )
    if (key := secrets.get("private_key")) and not _is_key(key):
        found.append(
            SettingProblem(
                2,
                "GITHUB_APP_PRIVATE_KEY is no RSA key in PEM.",
                "Give it the whole content of the .pem file that GitHub lets you download, or name the file in "
                "GITHUB_APP_PRIVATE_KEY_FILE.",
            )
        )
    api_url = str(config.get("api_url", PUBLIC_API))
    parts = urlsplit(api_url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.hostname == "github.com":
        found.append(
            SettingProblem(
                3,
                f"GITHUB_API_URL is {api_url!r}, which is no address of GitHub's API.",
                f"Use {PUBLIC_API}, or https://HOST/api/v3 for an Enterprise Server.",
            )
        )
    found += [
        SettingProblem(4, f"{variable} is {config[name]}.", f"Use {least} or more.")
        for name, (variable, least) in LEAST.items()
        if config.get(name, least) < least
    ]
    return found


def _is_key(text: str) -> bool:
    try:
        load_pem_private_key(text.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return True


def web_url(api_url: str) -> str:
    """Return the address of the pages that belong to an API: of github.com, ghe.com or an Enterprise Server."""
    if api_url.endswith("/api/v3"):
        return api_url.removesuffix("/api/v3")
    parts = urlsplit(api_url)
    return f"{parts.scheme}://{parts.netloc.removeprefix('api.')}"
