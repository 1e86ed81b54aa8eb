"""What is in the file: a tar of `manifest.json`, `secrets.json` if wanted, and `database.dump` of pg_dump."""

import hashlib
import hmac
from datetime import datetime
from typing import Self

from django.conf import settings
from ninja import Schema

MANIFEST, SECRETS, DUMP = "manifest.json", "secrets.json", "database.dump"
FORMAT = 1
# Secrets that an installation makes for itself, as its files are named.
LOCAL_SECRETS = ("secret_key", "encryption_key")


class BackupError(Exception):
    """A backup that cannot be made or restored; the message says what to do."""


class Manifest(Schema):
    """What the file says of itself. `fingerprints` tell whether an installation has the secrets that it needs."""

    format: int
    version: str
    created_at: datetime
    migrations: list[tuple[str, str]]
    rows: dict[str, int]
    fingerprints: dict[str, str]

    @classmethod
    def read(cls, text: bytes) -> Self:
        """Parse a manifest; raise `BackupError`."""
        try:
            manifest = cls.model_validate_json(text)
        except ValueError as error:
            raise BackupError(f"This is no backup of Lightfast: {error}.") from error
        if manifest.format != FORMAT:
            raise BackupError(f"The backup is of format {manifest.format}; this Lightfast reads {FORMAT}.")
        return manifest


def fingerprints() -> dict[str, str]:
    """Return what tells each secret from others without telling the secret."""
    secrets = {
        "SECRET_KEY": settings.SECRET_KEY,
        "ENCRYPTION_KEYS": settings.ENCRYPTION_KEYS[0],
        "API_KEY_PEPPER": settings.API_KEY_PEPPER,
    }
    return {
        name: hmac.digest(value.encode(), f"lightfast backup {name}".encode(), hashlib.sha256).hex()[:16]
        for name, value in secrets.items()
    }
