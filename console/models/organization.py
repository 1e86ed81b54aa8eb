"""Organizations ("teams" on pages): people and their workspaces."""

from collections.abc import Iterable

from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Greatest, Lower
from django.utils import timezone

from console.models.user import User
from lightfast.lib.models import NamedRow, in_check


class Role(models.TextChoices):
    """What a member may do; each role includes those below it."""

    OWNER = "owner", "Owner"
    ADMIN = "admin", "Admin"
    MEMBER = "member", "Member"


class OrganizationQuerySet(models.QuerySet["Organization"]):
    """Reads of organizations."""

    def alive(self) -> "OrganizationQuerySet":
        """Leave out those that are being deleted."""
        return self.filter(deleted_at=None)

    def of_user(self, user: User) -> "OrganizationQuerySet":
        """Keep those the user is a member of."""
        return self.alive().filter(memberships__user=user)


class Organization(NamedRow):
    """A team."""

    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=60)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["slug"], name="organization_slug_unique")]

    def __str__(self) -> str:
        return self.name


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Reads of memberships."""

    def of_organization(self, organization: Organization) -> "MembershipQuerySet":
        """Keep those of one organization."""
        return self.filter(organization=organization)

    def with_last_seen(self) -> "MembershipQuerySet":
        """Add `last_seen`: the person's last recorded act in the organization or last login, whichever is later."""
        acts = Subquery(
            self.model._meta.apps.get_model("console", "Activity")
            .objects.filter(organization=OuterRef("organization"), user=OuterRef("user"))
            .order_by("-created_at")
            .values("created_at")[:1]
        )
        return self.annotate(last_seen=Greatest(acts, F("user__last_login")))


class Membership(NamedRow):
    """A person's place in an organization."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.MEMBER)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "user"], name="membership_unique"),
            in_check("role", Role, model="membership"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.organization}"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Reads of invitations."""

    def of_organization(self, organization: Organization) -> "InvitationQuerySet":
        """Keep those into one organization."""
        return self.filter(organization=organization)

    def open(self) -> "InvitationQuerySet":
        """Keep those that wait for an answer or have expired without one."""
        return self.filter(accepted_at=None, revoked_at=None)

    def pending(self) -> "InvitationQuerySet":
        """Keep those that can still be accepted."""
        return self.open().filter(expires_at__gt=timezone.now(), organization__deleted_at=None)

    def to(self, addresses: Iterable[str]) -> "InvitationQuerySet":
        """Keep those to addresses, which are given in small letters."""
        return self.annotate(address=Lower("email")).filter(address__in=list(addresses))


class Invitation(NamedRow):
    """A way into an organization for the owner of an email address; its token is stored as a digest only."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.MEMBER)
    token_digest = models.BinaryField(max_length=32, editable=False)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["token_digest"], name="invitation_token_unique"),
            models.UniqueConstraint(
                "organization",
                Lower("email"),
                condition=models.Q(accepted_at=None, revoked_at=None),
                name="invitation_open_unique",
            ),
            models.CheckConstraint(
                condition=models.Q(accepted_at=None) | models.Q(revoked_at=None), name="invitation_one_ending"
            ),
            in_check("role", Role, model="invitation"),
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.organization}"

    @property
    def is_expired(self) -> bool:
        """Tell whether it is too late to accept it."""
        return self.expires_at <= timezone.now()
