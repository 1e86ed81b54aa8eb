"""What was searched for."""

from django.conf import settings
from django.db import models

from console.models import ApiKey, Workspace


class SearchLogQuerySet(models.QuerySet["SearchLog"]):
    """Reads of the search log."""

    def in_workspace(self, workspace: Workspace) -> "SearchLogQuerySet":
        """Keep the searches of one workspace."""
        return self.filter(workspace=workspace)


class SearchLog(models.Model):
    """One search."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="searches", db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    api_key = models.ForeignKey(ApiKey, models.SET_NULL, null=True, blank=True, related_name="+")
    query = models.TextField()
    mode = models.CharField(max_length=20)
    filters = models.JSONField(default=dict, blank=True)
    results = models.IntegerField()
    milliseconds = models.FloatField()
    stages = models.JSONField(default=dict, help_text="Milliseconds by stage.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SearchLogQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["workspace", "created_at"], name="search_log_of_workspace")]

    def __str__(self) -> str:
        return self.query
