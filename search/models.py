"""What was searched for, and how well search answers."""

from django.conf import settings
from django.db import models

from console.models import ApiKey, Workspace
from ingestion.models import Integration
from lightfast.lib.models import NamedRow, in_check
from search.evaluation.measures import Estimate


class SearchLogQuerySet(models.QuerySet["SearchLog"]):
    """Reads of the search log."""

    def in_workspace(self, workspace: Workspace) -> "SearchLogQuerySet":
        """Keep the searches of one workspace."""
        return self.filter(workspace=workspace)


class SearchLog(models.Model):
    """One search."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="searches", db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    api_key = models.ForeignKey(ApiKey, models.SET_NULL, null=True, blank=True, related_name="+")
    query = models.TextField()
    mode = models.CharField(max_length=20)
    filters = models.JSONField(default=dict, blank=True)
    results = models.IntegerField()
    milliseconds = models.FloatField()
    stages = models.JSONField(default=dict, help_text="Milliseconds by stage.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SearchLogQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["workspace", "created_at"], name="search_log_of_workspace")]

    def __str__(self) -> str:
        return self.query


class EvaluationState(models.TextChoices):
    """Where an evaluation stands."""

    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    COMPLETED = "completed", "Completed"
    FAILED = "failed", "Failed"


UNSETTLED = (EvaluationState.QUEUED, EvaluationState.RUNNING)


class EvaluationQuerySet(models.QuerySet["Evaluation"]):
    """Reads of evaluations."""

    def in_workspace(self, workspace: Workspace) -> "EvaluationQuerySet":
        """Keep those of one workspace, newest first."""
        return self.filter(workspace=workspace).order_by("-id")

    def unsettled(self) -> "EvaluationQuerySet":
        """Keep those queued or running."""
        return self.filter(state__in=UNSETTLED)


class Evaluation(NamedRow):
    """How well search answered queries whose answers are known."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="evaluations", db_index=False)
    integration = models.ForeignKey(
        Integration, models.SET_NULL, null=True, blank=True, related_name="evaluations"
    )
    source_name = models.CharField(max_length=200, help_text="What was asked about.")
    origin = models.CharField(max_length=200, help_text="Where the queries are from.")
    state = models.CharField(max_length=10, choices=EvaluationState.choices, default=EvaluationState.QUEUED)
    error = models.TextField(blank=True, help_text="Why it failed and what to do.")
    configuration = models.CharField(max_length=200, blank=True, help_text="The index that was asked.")
    pairs = models.IntegerField(default=0, help_text="Queries asked.")
    documents = models.IntegerField(default=0, help_text="Documents they could find.")
    measures = models.JSONField(default=dict, blank=True, help_text="{leg: {measure: {value, low, high}}}")
    latency = models.JSONField(default=dict, blank=True, help_text="Milliseconds: {median, p95}")
    misses = models.JSONField(
        default=list, blank=True, help_text="[{query, documents}] of which none was found"
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    lease_expires_at = models.DateTimeField(null=True, blank=True, help_text="While a worker is on it.")
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = EvaluationQuerySet.as_manager()

    class Meta:
        constraints = [
            in_check("state", EvaluationState, model="evaluation"),
            models.UniqueConstraint(
                fields=["integration"],
                condition=models.Q(state__in=UNSETTLED),
                name="evaluation_one_unsettled",
            ),
        ]
        indexes = [models.Index(fields=["workspace", "-id"], name="evaluation_of_workspace")]

    def __str__(self) -> str:
        return f"{self.source_name}: {self.pairs} queries"

    @property
    def is_active(self) -> bool:
        """Whether it is queued or running."""
        return self.state in UNSETTLED

    @property
    def whole(self) -> dict[str, Estimate]:
        """The measures of all legs together."""
        return {name: Estimate(**values) for name, values in self.measures.get("hybrid", {}).items()}

    @property
    def time(self) -> str:
        """How long half of the queries took at most."""
        return f"{self.latency['median']:.0f} ms" if self.latency else ""
