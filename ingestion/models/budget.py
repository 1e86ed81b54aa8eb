"""Budgets: what a workspace may have embedded a month by models that cost money, and what it has used."""

from django.db import models

from console.models import Workspace
from ingestion.models.run import Run


class Budget(models.Model):
    """The caps of a workspace; an empty one is no cap. Whoever reserves or settles holds this row's lock."""

    workspace = models.OneToOneField(Workspace, models.CASCADE, primary_key=True, related_name="budget")
    tokens = models.BigIntegerField(null=True, blank=True, help_text="Tokens a calendar month (UTC).")
    dollars = models.DecimalField(
        max_digits=10, decimal_places=2, null=True, blank=True, help_text="US dollars a calendar month (UTC)."
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(models.Q(tokens=None) | models.Q(tokens__gte=0))
                & (models.Q(dollars=None) | models.Q(dollars__gte=0)),
                name="budget_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"Budget of {self.workspace_id}"


class Usage(models.Model):
    """What a workspace has had embedded in a month by one model, at the prices of the day."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="usage", db_index=False)
    month = models.DateField(help_text="Its first day.")
    model = models.CharField(max_length=100)
    tokens = models.BigIntegerField(default=0)
    dollars = models.DecimalField(max_digits=14, decimal_places=8, default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "month", "model"], name="usage_month_unique")
        ]
        verbose_name_plural = "usage"

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.model}: {self.tokens}"


class Reservation(models.Model):
    """Tokens that a request in flight cannot exceed; they count as used until its bill is known."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    run = models.ForeignKey(Run, models.SET_NULL, null=True, related_name="+")
    month = models.DateField()
    model = models.CharField(max_length=100)
    tokens = models.BigIntegerField(help_text="What the request cannot exceed.")
    dollars = models.DecimalField(max_digits=14, decimal_places=8)
    expected = models.BigIntegerField(help_text="What it is expected to use.")
    expires_at = models.DateTimeField(
        db_index=True, help_text="After this its worker is dead, and the bill is taken to be as expected."
    )

    def __str__(self) -> str:
        return f"{self.tokens} tokens of {self.model}"
