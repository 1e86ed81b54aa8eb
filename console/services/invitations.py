"""Invitations: a mail with a link, for the owner of an email address, for a week."""

import secrets
from datetime import timedelta
from functools import partial

from django.db import IntegrityError, transaction
from django.utils import timezone

from console.audit import Action, Actor, record
from console.invitations import addresses_of, send_invitation, token_digest
from console.models import Invitation, Membership, Organization, Role, User
from console.services.members import refuse_above
from lightfast.lib.errors import UserError

INVITATION_LASTS = timedelta(days=7)
NOT_VALID = "This invitation is not valid for you. It may have expired: ask for a new one."


@transaction.atomic
def invite(*, organization: Organization, email: str, role: Role, actor: Actor) -> tuple[Invitation, str]:
    """Invite the owner of an address by mail; return the invitation and its token, which is not stored."""
    email = email.strip()
    refuse_above(actor, organization, role)
    if Membership.objects.filter(organization=organization, user__email__iexact=email).exists():
        raise UserError(f"{email} is already a member of {organization}.")
    token = secrets.token_urlsafe(32)
    expired = Invitation.objects.filter(
        organization=organization, email__iexact=email, expires_at__lte=timezone.now()
    )
    expired.filter(accepted_at=None, revoked_at=None).update(revoked_at=timezone.now())
    try:
        with transaction.atomic():
            invitation = Invitation.objects.create(
                organization=organization,
                email=email,
                role=role,
                token_digest=token_digest(token),
                invited_by=actor.user,
                expires_at=timezone.now() + INVITATION_LASTS,
            )
    except IntegrityError as error:
        raise UserError(f"{email} has an open invitation already. Send it again, or revoke it.") from error
    record(
        actor,
        Action.MEMBER_INVITED,
        invitation,
        organization=organization,
        after={"email": email, "role": role.value},
    )
    transaction.on_commit(partial(send_invitation, invitation, token), robust=True)
    return invitation, token


@transaction.atomic
def resend_invitation(*, invitation: Invitation, actor: Actor) -> tuple[Invitation, str]:
    """Send an open or expired invitation again with another token, good for another week."""
    locked = _lock_open(invitation)
    before = {"expires_at": locked.expires_at.isoformat()}
    token = secrets.token_urlsafe(32)
    locked.token_digest = token_digest(token)
    locked.expires_at = timezone.now() + INVITATION_LASTS
    locked.save(update_fields=["token_digest", "expires_at", "updated_at"])
    record(
        actor,
        Action.INVITATION_RESENT,
        locked,
        organization=locked.organization,
        before=before,
        after={"expires_at": locked.expires_at.isoformat()},
    )
    transaction.on_commit(partial(send_invitation, locked, token), robust=True)
    return locked, token


@transaction.atomic
def revoke_invitation(*, invitation: Invitation, actor: Actor) -> Invitation:
    """Take an invitation back: its link opens nothing from now on."""
    locked = _lock_open(invitation)
    locked.revoked_at = timezone.now()
    locked.save(update_fields=["revoked_at", "updated_at"])
    record(
        actor,
        Action.INVITATION_REVOKED,
        locked,
        organization=locked.organization,
        before={"email": locked.email, "role": locked.role},
    )
    return locked


@transaction.atomic
def accept_invitation(*, token: str, user: User, actor: Actor | None = None) -> Membership:
    """Make a person a member by the token of their invitation."""
    pending = Invitation.objects.pending().select_for_update(of=("self",)).select_related("organization")
    return _accept(pending.filter(token_digest=token_digest(token)).first(), user, addresses_of(user), actor)


@transaction.atomic
def accept_offer(*, invitation: Invitation, user: User, actor: Actor | None = None) -> Membership:
    """Make a person a member by an invitation to an address that they have confirmed, without its token."""
    pending = Invitation.objects.pending().select_for_update(of=("self",)).select_related("organization")
    return _accept(pending.filter(pk=invitation.pk).first(), user, addresses_of(user, confirmed=True), actor)


def _accept(
    invitation: Invitation | None, user: User, addresses: set[str], actor: Actor | None
) -> Membership:
    if invitation is None or invitation.email.lower() not in addresses:
        raise UserError(NOT_VALID)
    membership, _ = Membership.objects.get_or_create(
        organization=invitation.organization, user=user, defaults={"role": invitation.role}
    )
    invitation.accepted_at = timezone.now()
    invitation.save(update_fields=["accepted_at", "updated_at"])
    record(
        actor or Actor(user=user),
        Action.MEMBER_JOINED,
        membership,
        organization=invitation.organization,
        after={"role": membership.role},
    )
    return membership


def _lock_open(invitation: Invitation) -> Invitation:
    rows = Invitation.objects.select_for_update(of=("self",)).select_related("organization", "invited_by")
    locked = rows.filter(pk=invitation.pk, accepted_at=None, revoked_at=None).first()
    if locked is None:
        raise UserError("This invitation was accepted or revoked meanwhile.")
    return locked
