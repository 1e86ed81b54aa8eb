"""What the admin classes of every app share."""

from typing import TypeVar

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

Row = TypeVar("Row", bound=models.Model)


class RowAdmin(admin.ModelAdmin[Row]):
    """Lists that stay quick on tables of any size: no count of everything, no drop-down of a whole table."""

    show_full_result_count = False
    list_per_page = 50
    save_on_top = True

    def get_autocomplete_fields(self, request: HttpRequest) -> list[str]:
        """Look every related row up by typing."""
        return [
            field.name
            for field in self.model._meta.get_fields()
            if isinstance(field, models.ForeignKey) and field.related_model in self.admin_site._registry
        ]


class ReadOnlyAdmin(RowAdmin[Row]):
    """Rows that only Lightfast writes."""

    def has_add_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        """Nobody adds one by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        """Nobody changes one by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        """Nobody deletes one by hand: they go with what they belong to."""
        return False
