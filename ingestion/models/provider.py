"""What this installation of Lightfast is at a provider, and what it keeps there for a while."""

from django.db import models

from lightfast.lib.crypto import decrypt, encrypt
from lightfast.lib.models import NamedRow


class ProviderApp(NamedRow):
    """The application that this Lightfast is registered as at a provider: a GitHub App."""

    kind = models.CharField(max_length=40, unique=True, help_text="The source's slug.")
    name = models.CharField(max_length=200)
    config = models.JSONField(default=dict, blank=True)
    sealed_secrets = models.BinaryField(default=b"", editable=False)

    def __str__(self) -> str:
        return self.name

    @property
    def secrets(self) -> dict[str, str]:
        """Keys, encrypted in the database."""
        return decrypt(bytes(self.sealed_secrets))

    @secrets.setter
    def secrets(self, value: dict[str, str]) -> None:
        self.sealed_secrets = encrypt(value) if value else b""


class SharedSecret(models.Model):
    """A token that ends, for every process to use."""

    name = models.CharField(max_length=400, primary_key=True)
    sealed_value = models.BinaryField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.name
