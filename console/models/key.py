"""API keys, with which programs search one workspace."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from console.models.workspace import Workspace
from lightfast.lib.models import NamedRow


class Scope(models.TextChoices):
    """What a key may do."""

    SEARCH = "search", "Search"
    READ = "read", "Read documents, sources and runs"
    SYNC = "sync", "Start, pause and cancel syncs"
    ADMIN = "admin", "Change settings and keys"


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """Reads of API keys."""

    def in_workspace(self, workspace: Workspace) -> "ApiKeyQuerySet":
        """Keep those of one workspace."""
        return self.filter(workspace=workspace)

    def usable(self) -> "ApiKeyQuerySet":
        """Keep those neither revoked nor expired, of workspaces that are alive."""
        fresh = models.Q(expires_at=None) | models.Q(expires_at__gt=timezone.now())
        return self.filter(
            fresh, revoked_at=None, workspace__deleted_at=None, workspace__organization__deleted_at=None
        )

    def ended(self) -> "ApiKeyQuerySet":
        """Keep those that are revoked or expired."""
        return self.filter(models.Q(revoked_at__isnull=False) | models.Q(expires_at__lte=timezone.now()))

    def with_digest(self, digest: bytes) -> "ApiKeyQuerySet":
        """Keep the one whose text has that digest, or had it before a rotation whose grace lasts."""
        old = models.Q(old_digest=digest, old_expires_at__gt=timezone.now())
        return self.filter(models.Q(digest=digest) | old)


class ApiKey(NamedRow):
    """A key of a workspace; only its keyed digest and its first characters are stored."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12, editable=False)
    digest = models.BinaryField(max_length=32, editable=False)
    # After a rotation the text before it is good for a while.
    old_prefix = models.CharField(max_length=12, blank=True, default="", db_default="", editable=False)
    old_digest = models.BinaryField(max_length=32, null=True, editable=False)
    old_expires_at = models.DateTimeField(null=True, blank=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=10, choices=Scope.choices), default=list)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="api_keys"
    )
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["digest"], name="api_key_digest_unique"),
            models.UniqueConstraint(fields=["old_digest"], name="api_key_old_digest_unique"),
            models.CheckConstraint(
                condition=models.Q(scopes__contained_by=list(Scope.values)) & models.Q(scopes__len__gt=0),
                name="api_key_scopes_known",
            ),
        ]
        verbose_name = "API key"

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def state(self) -> str:
        """Tell whether the key is `active`, `expired` or `revoked`."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= timezone.now() else "active"

    @property
    def old_is_valid(self) -> bool:
        """Tell whether the text before the last rotation still opens."""
        return (
            self.state == "active"
            and self.old_expires_at is not None
            and self.old_expires_at > timezone.now()
        )
