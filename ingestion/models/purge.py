"""Purges: deletions of whole integrations, workspaces and organizations, and the receipts they leave."""

from django.conf import settings
from django.db import models

from console.models import Organization
from lightfast.lib.models import NamedRow, in_check


class PurgeSubject(models.TextChoices):
    """What is deleted."""

    INTEGRATION = "integration", "Source"
    WORKSPACE = "workspace", "Workspace"
    ORGANIZATION = "organization", "Team"


class Purge(NamedRow):
    """The order to delete something, and once it is done the receipt: row counts by table before and after."""

    subject = models.CharField(max_length=12, choices=PurgeSubject.choices)
    subject_id = models.UUIDField()
    name = models.TextField(help_text="The subject's name at the time.")
    organization = models.ForeignKey(
        Organization, models.SET_NULL, null=True, blank=True, related_name="purges"
    )
    workspace_id = models.UUIDField(null=True, blank=True, help_text="No reference: the receipt outlives it.")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    counts_before = models.JSONField(default=dict)
    counts_after = models.JSONField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "subject_id"], name="purge_subject_unique"),
            in_check("subject", PurgeSubject, model="purge"),
        ]
        indexes = [
            models.Index(fields=["created_at"], condition=models.Q(completed_at=None), name="purge_open"),
        ]

    def __str__(self) -> str:
        return f"{self.get_subject_display()} {self.name}"
