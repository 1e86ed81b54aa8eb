"""Tallies: how many documents a source has, kept beside them so that no page has to count."""

from django.db import models

from console.models import Workspace
from ingestion.models.integration import Integration


class TallyQuerySet(models.QuerySet["Tally"]):
    """Reads of tallies."""

    def in_workspace(self, workspace: Workspace) -> "TallyQuerySet":
        """Keep those of one workspace whose integration is not being removed."""
        return self.filter(integration__workspace=workspace).exclude(integration__state="removing")


class Tally(models.Model):
    """The number and the bytes of an integration's documents of one kind and language."""

    integration = models.ForeignKey(Integration, models.CASCADE, related_name="tallies", db_index=False)
    kind = models.CharField(max_length=20)
    language = models.CharField(max_length=40, blank=True)
    documents = models.BigIntegerField(default=0)
    size = models.BigIntegerField(default=0, help_text="Bytes.")

    objects = TallyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["integration", "kind", "language"], name="tally_unique")
        ]
        verbose_name_plural = "tallies"

    def __str__(self) -> str:
        return f"{self.documents} {self.kind} {self.language}"
