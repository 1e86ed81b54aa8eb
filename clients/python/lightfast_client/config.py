"""Where the server is and which key to use: from the environment, else from a file.

The file is ~/.config/lightfast/config.toml, or what LIGHTFAST_CONFIG names: url = "https://…", key = "lf_…".
"""

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from lightfast_client.errors import LightfastError

DEFAULT_URL = "http://127.0.0.1:8000"


@dataclass(frozen=True, slots=True)
class Config:
    """A server and a key."""

    url: str
    key: str


def configured() -> Config:
    """Return what is configured; raise `LightfastError` for a file that cannot be read."""
    kept = _kept(config_path())
    return Config(
        url=os.environ.get("LIGHTFAST_URL") or kept.get("url") or DEFAULT_URL,
        key=os.environ.get("LIGHTFAST_KEY") or kept.get("key") or "",
    )


def config_path() -> Path:
    """Return where the file is."""
    if told := os.environ.get("LIGHTFAST_CONFIG"):
        return Path(told)
    return Path(os.environ.get("XDG_CONFIG_HOME") or "~/.config").expanduser() / "lightfast" / "config.toml"


def _kept(path: Path) -> dict[str, str]:
    try:
        read = tomllib.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise LightfastError(f"{path} cannot be read: {error}") from error
    return {name: value for name, value in read.items() if isinstance(value, str)}
