"""Runs ("jobs" on pages): executions of a sync, and each document's part in them."""

from django.conf import settings
from django.db import models

from console.models import Workspace
from ingestion.models.delivery import Delivery
from ingestion.models.digest import digest_of
from ingestion.models.integration import Integration
from lightfast.lib.models import NamedRow, in_check


class RunState(models.TextChoices):
    """Where a run stands."""

    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    COMPLETED = "completed", "Completed"
    COMPLETED_WITH_ERRORS = "completed_with_errors", "Completed with errors"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


ACTIVE_STATES = (RunState.QUEUED, RunState.RUNNING)


class Trigger(models.TextChoices):
    """What asked for a run."""

    FIRST = "first", "First sync"
    MANUAL = "manual", "Started by hand"
    PUSH = "push", "Push"
    PERIODIC = "periodic", "Periodic"
    RETRY = "retry", "Retry of failed documents"
    CONFIG = "config", "Index configuration changed"


class Hold(models.TextChoices):
    """What a running run waits for before it goes on with its documents."""

    BUDGET = "budget", "The budget is used up"
    CONFIRMATION = "confirmation", "Waits for your go-ahead"


class RunQuerySet(models.QuerySet["Run"]):
    """Reads of runs."""

    def in_workspace(self, workspace: Workspace) -> "RunQuerySet":
        """Keep those of one workspace."""
        return self.filter(workspace=workspace)

    def active(self) -> "RunQuerySet":
        """Keep those queued or running."""
        return self.filter(state__in=ACTIVE_STATES)

    def last_of(self, integrations: models.QuerySet[Integration]) -> "RunQuerySet":
        """Keep the last run of each of the integrations; each is one step into an index."""
        runs = Run.objects.filter(integration=models.OuterRef("pk")).order_by("-id")
        return self.filter(pk__in=integrations.values_list(models.Subquery(runs.values("pk")[:1]), flat=True))

    def at_work(self) -> "RunQuerySet":
        """Keep the planned ones whose documents may be indexed now."""
        return self.filter(state=RunState.RUNNING, planned_at__isnull=False, hold="")


class Run(NamedRow):
    """One execution of a sync."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="runs")
    integration = models.ForeignKey(Integration, models.CASCADE, related_name="runs")
    trigger = models.CharField(max_length=10, choices=Trigger.choices)
    full = models.BooleanField(
        default=False, help_text="Compare everything, not only what changed since the cursor."
    )
    state = models.CharField(max_length=25, choices=RunState.choices, default=RunState.QUEUED)
    error = models.TextField(blank=True, help_text="Why it failed and what to do.")
    confirm = models.BooleanField(
        default=False, help_text="Ask before documents are embedded, if that costs money."
    )
    hold = models.CharField(max_length=12, choices=Hold.choices, blank=True)
    held_until = models.DateTimeField(null=True, blank=True, help_text="When a hold ends by itself.")
    revision = models.CharField(max_length=200, blank=True)
    revision_label = models.CharField(max_length=200, blank=True)
    selection_digest = models.CharField(max_length=64, blank=True)
    config_hash = models.CharField(max_length=64, blank=True)
    planned = models.JSONField(default=dict, blank=True, help_text="Documents to fetch, by kind.")
    estimate = models.JSONField(
        default=dict, blank=True, help_text="What is to be read: {documents, bytes, tokens, unsized}."
    )
    total = models.IntegerField(default=0, help_text="Items planned, removals included.")
    settled = models.IntegerField(default=0, help_text="Items done, skipped or failed so far.")
    moving_since = models.DateTimeField(
        null=True, blank=True, help_text="When it began with its documents, or went on after a hold."
    )
    settled_before = models.IntegerField(default=0, help_text="Items settled by then.")
    listed = models.IntegerField(default=0, help_text="Entries the source listed.")
    added = models.IntegerField(default=0)
    changed = models.IntegerField(default=0)
    removed = models.IntegerField(default=0)
    unchanged = models.IntegerField(default=0)
    skipped = models.IntegerField(default=0)
    failed = models.IntegerField(default=0)
    chunks_written = models.IntegerField(default=0)
    chunks_embedded = models.IntegerField(default=0)
    chunks_reused = models.IntegerField(default=0)
    tokens_embedded = models.BigIntegerField(default=0)
    stage_seconds = models.JSONField(
        default=dict, blank=True, help_text="Seconds by stage, summed over batches."
    )
    attempts = models.IntegerField(default=0, help_text="Times planning was begun.")
    due_at = models.DateTimeField(help_text="Not before this time.")
    lease_expires_at = models.DateTimeField(
        null=True, blank=True, help_text="While a worker plans or finishes it."
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    started_by = models.CharField(max_length=254, blank=True, help_text="Who asked for it, by name.")
    delivery = models.ForeignKey(
        Delivery,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="The webhook it followed.",
    )
    started_at = models.DateTimeField(null=True, blank=True)
    planned_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["integration"],
                condition=models.Q(state__in=ACTIVE_STATES),
                name="run_one_active",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=ACTIVE_STATES) | models.Q(finished_at__isnull=False),
                name="run_ended_has_time",
            ),
            in_check("state", RunState, model="run"),
            in_check("trigger", Trigger, model="run"),
        ]
        indexes = [
            models.Index(fields=["workspace", "state", "-id"], name="run_of_state"),
            models.Index(fields=["workspace", "-id"], name="run_of_workspace"),
            models.Index(fields=["integration", "-id"], name="run_of_integration"),
            models.Index(fields=["workspace", "finished_at"], name="run_ended"),
            models.Index(fields=["due_at"], condition=models.Q(state__in=ACTIVE_STATES), name="run_active"),
        ]

    def __str__(self) -> str:
        return f"{self.get_trigger_display()} of {self.integration}"

    @property
    def is_active(self) -> bool:
        """Whether it is queued or running."""
        return self.state in ACTIVE_STATES

    @property
    def moves(self) -> bool:
        """Whether it goes on by itself."""
        return self.is_active and not self.hold

    @property
    def status(self) -> str:
        """Its state in one word, or what holds it."""
        return self.hold or self.state

    @property
    def documents(self) -> int:
        """How many documents it has added or changed."""
        return self.added + self.changed


class ItemState(models.TextChoices):
    """Where a run item stands."""

    QUEUED = "queued", "Queued"
    LEASED = "leased", "In work"
    DONE = "done", "Done"
    SKIPPED = "skipped", "Skipped"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


OPEN_ITEM_STATES = (ItemState.QUEUED, ItemState.LEASED)


class ItemAction(models.TextChoices):
    """What a run does to a document."""

    ADD = "add", "Added"
    CHANGE = "change", "Changed"
    REMOVE = "remove", "Removed"


class RunItem(models.Model):
    """One document's part in a run."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="items", db_index=False)
    action = models.CharField(max_length=10, choices=ItemAction.choices)
    kind = models.CharField(max_length=20)
    key = models.TextField()
    key_digest = digest_of("key")
    revision = models.CharField(max_length=200, blank=True)
    size = models.BigIntegerField(null=True)
    state = models.CharField(max_length=10, choices=ItemState.choices, default=ItemState.QUEUED)
    reason = models.CharField(max_length=40, blank=True)
    detail = models.TextField(blank=True)
    attempts = models.SmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True, blank=True, help_text="Not before this time.")
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "kind", "key_digest"], name="run_item_key_unique"),
            in_check("state", ItemState, model="run_item"),
            in_check("action", ItemAction, model="run_item"),
        ]
        indexes = [
            models.Index(fields=["run", "id"], condition=models.Q(state="queued"), name="run_item_queued"),
            models.Index(
                fields=["lease_expires_at"], condition=models.Q(state="leased"), name="run_item_leased"
            ),
            models.Index(fields=["run", "state", "id"], name="run_item_state"),
            models.Index(fields=["run", "id"], name="run_item_of_run"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.key}"
