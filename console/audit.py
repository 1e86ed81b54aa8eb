"""The vocabulary of activities, and the one way to record them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import Model
from django.http import HttpRequest

from console.models import Activity, ApiKey, Organization, User, Workspace
from lightfast.lib.client_address import address_of
from lightfast.lib.request_id import current_request_id


class Action(StrEnum):
    """What can be done, as `entity.verb`."""

    ACCOUNT_CHANGED = "account.changed"
    ACCOUNT_DELETED = "account.deleted"
    SESSION_ENDED = "session.ended"
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
    WORKSPACE_CHANGED = "workspace.changed"
    WORKSPACE_EXPORTED = "workspace.exported"
    WORKSPACE_SETUP_DISMISSED = "workspace.setup_dismissed"
    WORKSPACE_DELETED = "workspace.deleted"
    WORKSPACE_PURGED = "workspace.purged"
    KEY_CREATED = "key.created"
    KEY_CHANGED = "key.changed"
    KEY_ROTATED = "key.rotated"
    KEY_REVOKED = "key.revoked"
    STORE_CONFIGURED = "store.configured"
    STORE_SWITCHED = "store.switched"
    BUDGET_CHANGED = "budget.changed"
    BUDGET_REACHED = "budget.reached"
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
    RUN_CONFIRMED = "run.confirmed"
    RUN_CANCELLED = "run.cancelled"
    RUN_FINISHED = "run.finished"
    EVALUATION_REQUESTED = "evaluation.requested"
    USER_SIGNED_UP = "user.signed_up"
    USER_LOGGED_IN = "user.logged_in"
    USER_LOGIN_FAILED = "user.login_failed"
    USER_LOGGED_OUT = "user.logged_out"
    USER_EMAIL_ADDED = "user.email_added"
    USER_EMAIL_CHANGED = "user.email_changed"
    USER_EMAIL_CONFIRMED = "user.email_confirmed"
    USER_EMAIL_REMOVED = "user.email_removed"
    USER_PASSWORD_CHANGED = "user.password_changed"  # noqa: S105
    USER_PASSWORD_RESET = "user.password_reset"  # noqa: S105
    USER_FACTOR_ADDED = "user.factor_added"
    USER_FACTOR_REMOVED = "user.factor_removed"
    USER_FACTOR_RESET = "user.factor_reset"
    USER_ACCOUNT_LINKED = "user.account_linked"
    USER_ACCOUNT_UNLINKED = "user.account_unlinked"


# What stands between the actor and the entity: "alice@acme.example — paused the source — api".
WORDS: dict[str, str] = {
    Action.ORGANIZATION_CREATED: "created the team",
    Action.ORGANIZATION_CHANGED: "changed the team",
    Action.ORGANIZATION_TRANSFERRED: "handed over the team",
    Action.ORGANIZATION_DELETED: "deleted the team",
    Action.ORGANIZATION_PURGED: "purged everything of the team",
    Action.MEMBER_INVITED: "invited",
    Action.MEMBER_JOINED: "joined as",
    Action.MEMBER_ROLE_CHANGED: "changed the role of",
    Action.MEMBER_REMOVED: "removed the member",
    Action.MEMBER_LEFT: "left, having been",
    Action.INVITATION_RESENT: "sent again the invitation of",
    Action.INVITATION_REVOKED: "revoked the invitation of",
    Action.WORKSPACE_CREATED: "created the workspace",
    Action.WORKSPACE_CHANGED: "changed the settings of",
    Action.WORKSPACE_EXPORTED: "exported the data of",
    Action.WORKSPACE_SETUP_DISMISSED: "hid the checklist of",
    Action.WORKSPACE_DELETED: "deleted the workspace",
    Action.WORKSPACE_PURGED: "purged everything of the workspace",
    Action.KEY_CREATED: "made the API key",
    Action.KEY_CHANGED: "changed the API key",
    Action.KEY_ROTATED: "rotated the API key",
    Action.KEY_REVOKED: "revoked the API key",
    Action.STORE_CONFIGURED: "chose another index configuration for the store",
    Action.STORE_SWITCHED: "switched to the new index of the store",
    Action.BUDGET_CHANGED: "changed the budget of",
    Action.BUDGET_REACHED: "reached the budget of",
    Action.APP_REGISTERED: "registered the app",
    Action.CONNECTION_CREATED: "connected",
    Action.CONNECTION_REMOVED: "disconnected",
    Action.DELIVERY_REPLAYED: "replayed the delivery",
    Action.SOURCE_CONFIGURED: "changed what is indexed of the source",
    Action.SOURCE_CONNECTED: "added the source",
    Action.SOURCE_PAUSED: "paused the source",
    Action.SOURCE_RESUMED: "resumed the source",
    Action.SOURCE_BLOCKED: "stopped syncing the source",
    Action.SOURCE_REMOVED: "removed the source",
    Action.SOURCE_PURGED: "purged everything of the source",
    Action.RUN_REQUESTED: "asked for the job",
    Action.RUN_CONFIRMED: "let go on, whatever it costs, the job",
    Action.RUN_CANCELLED: "cancelled the job",
    Action.RUN_FINISHED: "finished the job",
    Action.EVALUATION_REQUESTED: "measured the search of",
    Action.ACCOUNT_CHANGED: "changed the account",
    Action.ACCOUNT_DELETED: "deleted the account",
    Action.SESSION_ENDED: "ended a session of",
    Action.USER_SIGNED_UP: "signed up as",
    Action.USER_LOGGED_IN: "logged in as",
    Action.USER_LOGIN_FAILED: "could not log in as",
    Action.USER_LOGGED_OUT: "logged out as",
    Action.USER_EMAIL_ADDED: "added an address to",
    Action.USER_EMAIL_CHANGED: "changed the primary address of",
    Action.USER_EMAIL_CONFIRMED: "confirmed an address of",
    Action.USER_EMAIL_REMOVED: "removed an address from",
    Action.USER_PASSWORD_CHANGED: "changed the password of",
    Action.USER_PASSWORD_RESET: "reset the password of",
    Action.USER_FACTOR_ADDED: "added a second factor to",
    Action.USER_FACTOR_REMOVED: "removed a second factor from",
    Action.USER_FACTOR_RESET: "made new recovery codes for",
    Action.USER_ACCOUNT_LINKED: "linked a login to",
    Action.USER_ACCOUNT_UNLINKED: "unlinked a login from",
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person, a key, or else whoever `name` says."""

    user: User | None = None
    api_key: ApiKey | None = None
    ip_address: str | None = None
    name: str = "Lightfast"

    @property
    def label(self) -> str:
        """The actor's name for the record."""
        if self.api_key is not None:
            return str(self.api_key)
        return str(self.user) if self.user is not None else self.name


SYSTEM = Actor()


def actor_of(request: HttpRequest) -> Actor:
    """Return the person who acts in a request of a browser."""
    user = request.user if isinstance(request.user, User) else None
    return Actor(user=user, ip_address=address_of(request))


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
