"""API keys as text: `lf_`, 32 random characters, and a checksum of 6 that tells a typo without a look-up."""

import hashlib
import hmac
import re
import secrets
import string
import zlib

from django.conf import settings

from console.models import ApiKey

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
PREFIX, RANDOM, CHECKSUM = "lf_", 32, 6
SHAPE = re.compile(rf"{PREFIX}[0-9A-Za-z]{{{RANDOM + CHECKSUM}}}")
SHOWN = 8  # characters kept for people to tell keys apart


def new_token() -> str:
    """Return a new key's text; 32 characters of 62 are 190 bits."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM))
    return f"{PREFIX}{body}{_checksum(body)}"


def is_well_formed(token: str) -> bool:
    """Tell whether a text has a key's shape and its checksum is right."""
    if not SHAPE.fullmatch(token):
        return False
    body = token[len(PREFIX) : -CHECKSUM]
    return hmac.compare_digest(token[-CHECKSUM:], _checksum(body))


def digest(token: str) -> bytes:
    """Return what is stored of a key: HMAC-SHA256 under API_KEY_PEPPER."""
    return hmac.digest(settings.API_KEY_PEPPER.encode(), token.encode(), hashlib.sha256)


def find_key(token: str) -> ApiKey | None:
    """Return the usable key of that text, with its workspace and organization."""
    if not is_well_formed(token):
        return None
    keys = ApiKey.objects.usable().with_digest(digest(token))
    return keys.select_related("workspace__organization").first()


def _checksum(body: str) -> str:
    """Return the CRC-32 of the random part in base 62, as GitHub's tokens have it."""
    number, digits = zlib.crc32(body.encode()), ""
    for _ in range(CHECKSUM):
        number, rest = divmod(number, len(ALPHABET))
        digits = ALPHABET[rest] + digits
    return digits
