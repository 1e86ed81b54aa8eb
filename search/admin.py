"""What was searched for, and how well it was found, for staff."""

from django.contrib import admin

from lightfast.lib.admin import ReadOnlyAdmin
from search.models import Evaluation, SearchLog


@admin.register(SearchLog)
class SearchLogAdmin(ReadOnlyAdmin[SearchLog]):
    list_display = ("created_at", "workspace", "query", "mode", "results", "milliseconds", "user", "api_key")
    list_filter = ("mode",)
    list_select_related = ("workspace", "user", "api_key")
    search_fields = ("query", "workspace__name", "user__email")
    date_hierarchy = "created_at"
    ordering = ("-id",)


@admin.register(Evaluation)
class EvaluationAdmin(ReadOnlyAdmin[Evaluation]):
    list_display = ("created_at", "workspace", "source_name", "state", "pairs", "finished_at", "requested_by")
    list_filter = ("state",)
    list_select_related = ("workspace", "requested_by")
    search_fields = ("source_name", "workspace__name")
    date_hierarchy = "created_at"
    ordering = ("-id",)
