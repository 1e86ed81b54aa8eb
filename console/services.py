"""What people do with teams, workspaces and keys; every write is one transaction and one activity."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.text import slugify

from console.audit import SYSTEM, Action, Actor, record
from console.keys import PREFIX, SHOWN, digest, new_token
from console.models import ApiKey, Invitation, Membership, Organization, Role, Scope, User, Workspace
from lightfast.lib.errors import UserError

INVITATION_LASTS = timedelta(days=7)

# Parts of addresses that are ours: the first one, where teams stand, and the second, where workspaces do.
RESERVED = frozenset(
    "about account accounts admin api app apps assets auth billing blog connections console dashboard docs favicon "
    "health help internal invitations invite login logout mcp me media new new-team new-workspace oauth "
    "organizations privacy profile public robots search security settings setup signup static status styleguide "
    "support teams terms user users webhooks workspaces www".split()
)
RESERVED_IN_TEAM = frozenset(
    "connections delete deliveries invitations leave members new settings transfer".split()
)


@transaction.atomic
def create_organization(*, name: str, owner: User, actor: Actor | None = None) -> Organization:
    """Create a team whose owner is `owner`."""
    organization = Organization.objects.create(
        name=_named(name), slug=_free_slug(Organization.objects.all(), name, RESERVED)
    )
    Membership.objects.create(organization=organization, user=owner, role=Role.OWNER)
    record(actor or Actor(user=owner), Action.ORGANIZATION_CREATED, organization, organization=organization)
    return organization


@transaction.atomic
def create_workspace(*, organization: Organization, name: str, actor: Actor = SYSTEM) -> Workspace:
    """Create a workspace."""
    siblings = Workspace.objects.filter(organization=organization)
    workspace = Workspace.objects.create(
        organization=organization, name=_named(name), slug=_free_slug(siblings, name, RESERVED_IN_TEAM)
    )
    record(actor, Action.WORKSPACE_CREATED, workspace, workspace=workspace)
    return workspace


@transaction.atomic
def invite(*, organization: Organization, email: str, role: Role, actor: Actor) -> tuple[Invitation, str]:
    """Invite the owner of an address; return the invitation and its token, which is not stored."""
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
                token_digest=_token_digest(token),
                invited_by=actor.user,
                expires_at=timezone.now() + INVITATION_LASTS,
            )
    except IntegrityError as error:
        raise UserError(f"{email} has an open invitation already. Revoke it to send another.") from error
    record(actor, Action.MEMBER_INVITED, invitation, organization=organization, after={"role": role.value})
    return invitation, token


@transaction.atomic
def accept_invitation(*, token: str, user: User) -> Membership:
    """Make a person a member by the token of their invitation."""
    pending = Invitation.objects.pending().select_for_update(of=("self",)).select_related("organization")
    invitation = pending.filter(token_digest=_token_digest(token), organization__deleted_at=None).first()
    if invitation is None or invitation.email.lower() != user.email.lower():
        raise UserError("This invitation is not valid for you. It may have expired: ask for a new one.")
    membership, _ = Membership.objects.get_or_create(
        organization=invitation.organization, user=user, defaults={"role": invitation.role}
    )
    invitation.accepted_at = timezone.now()
    invitation.save(update_fields=["accepted_at", "updated_at"])
    record(Actor(user=user), Action.MEMBER_JOINED, membership, organization=invitation.organization)
    return membership


@transaction.atomic
def create_api_key(
    *,
    workspace: Workspace,
    name: str,
    scopes: Sequence[Scope],
    expires_at: datetime | None = None,
    actor: Actor = SYSTEM,
) -> tuple[ApiKey, str]:
    """Create a key; return it and its text, which is not stored and cannot be shown again."""
    if not scopes:
        raise UserError("A key needs at least one scope.")
    token = new_token()
    key = ApiKey.objects.create(
        workspace=workspace,
        name=_named(name),
        prefix=token[: len(PREFIX) + SHOWN],
        digest=digest(token),
        scopes=[scope.value for scope in scopes],
        created_by=actor.user,
        expires_at=expires_at,
    )
    record(actor, Action.KEY_CREATED, key, workspace=workspace, after={"scopes": key.scopes})
    return key, token


@transaction.atomic
def revoke_api_key(*, key: ApiKey, actor: Actor = SYSTEM) -> bool:
    """Revoke a key for good; return whether it was usable until now."""
    now = timezone.now()
    if not ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now, updated_at=now):
        return False
    record(actor, Action.KEY_REVOKED, key, workspace=key.workspace)
    return True


def _named(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise UserError("Give it a name.")
    return name[:100]


def _free_slug(
    rows: models.QuerySet[Organization] | models.QuerySet[Workspace], name: str, reserved: frozenset[str]
) -> str:
    """Return a slug for the name that is neither ours nor taken."""
    base = slugify(name)[:50] or "team"
    if base in reserved:
        base = f"{base}-team"
    taken = set(rows.filter(slug__startswith=base).values_list("slug", flat=True))
    number, slug = 2, base
    while slug in taken:
        slug, number = f"{base}-{number}", number + 1
    return slug


def _token_digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
