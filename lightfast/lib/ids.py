"""Identifiers of rows that people and programs name."""

from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """Return a UUIDv7 (RFC 9562): unguessable, and ordered by time so that indexes stay dense."""
    return UUID(int=uuid7().int)


def first_id_at(moment: datetime) -> UUID:
    """Return an id that is less than those made from that moment on, and greater than those made before."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
