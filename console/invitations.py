"""Whose an invitation is, and the mail that brings it."""

import hashlib
from enum import StrEnum

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from console.models import Invitation, User
from console.models.organization import InvitationQuerySet


class Standing(StrEnum):
    """What a link means to who opened it."""

    UNKNOWN = "unknown"
    OVER = "over"
    ACCEPTED = "accepted"
    ANONYMOUS = "anonymous"
    SOMEBODY_ELSE = "somebody else"
    MEMBER = "member"
    READY = "ready"


def addresses_of(user: User, *, confirmed: bool = False) -> set[str]:
    """Return a person's addresses in small letters: the one they log in with, and those they have confirmed.

    With `confirmed`, only those.
    """
    proven = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    return {address.lower() for address in proven} | (set() if confirmed else {user.email.lower()})


def offered_to(user: User) -> InvitationQuerySet:
    """Return the invitations to addresses that a person has confirmed."""
    return Invitation.objects.pending().to(addresses_of(user, confirmed=True))


def standing_of(token: str, user: User | None) -> tuple[Invitation | None, Standing]:
    """Return the invitation of a link, and what it means to a person or to somebody not logged in."""
    rows = Invitation.objects.filter(token_digest=token_digest(token), organization__deleted_at=None)
    invitation = rows.select_related("organization", "invited_by").first()
    if invitation is None:
        return None, Standing.UNKNOWN
    if user is not None and invitation.organization.memberships.filter(user=user).exists():
        return invitation, Standing.MEMBER
    if invitation.accepted_at is not None:
        return invitation, Standing.ACCEPTED
    if invitation.revoked_at is not None or invitation.is_expired:
        return invitation, Standing.OVER
    if user is None:
        return invitation, Standing.ANONYMOUS
    mine = invitation.email.lower() in addresses_of(user)
    return invitation, Standing.READY if mine else Standing.SOMEBODY_ELSE


def token_digest(token: str) -> bytes:
    """Return what is stored of an invitation's token."""
    return hashlib.sha256(token.encode()).digest()


def invitation_url(token: str) -> str:
    """Return the link that accepts an invitation."""
    return f"{settings.BASE_URL}{reverse('console:invitation', args=[token])}"


def send_invitation(invitation: Invitation, token: str) -> None:
    """Send an invitation's link to its address; a mail server that fails is logged, the page has the link too."""
    values = {"invitation": invitation, "url": invitation_url(token), "base_url": settings.BASE_URL}
    subject = render_to_string("console/mail/invitation_subject.txt", values)
    message = EmailMultiAlternatives(
        subject=" ".join(subject.split()),
        body=render_to_string("console/mail/invitation.txt", values),
        to=[invitation.email],
    )
    message.attach_alternative(render_to_string("console/mail/invitation.html", values), "text/html")
    message.send()
