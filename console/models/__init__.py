from console.models.activity import Activity, ActivityQuerySet
from console.models.key import ApiKey, Scope
from console.models.limit import KeptAnswer, RateWindow
from console.models.organization import Invitation, Membership, Organization, Role
from console.models.user import Theme, User
from console.models.workspace import Workspace

__all__ = [
    "Activity",
    "ActivityQuerySet",
    "ApiKey",
    "Invitation",
    "KeptAnswer",
    "Membership",
    "Organization",
    "RateWindow",
    "Role",
    "Scope",
    "Theme",
    "User",
    "Workspace",
]
