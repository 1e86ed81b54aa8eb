"""Metrics: figures of a workspace over time."""

from django.db import models

from console.models import Workspace
from ingestion.models.integration import Integration


class Metric(models.Model):
    """One figure at one time, such as `documents`, `chunks` or `run_seconds`."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="metrics", db_index=False)
    integration = models.ForeignKey(Integration, models.SET_NULL, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=40)
    value = models.FloatField()
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["workspace", "name", "recorded_at"], name="metric_series")]

    def __str__(self) -> str:
        return f"{self.name} = {self.value}"
