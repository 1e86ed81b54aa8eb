"""The audit trail: who did what to what, when, from where."""

from django.conf import settings
from django.db import models

from console.models.key import ApiKey
from console.models.organization import Organization
from console.models.workspace import Workspace


class ActivityQuerySet(models.QuerySet["Activity"]):
    """Reads of the audit trail."""

    def in_workspace(self, workspace: Workspace) -> "ActivityQuerySet":
        """Keep what happened in one workspace."""
        return self.filter(workspace=workspace)

    def of_organization(self, organization: Organization) -> "ActivityQuerySet":
        """Keep what happened in a team and its workspaces, deleted ones included."""
        return self.filter(organization=organization)


class Activity(models.Model):
    """One act. It outlives what it tells of, so it keeps labels beside its references."""

    organization = models.ForeignKey(
        Organization, models.SET_NULL, null=True, blank=True, related_name="activities"
    )
    workspace = models.ForeignKey(
        Workspace, models.SET_NULL, null=True, blank=True, related_name="activities"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    api_key = models.ForeignKey(ApiKey, models.SET_NULL, null=True, blank=True, related_name="+")
    actor = models.CharField(max_length=254, help_text="The actor's name at the time.")
    action = models.CharField(max_length=60)
    entity_type = models.CharField(max_length=40)
    entity_id = models.CharField(max_length=40)
    entity = models.TextField(help_text="The entity's name at the time.")
    before = models.JSONField(default=dict, blank=True)
    after = models.JSONField(default=dict, blank=True)
    ip_address = models.GenericIPAddressField(null=True, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-id"], name="activity_of_workspace"),
            models.Index(fields=["organization", "-id"], name="activity_of_organization"),
            models.Index(fields=["organization", "user", "-created_at"], name="activity_of_member"),
            models.Index(fields=["entity_type", "entity_id"], name="activity_of_entity"),
        ]
        verbose_name_plural = "activities"

    def __str__(self) -> str:
        return f"{self.actor}: {self.action} {self.entity}"
