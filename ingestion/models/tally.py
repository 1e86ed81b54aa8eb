"""Tallies: how many documents a source has, kept beside them so that no page has to count."""

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from django.db import models
from django.db.models import Sum

from console.models import Workspace
from ingestion.models.integration import Integration
from ingestion.models.store import Store


@dataclass(frozen=True, slots=True)
class Held:
    """What there is: bytes, and documents by kind and by language, which is empty where it has no name."""

    size: int
    kinds: Counter[str]
    languages: Counter[str]

    @property
    def documents(self) -> int:
        """How many there are in all."""
        return self.kinds.total()

    def most_used(self, number: int) -> list[tuple[str, int]]:
        """Return the languages that most documents are in, as people read them."""
        return [(name or "Other", count) for name, count in self.languages.most_common(number)]


class TallyQuerySet(models.QuerySet["Tally"]):
    """Reads of tallies."""

    def in_workspace(self, workspace: Workspace) -> "TallyQuerySet":
        """Keep those of one workspace whose integration is not being removed."""
        return self.filter(integration__workspace=workspace).exclude(integration__state="removing")

    def in_store(self, store: Store) -> "TallyQuerySet":
        """Keep those of one store whose integration is not being removed."""
        return self.filter(integration__store=store).exclude(integration__state="removing")

    def held(self) -> Held:
        """Return what all of them come to."""
        kinds, languages = Counter[str](), Counter[str]()
        size = 0
        rows = self.values("kind", "language").annotate(number=Sum("documents"), bytes=Sum("size"))
        for row in rows.filter(number__gt=0):
            kinds[row["kind"]] += row["number"]
            languages[row["language"]] += row["number"]
            size += row["bytes"]
        return Held(size, kinds, languages)

    def documents_by_source(self) -> dict[UUID, int]:
        """Return how many documents each integration has that has been counted."""
        rows = self.values("integration").annotate(number=Sum("documents"))
        return {row["integration"]: row["number"] for row in rows}


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
