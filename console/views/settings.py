"""The settings of a workspace, and its data to take along."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from console.access import Permission, can, workspace_view
from console.audit import actor_of
from console.models import User, Workspace
from console.services import change_workspace, export_workspace
from console.settings_form import WorkspaceForm
from lightfast.lib.errors import UserError
from lightfast.lib.redirects import see_other


@require_http_methods(["GET", "HEAD", "POST"])
@workspace_view(Permission.MANAGE_WORKSPACES)
def workspace_settings(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Show the settings of a workspace and change them."""
    assert isinstance(request.user, User)
    form = WorkspaceForm(request.POST or None, workspace=workspace)
    if form.is_valid():
        try:
            changed = change_workspace(workspace=workspace, actor=actor_of(request), **form.cleaned_data)
        except UserError as error:
            form.add_error("slug", str(error))
        else:
            messages.success(request, "The settings are saved.")
            return see_other("console:workspace_settings", workspace.organization.slug, changed.slug)
    values = {
        "workspace": workspace,
        "form": form,
        "may_export": can(request.user, Permission.DELETE_ORGANIZATION, workspace.organization),
    }
    return render(request, "console/workspace_settings.html", values, status=422 if form.errors else 200)


@require_POST
@workspace_view(Permission.DELETE_ORGANIZATION)
def export(request: HttpRequest, workspace: Workspace) -> HttpResponseBase:
    """Send all data of a workspace as a zip file."""
    file = f"{workspace.organization.slug}-{workspace.slug}-{timezone.now().date().isoformat()}.zip"
    return StreamingHttpResponse(
        export_workspace(workspace=workspace, actor=actor_of(request)),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{file}"'},
    )
