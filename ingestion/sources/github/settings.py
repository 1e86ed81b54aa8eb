"""What an adapter call knows of GitHub: where it is, who we are there, and our limits."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

from ingestion.sources.base import SourceContext

PUBLIC_API = "https://api.github.com"
MEBIBYTE = 1_048_576


@dataclass(frozen=True, slots=True)
class GitHubSettings:
    """The values of `settings.SOURCES["github"]`; sizes are in bytes, times in seconds."""

    api_url: str = PUBLIC_API
    app_id: str = ""
    private_key: str = ""
    timeout: int = 15
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


def web_url(api_url: str) -> str:
    """Return the address of the pages that belong to an API: of github.com, ghe.com or an Enterprise Server."""
    if api_url.endswith("/api/v3"):
        return api_url.removesuffix("/api/v3")
    parts = urlsplit(api_url)
    return f"{parts.scheme}://{parts.netloc.removeprefix('api.')}"
