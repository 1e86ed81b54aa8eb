"""Documents, their chunks and vectors, and what was left out."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from pgvector.django import HalfVectorField

from console.models import Workspace
from ingestion.models.digest import digest_of
from ingestion.models.integration import Integration
from ingestion.models.store import IndexVersion
from ingestion.reasons import Reason
from lightfast.lib.ids import new_id


class DocumentQuerySet(models.QuerySet["Document"]):
    """Reads of documents."""

    def in_workspace(self, workspace: Workspace) -> "DocumentQuerySet":
        """Keep those of one workspace whose integration is not being removed."""
        return self.filter(workspace=workspace).exclude(integration__state="removing")


class Document(models.Model):
    """One file, pull request, issue, page…, with its text."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    integration = models.ForeignKey(Integration, models.CASCADE, related_name="documents", db_index=False)
    kind = models.CharField(max_length=20)
    key = models.TextField(help_text="The document's name in its source: a path, a number.")
    key_digest = digest_of("key")
    title = models.TextField(blank=True)
    language = models.CharField(max_length=40, blank=True)
    url = models.TextField(blank=True, help_text="Where it is at the provider.")
    text = models.TextField()
    size = models.IntegerField(help_text="Bytes at the source.")
    lines = models.IntegerField()
    content_hash = models.BinaryField(max_length=32, help_text="SHA-256 of the text.")
    revision = models.CharField(max_length=200, help_text="Blob SHA, etag, updated-at.")
    config_hash = models.CharField(
        max_length=64, help_text="The index configuration it was last processed under."
    )
    author = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=40, blank=True)
    labels = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    metadata = models.JSONField(default=dict, blank=True)
    source_created_at = models.DateTimeField(null=True, blank=True)
    source_updated_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    indexed_at = models.DateTimeField()

    objects = DocumentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["integration", "kind", "key_digest"], name="document_key_unique"),
        ]
        indexes = [
            models.Index(fields=["workspace", "-id"], name="document_of_workspace"),
            models.Index(fields=["integration", "config_hash"], name="document_config"),
            GinIndex(fields=["text"], name="document_text_trigrams", opclasses=["gin_trgm_ops"]),
            GinIndex(fields=["key"], name="document_key_trigrams", opclasses=["gin_trgm_ops"]),
            models.Index(fields=["integration", "-id"], name="document_of_integration"),
        ]

    def __str__(self) -> str:
        return self.key


class Chunk(models.Model):
    """A piece of a document under one index version."""

    document = models.ForeignKey(Document, models.CASCADE, related_name="chunks")
    version = models.ForeignKey(IndexVersion, models.CASCADE, related_name="chunks", db_index=False)
    ordinal = models.IntegerField()
    text = models.TextField()
    heading = models.TextField(blank=True, help_text="Heading or symbol path.")
    first_line = models.IntegerField()
    last_line = models.IntegerField()
    tokens = models.IntegerField()
    content_hash = models.BinaryField(max_length=32, help_text="SHA-256 of what was embedded.")
    lexemes = SearchVectorField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["document", "version", "ordinal"], name="chunk_ordinal_unique"),
            models.CheckConstraint(
                condition=models.Q(first_line__gte=1, last_line__gte=models.F("first_line")),
                name="chunk_lines_ordered",
            ),
        ]
        indexes = [
            GinIndex(fields=["lexemes"], name="chunk_lexemes"),
            models.Index(fields=["version", "content_hash"], name="chunk_of_content"),
        ]

    def __str__(self) -> str:
        return f"{self.document_id}#{self.ordinal}"


class Vector(models.Model):
    """A chunk's embedding, in a narrow table so that a scan reads vectors and nothing else."""

    chunk = models.OneToOneField(Chunk, models.CASCADE, primary_key=True, related_name="vector")
    version = models.ForeignKey(IndexVersion, models.CASCADE, related_name="+")
    embedding = HalfVectorField()

    def __str__(self) -> str:
        return str(self.chunk_id)


class OmissionState(models.TextChoices):
    """Why something is not in the index."""

    SKIPPED = "skipped", "Skipped"
    FAILED = "failed", "Failed"


class Omission(models.Model):
    """Something of a source that is not in the index, or not in its newest form, and why."""

    integration = models.ForeignKey(Integration, models.CASCADE, related_name="omissions", db_index=False)
    kind = models.CharField(max_length=20)
    key = models.TextField()
    key_digest = digest_of("key")
    revision = models.CharField(max_length=200)
    size = models.BigIntegerField(null=True)
    state = models.CharField(max_length=10, choices=OmissionState.choices)
    reason = models.CharField(max_length=40, help_text="A code of ingestion.reasons.")
    detail = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["integration", "kind", "key_digest"], name="omission_key_unique"),
            models.CheckConstraint(
                condition=models.Q(state__in=OmissionState.values), name="omission_state_known"
            ),
        ]
        indexes = [models.Index(fields=["integration", "state", "reason"], name="omission_reason")]

    def __str__(self) -> str:
        return f"{self.key}: {self.reason}"

    @property
    def label(self) -> str:
        """The reason in words."""
        return Reason(self.reason).label
