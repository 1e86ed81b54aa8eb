"""What was searched for, for staff."""

from django.contrib import admin

from lightfast.lib.admin import ReadOnlyAdmin
from search.models import SearchLog


@admin.register(SearchLog)
class SearchLogAdmin(ReadOnlyAdmin[SearchLog]):
    list_display = ("created_at", "workspace", "query", "mode", "results", "milliseconds", "user", "api_key")
    list_filter = ("mode",)
    list_select_related = ("workspace", "user", "api_key")
    search_fields = ("query", "workspace__name", "user__email")
    date_hierarchy = "created_at"
    ordering = ("-id",)
