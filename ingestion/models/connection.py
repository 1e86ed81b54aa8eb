"""Connections: an organization's authorizations at providers."""

from django.conf import settings
from django.db import models

from console.models import Organization
from lightfast.lib.crypto import decrypt, encrypt
from lightfast.lib.models import NamedRow, in_check


class ConnectionState(models.TextChoices):
    """Whether a connection can be used."""

    ACTIVE = "active", "Active"
    SUSPENDED = "suspended", "Suspended by the provider"
    REVOKED = "revoked", "Revoked"


class ConnectionQuerySet(models.QuerySet["Connection"]):
    """Reads of connections."""

    def of_organization(self, organization: Organization) -> "ConnectionQuerySet":
        """Keep those of one organization, which is alive."""
        return self.filter(organization=organization, organization__deleted_at=None)

    def with_sources(self) -> "ConnectionQuerySet":
        """Count each one's sources as `source_count`, and get who made it along."""
        alive = ~models.Q(integrations__state="removing") & models.Q(integrations__workspace__deleted_at=None)
        counted = self.annotate(source_count=models.Count("integrations", filter=alive))
        return counted.select_related("created_by")


class Connection(NamedRow):
    """A GitHub App installation, an OAuth grant, a token: what lets us read at a provider."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="connections")
    kind = models.CharField(max_length=40, help_text="The source's slug.")
    name = models.CharField(max_length=200, help_text="The account's name at the provider.")
    external_id = models.CharField(
        max_length=200, blank=True, help_text="The authorization's id at the provider."
    )
    config = models.JSONField(default=dict, blank=True)
    sealed_secrets = models.BinaryField(default=b"", editable=False)
    state = models.CharField(max_length=10, choices=ConnectionState.choices, default=ConnectionState.ACTIVE)
    state_reason = models.TextField(blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "kind", "external_id"],
                condition=~models.Q(external_id=""),
                name="connection_external_id_unique",
            ),
            in_check("state", ConnectionState, model="connection"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.name}"

    @property
    def resources(self) -> list[str] | None:
        """The resources that those who connected it may read at the provider; None is all of them."""
        found: list[str] | None = self.config.get("resources")
        return found

    def covers(self, resource_id: str) -> bool:
        """Tell whether a resource may be synced by it."""
        return self.resources is None or resource_id in self.resources

    @property
    def secrets(self) -> dict[str, str]:
        """Tokens and keys, encrypted in the database."""
        return decrypt(bytes(self.sealed_secrets))

    @secrets.setter
    def secrets(self, value: dict[str, str]) -> None:
        self.sealed_secrets = encrypt(value) if value else b""
