"""A workspace's API keys: made, shown once, changed, rotated and revoked."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from console import snippets
from console.access import Permission, workspace_view
from console.audit import actor_of
from console.key_forms import ChangeKeyForm, KeyForm, RotateForm
from console.models import ApiKey, Workspace
from console.services import change_api_key, create_api_key, revoke_api_key, rotate_api_key
from console.shown import show_once, take_shown
from lightfast.lib.errors import UserError
from lightfast.lib.htmx import wants_fragment
from lightfast.lib.redirects import see_other

PAGE = 50


@require_safe
@workspace_view(Permission.MANAGE_KEYS)
def index(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """List a workspace's keys: those that work, or those that have ended."""
    ended = request.GET.get("show") == "ended"
    mine = ApiKey.objects.in_workspace(workspace)
    usable = mine.usable().count()
    rows = mine.ended() if ended else mine.usable()
    page = Paginator(rows.select_related("created_by").order_by("-pk"), PAGE).get_page(
        request.GET.get("page")
    )
    tabs = [
        {"label": "Active", "href": "?", "current": not ended, "count": usable},
        {"label": "Ended", "href": "?show=ended", "current": ended, "count": mine.count() - usable},
    ]
    values = {"workspace": workspace, "page": page, "keys": page.object_list, "ended": ended, "tabs": tabs}
    return render(request, "console/keys.html" + ("#list" if wants_fragment(request) else ""), values)


@require_http_methods(["GET", "HEAD", "POST"])
@workspace_view(Permission.MANAGE_KEYS)
def new(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Make a key, which its own page then shows once."""
    form = KeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            key, token = create_api_key(
                workspace=workspace,
                name=form.cleaned_data["name"],
                scopes=form.scope_list(),
                expires_at=form.expires_at(),
                actor=actor_of(request),
            )
        except UserError as error:
            form.add_error(None, str(error))
        else:
            return _shown(request, key, token)
    values = {"workspace": workspace, "form": form}
    return render(request, "console/new_key.html", values, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@workspace_view(Permission.MANAGE_KEYS)
def detail(request: HttpRequest, workspace: Workspace, key_id: str) -> HttpResponse:
    """Show a key, its text if it was made a moment ago, and change it."""
    key = _key(workspace, key_id)
    form = ChangeKeyForm(request.POST or None, key=key)
    if request.method == "POST" and form.is_valid():
        try:
            change_api_key(
                key=key,
                name=form.cleaned_data["name"],
                scopes=form.scope_list(),
                expires_at=form.expires_at(),
                actor=actor_of(request),
            )
        except UserError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Saved.")
            return see_other("console:key", workspace.organization.slug, workspace.slug, key.pk)
    token = take_shown(request, str(key.pk)) if request.method == "GET" else ""
    values = {
        "workspace": workspace,
        "key": key,
        "form": form,
        "rotation": RotateForm(),
        "token": token,
        "programs": snippets.for_programs(token or snippets.PLACEHOLDER),
        "agents": snippets.for_agents(token or snippets.PLACEHOLDER),
    }
    return render(request, "console/key.html", values, status=422 if form.errors else 200)


@require_POST
@workspace_view(Permission.MANAGE_KEYS)
def rotate(request: HttpRequest, workspace: Workspace, key_id: str) -> HttpResponse:
    """Give a key a new text, which its page then shows once."""
    key, form = _key(workspace, key_id), RotateForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose for how long the old text works.")
        return see_other("console:key", workspace.organization.slug, workspace.slug, key.pk)
    try:
        key, token = rotate_api_key(key=key, grace=form.grace_period(), actor=actor_of(request))
    except UserError as error:
        messages.error(request, str(error))
        return see_other("console:key", workspace.organization.slug, workspace.slug, key.pk)
    return _shown(request, key, token)


@require_POST
@workspace_view(Permission.MANAGE_KEYS)
def revoke(request: HttpRequest, workspace: Workspace, key_id: str) -> HttpResponse:
    """Revoke a key for good."""
    key = _key(workspace, key_id)
    if revoke_api_key(key=key, actor=actor_of(request)):
        messages.success(request, f"{key} opens nothing any more.")
    if wants_fragment(request):
        key.refresh_from_db()
        return render(request, "console/keys.html#row", {"workspace": workspace, "key": key})
    return see_other("console:keys", workspace.organization.slug, workspace.slug)


def _shown(request: HttpRequest, key: ApiKey, token: str) -> HttpResponse:
    show_once(request, str(key.pk), token)
    return see_other("console:key", key.workspace.organization.slug, key.workspace.slug, key.pk)


def _key(workspace: Workspace, key_id: str) -> ApiKey:
    rows = ApiKey.objects.in_workspace(workspace).select_related("created_by", "workspace__organization")
    return get_object_or_404(rows, pk=key_id)
