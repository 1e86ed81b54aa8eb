"""What people do with teams, workspaces and keys; every write is one transaction and one activity."""

from console.services.invitations import (
    accept_invitation,
    accept_offer,
    invite,
    resend_invitation,
    revoke_invitation,
)
from console.services.keys import change_api_key, create_api_key, revoke_api_key, rotate_api_key
from console.services.members import change_role, leave, remove_member, transfer_ownership
from console.services.organizations import change_organization, create_organization
from console.services.workspaces import (
    change_workspace,
    create_workspace,
    dismiss_setup,
    export_workspace,
)

__all__ = [
    "accept_invitation",
    "accept_offer",
    "change_api_key",
    "change_organization",
    "change_role",
    "change_workspace",
    "create_api_key",
    "create_organization",
    "create_workspace",
    "dismiss_setup",
    "export_workspace",
    "invite",
    "leave",
    "remove_member",
    "resend_invitation",
    "revoke_api_key",
    "revoke_invitation",
    "rotate_api_key",
    "transfer_ownership",
]
