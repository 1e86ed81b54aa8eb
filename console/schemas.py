"""What the console's part of the API takes and answers."""

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Field, Schema

from console.models import Scope
from lightfast.lib.api import PageOut, Text


class Named(Schema):
    """Something with an id and a name."""

    id: UUID
    name: str
    slug: str = Field(..., description="Its part of the addresses of pages.")


class Whoami(Schema):
    """A key and what it opens."""

    key: str = Field(..., description="The key's name.")
    prefix: str = Field(..., description="The key's first characters.")
    scopes: list[Scope]
    expires_at: datetime | None
    workspace: Named
    organization: Named


class KeyIn(Schema):
    """A key to be made."""

    name: Text = Field(..., min_length=1, max_length=100, description="What it is for.", examples=["CI"])
    scopes: list[Scope] = Field(..., min_length=1, max_length=4, description="What it may do.")
    expires_at: datetime | None = Field(None, description="When it stops working; null is never.")


class KeyOut(Schema):
    """A key of the workspace, without its text."""

    id: UUID
    name: str
    prefix: str = Field(..., description="Its first characters.")
    scopes: list[Scope]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None = Field(..., description="To the minute.")
    revoked_at: datetime | None


class NewKey(KeyOut):
    """A key just made."""

    token: str = Field(..., description="Its text. It is not stored, and never shown again.")


class Keys(PageOut):
    """Keys of the workspace, newest first."""

    items: list[KeyOut]


class ActivityOut(Schema):
    """Who did what to what, when, from where."""

    id: int
    actor: str
    action: str = Field(..., examples=["source.paused"])
    entity_type: str
    entity_id: str
    entity: str = Field(..., description="The entity's name at the time.")
    before: dict[str, Any]
    after: dict[str, Any]
    ip_address: str | None
    request_id: str
    created_at: datetime


class Activities(PageOut):
    """The audit trail of the workspace, newest first."""

    items: list[ActivityOut]
