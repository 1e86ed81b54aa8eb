"""Connections, sources, runs and what they hold, for staff."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from console.audit import actor_of
from ingestion import services, webhooks
from ingestion.models import (
    Budget,
    Chunk,
    Connection,
    Delivery,
    Document,
    IndexVersion,
    Integration,
    Metric,
    Omission,
    ProviderApp,
    Purge,
    Reservation,
    Run,
    RunItem,
    SharedSecret,
    Store,
    Tally,
    Usage,
    Vector,
)
from lightfast.lib.admin import ReadOnlyAdmin, RowAdmin
from lightfast.lib.errors import UserError


def each(
    modeladmin: RowAdmin[Any], request: HttpRequest, rows: QuerySet[Any], act: Callable[[Any], object]
) -> None:
    """Do something to each row and tell how it went."""
    done = 0
    for row in rows:
        try:
            act(row)
            done += 1
        except UserError as error:
            modeladmin.message_user(request, str(error), messages.WARNING)
    if done:
        modeladmin.message_user(request, f"Done for {done}.", messages.SUCCESS)


@admin.register(Connection)
class ConnectionAdmin(RowAdmin[Connection]):
    list_display = ("name", "kind", "organization", "state", "has_secrets", "created_at")
    list_filter = ("kind", "state")
    list_select_related = ("organization",)
    search_fields = ("name", "external_id", "organization__name")
    readonly_fields = ("has_secrets", "created_at", "updated_at", "created_by")

    @admin.display(boolean=True, description="secrets set")
    def has_secrets(self, connection: Connection) -> bool:
        """Tell whether there are secrets, which nobody is shown."""
        return bool(connection.sealed_secrets)


@admin.register(Store)
class StoreAdmin(ReadOnlyAdmin[Store]):
    list_display = ("name", "workspace", "serving", "target", "created_at")
    list_select_related = ("workspace", "serving", "target")
    search_fields = ("name", "workspace__name")


@admin.register(IndexVersion)
class IndexVersionAdmin(ReadOnlyAdmin[IndexVersion]):
    list_display = (
        "id",
        "store",
        "embedder",
        "model",
        "dimensions",
        "chunk_tokens",
        "chunk_count",
        "retired_at",
    )
    list_filter = ("embedder", "model")
    list_select_related = ("store",)
    search_fields = ("config_hash", "model")


@admin.register(Integration)
class IntegrationAdmin(RowAdmin[Integration]):
    list_display = ("name", "kind", "workspace", "state", "config_state", "synced_at", "next_sync_at")
    list_filter = ("kind", "state", "config_state")
    list_select_related = ("workspace",)
    search_fields = ("name", "resource_id", "workspace__name")
    readonly_fields = (
        "workspace", "kind", "resource_id", "store", "state", "cursor", "cursor_label", "synced_at", "config_state",
        "config_file", "config_problems", "selection_digest", "dirty", "created_at", "updated_at", "created_by",
    )  # fmt: skip
    actions = (
        "sync",
        "sync_fully",
        "pause",
        "resume",
    )

    def has_add_permission(self, request: HttpRequest, obj: Integration | None = None) -> bool:
        """A source is connected in its workspace."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Integration | None = None) -> bool:
        """Removing goes through a purge, which leaves a receipt."""
        return False

    @admin.action(description="Sync now", permissions=["change"])
    def sync(self, request: HttpRequest, rows: QuerySet[Integration]) -> None:
        """Sync what changed."""
        each(self, request, rows, lambda row: services.sync_now(integration=row, actor=actor_of(request)))

    @admin.action(description="Compare everything now", permissions=["change"])
    def sync_fully(self, request: HttpRequest, rows: QuerySet[Integration]) -> None:
        """Sync with a comparison of everything."""
        each(
            self,
            request,
            rows,
            lambda row: services.sync_now(integration=row, full=True, actor=actor_of(request)),
        )

    @admin.action(description="Pause", permissions=["change"])
    def pause(self, request: HttpRequest, rows: QuerySet[Integration]) -> None:
        """Stop syncing."""
        each(self, request, rows, lambda row: services.pause(integration=row, actor=actor_of(request)))

    @admin.action(description="Resume", permissions=["change"])
    def resume(self, request: HttpRequest, rows: QuerySet[Integration]) -> None:
        """Sync again."""
        each(self, request, rows, lambda row: services.resume(integration=row, actor=actor_of(request)))


@admin.register(Document)
class DocumentAdmin(ReadOnlyAdmin[Document]):
    list_display = ("key", "kind", "integration", "language", "lines", "size", "indexed_at")
    list_filter = ("kind",)
    list_select_related = ("integration",)
    search_fields = ("key", "title")
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Document]:
        """Leave the texts of a list in the database."""
        return super().get_queryset(request).defer("text")


@admin.register(Chunk)
class ChunkAdmin(ReadOnlyAdmin[Chunk]):
    list_display = ("id", "document", "version", "ordinal", "heading", "first_line", "last_line", "tokens")
    list_select_related = ("document", "version")
    search_fields = ("document__key", "heading")
    exclude = ("lexemes",)
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Chunk]:
        """Leave the large columns of a list in the database."""
        return super().get_queryset(request).defer("text", "lexemes", "document__text")


@admin.register(Vector)
class VectorAdmin(ReadOnlyAdmin[Vector]):
    list_display = ("chunk_id", "version")
    list_select_related = ("version",)
    exclude = ("embedding",)
    ordering = ("-chunk_id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Vector]:
        """Numbers nobody reads stay in the database."""
        return super().get_queryset(request).defer("embedding")


@admin.register(Omission)
class OmissionAdmin(ReadOnlyAdmin[Omission]):
    list_display = ("key", "integration", "state", "reason", "detail", "size", "created_at")
    list_filter = ("state", "reason")
    list_select_related = ("integration",)
    search_fields = ("key", "detail")
    ordering = ("-id",)


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin[Run]):
    list_display = (
        "id", "integration", "trigger", "state", "added", "changed", "removed", "failed", "created_at", "finished_at"
    )  # fmt: skip
    list_filter = ("state", "trigger", "full")
    list_select_related = ("integration",)
    search_fields = ("id", "integration__name", "workspace__name", "revision")
    date_hierarchy = "created_at"
    ordering = ("-id",)
    actions = (
        "retry",
        "cancel",
    )

    @admin.action(description="Retry failed documents", permissions=["view"])
    def retry(self, request: HttpRequest, rows: QuerySet[Run]) -> None:
        """Try the failed documents again."""
        each(self, request, rows, lambda row: services.retry_failed(run=row, actor=actor_of(request)))

    @admin.action(description="Cancel", permissions=["view"])
    def cancel(self, request: HttpRequest, rows: QuerySet[Run]) -> None:
        """Stop active runs."""
        each(self, request, rows, lambda row: services.cancel(run=row, actor=actor_of(request)))


@admin.register(RunItem)
class RunItemAdmin(ReadOnlyAdmin[RunItem]):
    list_display = ("key", "run", "action", "state", "reason", "attempts", "settled_at")
    list_filter = ("state", "action", "reason")
    list_select_related = ("run__integration",)
    search_fields = ("key", "detail")
    ordering = ("-id",)


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin[Delivery]):
    list_display = ("created_at", "provider", "event", "delivery_id", "state", "outcome", "attempts")
    list_filter = ("provider", "state", "event")
    search_fields = ("delivery_id", "outcome")
    date_hierarchy = "created_at"
    ordering = ("-id",)
    actions = ("replay",)

    @admin.action(description="Do once more what follows from them")
    def replay(self, request: HttpRequest, deliveries: QuerySet[Delivery]) -> None:
        """Process the deliveries again."""
        each(self, request, deliveries, lambda delivery: webhooks.replay(delivery=delivery))


@admin.register(ProviderApp)
class ProviderAppAdmin(RowAdmin[ProviderApp]):
    list_display = ("name", "kind", "has_secrets", "created_at")
    search_fields = ("name", "kind")
    readonly_fields = ("has_secrets", "created_at", "updated_at")

    @admin.display(boolean=True, description="secrets set")
    def has_secrets(self, app: ProviderApp) -> bool:
        """Tell whether there are secrets, which nobody is shown."""
        return bool(app.sealed_secrets)


@admin.register(SharedSecret)
class SharedSecretAdmin(ReadOnlyAdmin[SharedSecret]):
    list_display = ("name", "expires_at")
    search_fields = ("name",)
    exclude = ("sealed_value",)


@admin.register(Metric)
class MetricAdmin(ReadOnlyAdmin[Metric]):
    list_display = ("recorded_at", "workspace", "integration", "name", "value")
    list_filter = ("name",)
    list_select_related = ("workspace", "integration")
    search_fields = ("name", "workspace__name")
    ordering = ("-id",)


@admin.register(Purge)
class PurgeAdmin(ReadOnlyAdmin[Purge]):
    list_display = ("name", "subject", "organization", "requested_by", "created_at", "completed_at")
    list_filter = ("subject", ("completed_at", admin.EmptyFieldListFilter))
    list_select_related = ("organization", "requested_by")
    search_fields = ("name", "subject_id")
    ordering = ("-id",)


@admin.register(Budget)
class BudgetAdmin(ReadOnlyAdmin[Budget]):
    list_display = ("workspace", "tokens", "dollars", "updated_at")
    list_select_related = ("workspace",)
    search_fields = ("workspace__name",)


@admin.register(Usage)
class UsageAdmin(ReadOnlyAdmin[Usage]):
    list_display = ("workspace", "month", "model", "tokens", "dollars")
    list_filter = ("month", "model")
    list_select_related = ("workspace",)
    search_fields = ("workspace__name",)
    ordering = ("-id",)


@admin.register(Reservation)
class ReservationAdmin(ReadOnlyAdmin[Reservation]):
    list_display = ("workspace", "model", "tokens", "dollars", "expires_at")
    list_select_related = ("workspace",)
    search_fields = ("workspace__name",)
    ordering = ("-id",)


@admin.register(Tally)
class TallyAdmin(ReadOnlyAdmin[Tally]):
    list_display = ("integration", "kind", "language", "documents", "size")
    list_filter = ("kind",)
    list_select_related = ("integration",)
    search_fields = ("integration__name",)
