"""Stores: the index configurations of a workspace, and the versions of each."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models

from console.models import Workspace
from lightfast.lib.models import NamedRow


class Store(NamedRow):
    """An index configuration: queries read `serving`, the pipeline fills `target`, and they are mostly the same."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="stores")
    name = models.SlugField(max_length=60, default="default")
    serving = models.ForeignKey("IndexVersion", models.SET_NULL, null=True, related_name="+")
    target = models.ForeignKey("IndexVersion", models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="store_name_unique")]

    def __str__(self) -> str:
        return self.name


class IndexVersion(models.Model):
    """One configuration of a store under which chunks and vectors were made."""

    id = models.AutoField(primary_key=True)
    store = models.ForeignKey(Store, models.CASCADE, related_name="versions")
    config_hash = models.CharField(max_length=64)
    embedder = models.CharField(max_length=20)
    model = models.CharField(max_length=100)
    dimensions = models.PositiveSmallIntegerField()
    chunk_tokens = models.PositiveSmallIntegerField()
    chunker_version = models.PositiveSmallIntegerField()
    chunk_count = models.BigIntegerField(
        default=0, help_text="Chunks when the term statistics were last taken."
    )
    chunk_total = models.BigIntegerField(default=0, help_text="Chunks it has now.")
    chunks_changed = models.BigIntegerField(default=0, help_text="Chunks written or removed since then.")
    index_begun_at = models.DateTimeField(
        null=True, blank=True, help_text="When a build of its vector index last began."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "config_hash"], name="index_version_config_unique"),
            models.CheckConstraint(
                condition=models.Q(dimensions__gt=0, chunk_tokens__gt=0), name="index_version_sizes_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.embedder} {self.model} ({self.dimensions})"


class TermStatistic(models.Model):
    """In how many chunks of an index version a term occurs."""

    pk = models.CompositePrimaryKey("version_id", "term")
    version = models.ForeignKey(IndexVersion, models.CASCADE, related_name="terms")
    term = models.CharField(max_length=64)
    chunks = models.IntegerField(db_default=0)

    class Meta:
        verbose_name = "term statistic"
        indexes = [GinIndex(fields=["term"], name="term_trigrams", opclasses=["gin_trgm_ops"])]

    def __str__(self) -> str:
        return self.term
