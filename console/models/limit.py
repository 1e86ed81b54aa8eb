"""What API keys have used of their rate limits, and the answers kept for requests that are sent again."""

from django.db import models

from console.models.key import ApiKey


class RateWindow(models.Model):
    """A key's requests under one policy since the window began. Its table is unlogged: a crash may forget it."""

    pk = models.CompositePrimaryKey("api_key_id", "policy")
    api_key = models.ForeignKey(ApiKey, models.CASCADE, related_name="+", db_index=False)
    policy = models.CharField(max_length=10)
    started_at = models.DateTimeField()
    used = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.policy}: {self.used}"


class KeptAnswer(models.Model):
    """The answer to a write that came with an Idempotency-Key; without a status the write is under way."""

    api_key = models.ForeignKey(ApiKey, models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=255)
    fingerprint = models.BinaryField(max_length=32, help_text="SHA-256 of method, path and body.")
    status = models.PositiveSmallIntegerField(null=True)
    sealed_body = models.BinaryField(default=b"", help_text="Encrypted: it may be a new key.")
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["api_key", "key"], name="kept_answer_unique")]

    def __str__(self) -> str:
        return self.key
