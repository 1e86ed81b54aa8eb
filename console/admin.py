"""People, teams, workspaces, keys and the audit trail, for staff."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from console.audit import actor_of
from console.models import Activity, ApiKey, Invitation, KeptAnswer, Membership, Organization, User, Workspace
from console.services import revoke_api_key
from lightfast.lib.admin import ReadOnlyAdmin, RowAdmin

admin.site.site_header = admin.site.site_title = "Lightfast administration"
admin.site.index_title = "Everything in this installation"


class UserCreationForm(AdminUserCreationForm[User]):
    """Ask for the address that a user logs in with."""

    class Meta:
        model = User
        fields = ("email",)


class MembershipInline(admin.TabularInline[Membership, Any]):
    model = Membership
    extra = 0
    autocomplete_fields = ("user", "organization")


@admin.register(User)
class UserAdmin(DjangoUserAdmin[User]):
    add_form = UserCreationForm
    inlines = (MembershipInline,)
    ordering = ("email",)
    list_display = ("email", "name", "is_active", "is_staff", "last_login", "date_joined")
    list_filter = ("is_active", "is_staff", "is_superuser")
    search_fields = ("email", "name")
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("email", "password", "name")}),
        ("Rights", {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        ("Times", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("email", "usable_password", "password1", "password2")}),
    )


@admin.register(Organization)
class OrganizationAdmin(RowAdmin[Organization]):
    inlines = (MembershipInline,)
    list_display = ("name", "slug", "members", "created_at", "deleted_at")
    list_filter = (("deleted_at", admin.EmptyFieldListFilter),)
    search_fields = ("name", "slug")
    readonly_fields = ("created_at", "updated_at", "deleted_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Organization]:
        """Count the members with the rows."""
        return super().get_queryset(request).annotate(member_count=Count("memberships"))

    @admin.display(ordering="member_count")
    def members(self, organization: Organization) -> int:
        """Return how many people are in it."""
        count: int = organization.member_count  # type: ignore[attr-defined]
        return count

    def has_delete_permission(self, request: HttpRequest, obj: Organization | None = None) -> bool:
        """Deleting goes through a purge, which leaves a receipt."""
        return False


@admin.register(Membership)
class MembershipAdmin(RowAdmin[Membership]):
    list_display = ("user", "organization", "role", "created_at")
    list_filter = ("role",)
    list_select_related = ("user", "organization")
    search_fields = ("user__email", "organization__name")


@admin.register(Invitation)
class InvitationAdmin(RowAdmin[Invitation]):
    list_display = ("email", "organization", "role", "expires_at", "accepted_at", "revoked_at")
    list_filter = (
        "role",
        ("accepted_at", admin.EmptyFieldListFilter),
        ("revoked_at", admin.EmptyFieldListFilter),
    )
    list_select_related = ("organization",)
    search_fields = ("email", "organization__name")
    readonly_fields = ("created_at", "updated_at", "accepted_at")

    def has_add_permission(self, request: HttpRequest, obj: Invitation | None = None) -> bool:
        """An invitation is made where its token can be sent."""
        return False


@admin.register(Workspace)
class WorkspaceAdmin(RowAdmin[Workspace]):
    list_display = ("name", "organization", "slug", "created_at", "deleted_at")
    list_filter = (("deleted_at", admin.EmptyFieldListFilter),)
    list_select_related = ("organization",)
    search_fields = ("name", "slug", "organization__name")
    readonly_fields = ("created_at", "updated_at", "deleted_at")

    def has_delete_permission(self, request: HttpRequest, obj: Workspace | None = None) -> bool:
        """Deleting goes through a purge, which leaves a receipt."""
        return False


@admin.register(ApiKey)
class ApiKeyAdmin(RowAdmin[ApiKey]):
    list_display = (
        "name",
        "prefix",
        "workspace",
        "scopes",
        "created_by",
        "last_used_at",
        "expires_at",
        "revoked_at",
    )
    list_filter = (("revoked_at", admin.EmptyFieldListFilter), "created_at")
    list_select_related = ("workspace", "created_by")
    search_fields = ("name", "prefix", "workspace__name", "created_by__email")
    readonly_fields = (
        "prefix",
        "created_at",
        "updated_at",
        "last_used_at",
        "revoked_at",
        "created_by",
        "workspace",
    )
    actions = ("revoke",)

    def has_add_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        """A key is made where its text can be shown once."""
        return False

    @admin.action(description="Revoke the selected keys", permissions=["change"])
    def revoke(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        """Revoke keys for good."""
        revoked = sum(revoke_api_key(key=key, actor=actor_of(request)) for key in keys)
        self.message_user(request, f"{revoked} keys revoked.", messages.SUCCESS)


@admin.register(Activity)
class ActivityAdmin(ReadOnlyAdmin[Activity]):
    list_display = ("created_at", "actor", "action", "entity_type", "entity", "workspace", "ip_address")
    list_filter = ("action", "entity_type")
    list_select_related = ("workspace",)
    search_fields = ("actor", "entity", "entity_id", "request_id")
    date_hierarchy = "created_at"
    ordering = ("-id",)


@admin.register(KeptAnswer)
class KeptAnswerAdmin(ReadOnlyAdmin[KeptAnswer]):
    list_display = ("api_key", "key", "status", "expires_at")
    list_select_related = ("api_key",)
    search_fields = ("key", "api_key__name")
    exclude = ("sealed_body", "fingerprint")
    ordering = ("-id",)
