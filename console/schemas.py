"""What the console's part of the API answers."""

from datetime import datetime
from uuid import UUID

from ninja import Schema


class Named(Schema):
    """Something with an id and a name."""

    id: UUID
    name: str
    slug: str


class Whoami(Schema):
    """A key and what it opens."""

    key: str
    prefix: str
    scopes: list[str]
    expires_at: datetime | None
    workspace: Named
    organization: Named
