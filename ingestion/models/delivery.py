"""Deliveries: received webhooks, stored raw before anything is done with them."""

from django.db import models

from console.models import Organization
from ingestion.models.connection import Connection
from ingestion.models.integration import Integration
from lightfast.lib.models import NamedRow, in_check


class DeliveryState(models.TextChoices):
    """What became of a delivery."""

    RECEIVED = "received", "Received"
    PROCESSED = "processed", "Processed"
    IGNORED = "ignored", "Ignored"
    FAILED = "failed", "Failed"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Reads of deliveries."""

    def of_organization(self, organization: Organization) -> "DeliveryQuerySet":
        """Keep those that came by an authorization which the organization has.

        Of one that it has for some resources only, these are what is told of its own sources.
        """
        held = Connection.objects.of_organization(organization).filter(
            kind=models.OuterRef("provider"), external_id=models.OuterRef("origin")
        )
        whole = held.exclude(config__has_key="resources")
        sources = Integration.objects.filter(
            workspace__organization=organization,
            kind=models.OuterRef("provider"),
            resource_id=models.OuterRef("resource"),
        )
        seen = models.Exists(whole) | (models.Exists(held) & models.Exists(sources))
        return self.filter(~models.Q(origin=""), seen)

    def events(self) -> list[str]:
        """Return the names of the events that there are."""
        return list(self.order_by("event").values_list("event", flat=True).distinct())


class Delivery(NamedRow):
    """One received webhook."""

    provider = models.CharField(max_length=40)
    delivery_id = models.CharField(
        max_length=200, help_text="The provider's id; a repeated one is the same delivery."
    )
    event = models.CharField(max_length=100)
    action = models.CharField(
        max_length=100, blank=True, help_text="What happened, where the payload says it."
    )
    origin = models.CharField(
        max_length=200, blank=True, help_text="The provider's id of the authorization that it came by."
    )
    resource = models.CharField(
        max_length=200, blank=True, help_text="The provider's id of the resource that it tells of."
    )
    headers = models.JSONField(default=dict)
    body = models.BinaryField(editable=False)
    state = models.CharField(max_length=10, choices=DeliveryState.choices, default=DeliveryState.RECEIVED)
    outcome = models.TextField(blank=True)
    attempts = models.SmallIntegerField(default=0)
    processed_at = models.DateTimeField(null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "delivery_id"], name="delivery_unique"),
            in_check("state", DeliveryState, model="delivery"),
        ]
        indexes = [
            models.Index(fields=["created_at"], condition=models.Q(state="received"), name="delivery_open"),
            models.Index(fields=["provider", "origin", "-id"], name="delivery_of_origin"),
        ]
        verbose_name_plural = "deliveries"

    def __str__(self) -> str:
        return f"{self.provider} {self.event} {self.delivery_id}"
