"""The vocabulary of activities, and the one way to record them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import Model
from django.http import HttpRequest

from console.models import Activity, ApiKey, Organization, User, Workspace
from lightfast.lib.request_id import current_request_id


class Action(StrEnum):
    """What can be done, as `entity.verb`."""

    ORGANIZATION_CREATED = "organization.created"
    ORGANIZATION_CHANGED = "organization.changed"
    ORGANIZATION_TRANSFERRED = "organization.transferred"
    ORGANIZATION_DELETED = "organization.deleted"
    ORGANIZATION_PURGED = "organization.purged"
    MEMBER_INVITED = "member.invited"
    MEMBER_JOINED = "member.joined"
    MEMBER_ROLE_CHANGED = "member.role_changed"
    MEMBER_REMOVED = "member.removed"
    MEMBER_LEFT = "member.left"
    INVITATION_RESENT = "invitation.resent"
    INVITATION_REVOKED = "invitation.revoked"
    WORKSPACE_CREATED = "workspace.created"
    WORKSPACE_DELETED = "workspace.deleted"
    WORKSPACE_PURGED = "workspace.purged"
    KEY_CREATED = "key.created"
    KEY_CHANGED = "key.changed"
    KEY_ROTATED = "key.rotated"
    KEY_REVOKED = "key.revoked"
    STORE_CONFIGURED = "store.configured"
    STORE_SWITCHED = "store.switched"
    APP_REGISTERED = "app.registered"
    CONNECTION_CREATED = "connection.created"
    CONNECTION_REMOVED = "connection.removed"
    DELIVERY_REPLAYED = "delivery.replayed"
    SOURCE_CONFIGURED = "source.configured"
    SOURCE_CONNECTED = "source.connected"
    SOURCE_PAUSED = "source.paused"
    SOURCE_RESUMED = "source.resumed"
    SOURCE_BLOCKED = "source.blocked"
    SOURCE_REMOVED = "source.removed"
    SOURCE_PURGED = "source.purged"
    RUN_REQUESTED = "run.requested"
    RUN_CANCELLED = "run.cancelled"
    RUN_FINISHED = "run.finished"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person, a key, or Lightfast itself when neither is given."""

    user: User | None = None
    api_key: ApiKey | None = None
    ip_address: str | None = None

    @property
    def label(self) -> str:
        """The actor's name for the record."""
        if self.api_key is not None:
            return str(self.api_key)
        return str(self.user) if self.user is not None else "Lightfast"


SYSTEM = Actor()


def actor_of(request: HttpRequest) -> Actor:
    """Return the person who acts in a request of a browser."""
    user = request.user if isinstance(request.user, User) else None
    return Actor(user=user, ip_address=request.META.get("REMOTE_ADDR"))


def record(
    actor: Actor,
    action: Action,
    entity: Model,
    *,
    organization: Organization | None = None,
    workspace: Workspace | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> Activity:
    """Record one act, in the transaction of the act itself; the organization follows from the workspace."""
    if organization is None and workspace is not None:
        organization = workspace.organization
    return Activity.objects.create(
        organization=organization,
        workspace=workspace,
        user=actor.user,
        api_key=actor.api_key,
        actor=actor.label,
        action=action,
        entity_type=entity._meta.model_name or "",
        entity_id=str(entity.pk),
        entity=str(entity),
        before=dict(before or {}),
        after=dict(after or {}),
        ip_address=actor.ip_address,
        request_id=current_request_id(),
    )
