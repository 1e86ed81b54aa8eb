"""Secrets that an installation makes for itself when none is configured."""

import secrets
from pathlib import Path


def secret_path(state_dir: Path, name: str) -> Path:
    """Return the file of the secret `name`."""
    return state_dir / "secrets" / name


def local_secret(state_dir: Path, name: str) -> str:
    """Return the secret `name` of this installation, making it on first use.

    It is 32 random bytes as URL-safe base64 in a file that only its owner may read.
    """
    path = secret_path(state_dir, name)
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f"{name}.{secrets.token_hex(8)}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(32))
        try:
            path.hardlink_to(draft)  # atomic: the first process wins, the others read what it wrote
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text()
