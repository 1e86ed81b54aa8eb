"""Identifiers of rows that people and programs name."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """Return a UUIDv7 (RFC 9562): unguessable, and ordered by time so that indexes stay dense."""
    return UUID(int=uuid7().int)
