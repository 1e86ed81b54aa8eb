"""Integrations ("sources" on pages): resources synced into a workspace."""

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce

from console.models import Workspace
from ingestion.models.connection import Connection
from ingestion.models.digest import digest_of
from ingestion.models.store import Store
from lightfast.lib.models import NamedRow, in_check


class IntegrationState(models.TextChoices):
    """Whether and why an integration syncs."""

    ACTIVE = "active", "Active"
    PAUSED = "paused", "Paused"
    BLOCKED = "blocked", "Needs attention"
    REMOVING = "removing", "Being removed"


class ConfigState(models.TextChoices):
    """What was found of a `lightfast.yml`."""

    UNKNOWN = "unknown", "Not read yet"
    DEFAULT = "default", "None: defaults apply"
    CONFIGURED = "configured", "Configured"
    INVALID = "invalid", "Invalid"


class IntegrationQuerySet(models.QuerySet["Integration"]):
    """Reads of integrations."""

    def in_workspace(self, workspace: Workspace) -> "IntegrationQuerySet":
        """Keep those of one workspace that are not being removed."""
        return self.filter(workspace=workspace).alive()

    def called(self, text: str) -> "IntegrationQuerySet":
        """Keep those whose name holds a text; an empty one keeps all."""
        if not text:
            return self
        return self.filter(models.Q(name__icontains=text) | models.Q(title__icontains=text))

    def alive(self) -> "IntegrationQuerySet":
        """Leave out those that are being removed, by themselves or with what they belong to."""
        return self.exclude(state=IntegrationState.REMOVING).filter(
            workspace__deleted_at=None, workspace__organization__deleted_at=None
        )

    def with_documents(self) -> "IntegrationQuerySet":
        """Add `documents`: how many each has in the index."""
        # By its table's name: the model's module imports this one.
        rows = apps.get_model("ingestion", "Tally").objects.filter(integration=models.OuterRef("pk"))
        number = rows.order_by().values("integration").values(n=models.Sum("documents"))
        return self.annotate(documents_count=Coalesce(models.Subquery(number), 0))


class Integration(NamedRow):
    """One resource synced into a workspace. `cursor` is the revision that the index is equal to."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="integrations")
    connection = models.ForeignKey(
        Connection, models.SET_NULL, null=True, blank=True, related_name="integrations"
    )
    store = models.ForeignKey(Store, models.PROTECT, related_name="integrations")
    kind = models.CharField(max_length=40, help_text="The source's slug.")
    resource_id = models.TextField(help_text="The resource's id at the provider.")
    resource_digest = digest_of("resource_id")
    name = models.CharField(max_length=200, help_text="What its provider calls it.")
    title = models.CharField(max_length=200, blank=True, help_text="What people call it, if otherwise.")
    config = models.JSONField(default=dict, blank=True)
    allow_local = models.BooleanField(
        default=False, help_text="May read this machine's disk: set by staff only."
    )
    state = models.CharField(max_length=10, choices=IntegrationState.choices, default=IntegrationState.ACTIVE)
    state_reason = models.TextField(blank=True)
    notice = models.TextField(
        blank=True, help_text="What people should know of the resource: it is archived, empty."
    )
    cursor = models.CharField(
        max_length=200, blank=True, help_text="The revision that the index is equal to."
    )
    cursor_label = models.CharField(max_length=200, blank=True, help_text="The branch of that revision.")
    synced_at = models.DateTimeField(
        null=True, blank=True, help_text="When the index was last equal to its source."
    )
    dirty = models.BooleanField(default=False, help_text="Changed during a run: one more run follows.")
    sync_interval = models.DurationField(null=True, blank=True, help_text="Empty: the source's default.")
    next_sync_at = models.DateTimeField(null=True, blank=True)
    config_state = models.CharField(max_length=10, choices=ConfigState.choices, default=ConfigState.UNKNOWN)
    config_file = models.CharField(max_length=40, blank=True)
    config_problems = models.JSONField(default=list, blank=True, help_text="[{key, line, message}]")
    selection_digest = models.CharField(
        max_length=64, blank=True, help_text="The configuration and rules that selected what the index holds."
    )
    omitted = models.JSONField(
        default=dict, blank=True, help_text="Omissions by state and reason: {state: {reason: number}}."
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    objects = IntegrationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "kind", "resource_digest"], name="integration_resource_unique"
            ),
            in_check("state", IntegrationState, model="integration"),
            in_check("config_state", ConfigState, model="integration"),
        ]
        indexes = [
            models.Index(fields=["next_sync_at"], condition=models.Q(state="active"), name="integration_due"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """What people call it, else what its provider does."""
        return self.title or self.name

    @property
    def skipped(self) -> int:
        """How much of it is left out."""
        return sum(self.omitted.get("skipped", {}).values())

    @property
    def failed(self) -> int:
        """How many of its documents failed the last time they were tried."""
        return sum(self.omitted.get("failed", {}).values())
