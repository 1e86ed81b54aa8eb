"""What was done in a workspace or a team: pages of it, the newest of it, and all of it as a file."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from console.access import Permission, can, organization_view, workspace_view
from console.activity_file import activity_file
from console.activity_form import ActivityForm
from console.entities import find_links
from console.models import Activity, ActivityQuerySet, ApiKey, Organization, User, Workspace
from console.trail import Change, changes, keep, page_of, words
from lightfast.lib.htmx import htmx_of, wants_fragment

RECENT = 8
FILES = [("csv", "CSV, for spreadsheets", "sheet"), ("json", "JSON, for programs", "braces")]


@dataclass(frozen=True, slots=True)
class Line:
    """An activity as people read it; `href` leads to its entity where that still exists."""

    activity: Activity
    words: str
    href: str | None
    changes: list[Change]


@require_safe
@workspace_view()
def workspace_activity(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """List what was done in a workspace."""
    rows, keys = _of_workspace(workspace)
    slugs = (workspace.organization.slug, workspace.slug)
    return _page(request, rows, keys, workspace.organization, workspace, "console:activity", slugs)


@require_safe
@organization_view(Permission.MANAGE_MEMBERS)
def team_activity(request: HttpRequest, organization: Organization) -> HttpResponse:
    """List what was done in a team and all its workspaces."""
    rows, keys = _of_team(organization)
    rows = rows.select_related("workspace")
    return _page(request, rows, keys, organization, None, "console:team_activity", (organization.slug,))


@require_safe
@workspace_view()
def recent_activity(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Show the newest activities: a panel of the overview; alone, the link to it leads to all of them."""
    address = reverse("console:activity", args=[workspace.organization.slug, workspace.slug])
    if not htmx_of(request):
        return redirect(address)
    rows = list(_of_workspace(workspace)[0].order_by("-pk")[:RECENT])
    values = {"workspace": workspace, "lines": _lines(workspace.organization, rows), "all": address}
    return render(request, "console/activity_recent.html", values)


@require_safe
@workspace_view(Permission.MANAGE_WORKSPACES)
def export_activity(request: HttpRequest, workspace: Workspace, form: str) -> HttpResponseBase:
    """Send what the filters keep of a workspace's activities as a file."""
    rows, keys = _of_workspace(workspace)
    return activity_file(keep(rows, ActivityForm(request.GET, keys=keys).filters), workspace.slug, form)


@require_safe
@organization_view(Permission.MANAGE_MEMBERS)
def export_team_activity(request: HttpRequest, organization: Organization, form: str) -> HttpResponseBase:
    """Send what the filters keep of a team's activities as a file."""
    rows, keys = _of_team(organization)
    return activity_file(keep(rows, ActivityForm(request.GET, keys=keys).filters), organization.slug, form)


def _of_workspace(workspace: Workspace) -> tuple[ActivityQuerySet, QuerySet[ApiKey]]:
    return Activity.objects.in_workspace(workspace), ApiKey.objects.in_workspace(workspace).order_by("name")


def _of_team(organization: Organization) -> tuple[ActivityQuerySet, QuerySet[ApiKey]]:
    keys = ApiKey.objects.filter(workspace__organization=organization).order_by("name")
    return Activity.objects.of_organization(organization), keys


def _page(
    request: HttpRequest,
    rows: ActivityQuerySet,
    keys: QuerySet[ApiKey],
    organization: Organization,
    workspace: Workspace | None,
    view: str,
    slugs: tuple[str, ...],
) -> HttpResponse:
    assert isinstance(request.user, User)
    form, address = ActivityForm(request.GET, keys=keys), reverse(view, args=slugs)
    page = page_of(
        keep(rows, form.filters),
        before=_number(request.GET.get("before")),
        after=_number(request.GET.get("after")),
    )
    asked = [(name, value) for name, value in request.GET.items() if value and name in form.fields]
    export = view.replace("activity", "activity_export")
    context = {
        "shell_template": "workspace.html" if workspace else "team.html",
        "organization": organization,
        "workspace": workspace,
        "address": address,
        "form": form,
        "filtered": bool(asked),
        "lines": _lines(organization, page.rows),
        "newer": f"?{urlencode([*asked, ('after', page.newer)])}" if page.newer else "",
        "older": f"?{urlencode([*asked, ('before', page.older)])}" if page.older else "",
        "sees_origin": can(request.user, Permission.MANAGE_WORKSPACES, organization),
        "files": [
            {
                "label": label,
                "icon": icon,
                "href": f"{reverse(export, args=[*slugs, kind])}?{urlencode(asked)}",
            }
            for kind, label, icon in FILES
        ],
    }
    fragment = wants_fragment(request)
    return render(request, "console/activity.html" + ("#rows" if fragment else ""), context)


def _lines(organization: Organization, rows: Iterable[Activity]) -> list[Line]:
    links = find_links(organization, rows)
    return [
        Line(row, words(row.action), links.get((row.entity_type, row.entity_id)), changes(row))
        for row in rows
    ]


def _number(text: str | None) -> int | None:
    """Return the place in a list that an address gives, if it is one."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None
