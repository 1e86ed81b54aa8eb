"""Workspaces: the isolated knowledge bases of an organization."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from console.models.organization import Organization
from console.models.user import User
from lightfast.lib.models import NamedRow


class WorkspaceQuerySet(models.QuerySet["Workspace"]):
    """Reads of workspaces."""

    def alive(self) -> "WorkspaceQuerySet":
        """Leave out those that are being deleted."""
        return self.filter(deleted_at=None, organization__deleted_at=None)

    def of_user(self, user: User) -> "WorkspaceQuerySet":
        """Keep those of the organizations the user is a member of."""
        return self.alive().filter(organization__memberships__user=user)


class Workspace(NamedRow):
    """One isolated knowledge base."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="workspaces")
    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=60)
    search_log_days = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        default=90,
        db_default=90,
        help_text="Days for which searches are kept. Empty: none is.",
    )
    # The steps of the checklist that were seen done, some of which leave no row for good.
    setup_done = ArrayField(
        models.CharField(max_length=40), default=list, db_default=[], blank=True, editable=False
    )
    setup_dismissed_at = models.DateTimeField(null=True, blank=True, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "slug"], name="workspace_slug_unique")]

    def __str__(self) -> str:
        return self.name
