"""Encryption of secrets at rest."""

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class DecryptionError(Exception):
    """A secret that none of the configured keys opens."""


@lru_cache(maxsize=4)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet(
        [Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest())) for key in keys]
    )


def encrypt(secrets: Mapping[str, str]) -> bytes:
    """Encrypt a mapping of secrets with the newest of `ENCRYPTION_KEYS`."""
    return _fernet(tuple(settings.ENCRYPTION_KEYS)).encrypt(json.dumps(dict(secrets)).encode())


def decrypt(token: bytes) -> dict[str, str]:
    """Decrypt what `encrypt` made; raise `DecryptionError` when no configured key opens it."""
    if not token:
        return {}
    with _explained():
        secrets: dict[str, str] = json.loads(_fernet(tuple(settings.ENCRYPTION_KEYS)).decrypt(token))
    return secrets


def reencrypt(token: bytes) -> bytes:
    """Encrypt what `encrypt` made with the newest key; raise `DecryptionError` when no configured key opens it."""
    with _explained():
        return _fernet(tuple(settings.ENCRYPTION_KEYS)).rotate(token)


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except InvalidToken as error:
        message = "No key in ENCRYPTION_KEYS opens this secret. Put the key that encrypted it back at the list's end."
        raise DecryptionError(message) from error
