"""The vault in the database: what one process has fetched, all of them use."""

from datetime import datetime

from django.utils import timezone

from ingestion.models import SharedSecret
from lightfast.lib.crypto import DecryptionError, decrypt, encrypt


class DatabaseVault:
    """Keeps values encrypted until they expire."""

    def get(self, name: str) -> str | None:
        """Return a value that has not expired."""
        found = SharedSecret.objects.filter(name=name, expires_at__gt=timezone.now()).first()
        try:
            return decrypt(bytes(found.sealed_value))["value"] if found is not None else None
        except DecryptionError:
            return None  # of a key that is gone; the value can be had again

    def put(self, name: str, value: str, expires_at: datetime) -> None:
        """Keep a value, in place of the one that had the name."""
        values = {"sealed_value": encrypt({"value": value}), "expires_at": expires_at}
        SharedSecret.objects.update_or_create(name=name, defaults=values)

    def drop(self, name: str) -> None:
        """Forget a value."""
        SharedSecret.objects.filter(name=name).delete()
