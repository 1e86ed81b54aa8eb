"""Members of a team: their roles, and how they leave it.

Whatever could leave a team without an owner locks the team's row first, so that two such acts wait for each other.
"""

from django.db import transaction

from console.audit import Action, Actor, record
from console.models import ApiKey, Membership, Organization, Role, User
from console.services.keys import revoke_api_key
from lightfast.lib.errors import UserError

LAST_OWNER = "{user} is the last owner of {organization}. Make somebody else an owner first."
GONE = "This person is no longer a member of {organization}."


@transaction.atomic
def change_role(*, membership: Membership, role: Role, actor: Actor) -> Membership:
    """Give a member another role; raise `UserError` for the last owner."""
    locked = _lock(membership)
    before = locked.role
    if before == role:
        return locked
    refuse_above(actor, locked.organization, Role(before), role)
    if before == Role.OWNER:
        _refuse_last_owner(locked)
    locked.role = role
    locked.save(update_fields=["role", "updated_at"])
    record(
        actor,
        Action.MEMBER_ROLE_CHANGED,
        locked,
        organization=locked.organization,
        before={"role": before},
        after={"role": role.value},
    )
    return locked


@transaction.atomic
def remove_member(*, membership: Membership, revoke_keys: bool = False, actor: Actor) -> int:
    """Take a person out of a team, and with `revoke_keys` the keys they made; return how many were revoked."""
    locked = _lock(membership)
    refuse_above(actor, locked.organization, Role(locked.role))
    return _end(locked, Action.MEMBER_REMOVED, revoke_keys, actor)


@transaction.atomic
def leave(*, organization: Organization, user: User, revoke_keys: bool = False, actor: Actor) -> int:
    """Let a person leave a team; return how many of their keys were revoked."""
    membership = Membership.objects.filter(organization=organization, user=user).first()
    if membership is None:
        raise UserError(GONE.format(organization=organization))
    return _end(_lock(membership), Action.MEMBER_LEFT, revoke_keys, actor)


@transaction.atomic
def transfer_ownership(*, organization: Organization, to: Membership, actor: Actor) -> None:
    """Make a member the owner in the place of the owner who acts, who becomes an admin."""
    heir = _lock(to)
    mine = Membership.objects.filter(organization=organization, user=actor.user, role=Role.OWNER).first()
    if mine is None or heir.organization_id != organization.pk:
        raise UserError("Only an owner can hand a team over, and only to a member of it.")
    if heir.pk == mine.pk:
        raise UserError("You own this team already. Choose another member.")
    before = {"owner": str(mine.user), "role": heir.role}
    Membership.objects.filter(pk=heir.pk).update(role=Role.OWNER)
    Membership.objects.filter(pk=mine.pk).update(role=Role.ADMIN)
    record(
        actor,
        Action.ORGANIZATION_TRANSFERRED,
        organization,
        organization=organization,
        before=before,
        after={"owner": str(heir.user), "role": Role.OWNER.value},
    )


def refuse_above(actor: Actor, organization: Organization, *roles: Role) -> None:
    """Refuse a person who is no owner what touches owners; Lightfast itself may do everything."""
    if Role.OWNER not in roles or actor.user is None:
        return
    if not Membership.objects.filter(organization=organization, user=actor.user, role=Role.OWNER).exists():
        raise UserError("Only an owner can make, change or remove an owner.")


def _lock(membership: Membership) -> Membership:
    """Lock the team, then read the membership as it is now."""
    organization = Organization.objects.select_for_update(no_key=True).get(pk=membership.organization_id)
    rows = Membership.objects.select_related("user").filter(pk=membership.pk)
    locked = rows.first()
    if locked is None:
        raise UserError(GONE.format(organization=organization))
    locked.organization = organization
    return locked


def _refuse_last_owner(membership: Membership) -> None:
    owners = Membership.objects.filter(organization=membership.organization, role=Role.OWNER)
    if not owners.exclude(pk=membership.pk).exists():
        raise UserError(LAST_OWNER.format(user=membership.user, organization=membership.organization))


def _end(membership: Membership, action: Action, revoke_keys: bool, actor: Actor) -> int:
    if membership.role == Role.OWNER:
        _refuse_last_owner(membership)
    revoked = 0
    if revoke_keys:
        keys = ApiKey.objects.usable().filter(
            workspace__organization=membership.organization, created_by=membership.user
        )
        revoked = sum(
            revoke_api_key(key=key, actor=actor) for key in keys.select_related("workspace__organization")
        )
    before = {"role": membership.role}
    record(
        actor,
        action,
        membership,
        organization=membership.organization,
        before=before,
        after={"keys_revoked": revoked},
    )
    membership.delete()
    return revoked
