"""A workspace's sources: how each of them does, and what people do with it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from console.access import Permission, can, workspace_view
from console.audit import actor_of
from console.models import User, Workspace
from ingestion import services
from ingestion.forms import SourceForm
from ingestion.models import Document, Integration, Run, Tally
from ingestion.overview import LANGUAGES, SourceRow, rows_of
from ingestion.pipeline.select import CONFIG_NAMES
from ingestion.pipeline.starter import starter_config
from ingestion.pricing import quote_of, quote_of_all
from ingestion.progress import progress_of
from ingestion.sources import get_source
from ingestion.views.rights import rights_in
from lightfast.lib.errors import UserError
from lightfast.lib.htmx import wants_fragment
from lightfast.lib.redirects import see_other

PAGE = 50
JOBS = 5
ACTIONS: dict[str, tuple[Permission, Callable[..., object], str]] = {
    "sync": (Permission.SYNC, services.sync_now, "A sync is queued."),
    "pause": (
        Permission.MANAGE_SOURCES,
        services.pause,
        "The source is paused. What is indexed stays searchable.",
    ),
    "resume": (Permission.MANAGE_SOURCES, services.resume, "The source goes on; a sync is queued."),
}


@require_safe
@workspace_view()
def index(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """List a workspace's sources; those that sync are followed."""
    rows = Integration.objects.in_workspace(workspace).select_related("connection").order_by("name", "pk")
    query = request.GET.get("q", "").strip()
    page = Paginator(rows.called(query), PAGE).get_page(request.GET.get("page"))
    shown = rows_of(list(page))
    waiting, quote = quote_of_all(workspace)
    values = {
        "waiting": waiting,
        "quote": quote,
        "workspace": workspace,
        "page": page,
        "rows": shown,
        "moving": any(row.state == "syncing" for row in shown),
        "query": query,
        "may": rights_in(request, workspace.organization),
    }
    template = "ingestion/sources.html"
    return render(request, f"{template}#list" if wants_fragment(request) else template, values)


@require_safe
@workspace_view()
def detail(request: HttpRequest, workspace: Workspace, source_id: str) -> HttpResponse:
    """Show how a source does, problems first."""
    source = find_source(workspace, source_id)
    values = _facts(request, workspace, source)
    if wants_fragment(request):
        return render(request, "ingestion/source.html#state", values | {"fresh": True})
    return render(request, "ingestion/source.html", values | {"form": SourceForm(source)})


def _facts(request: HttpRequest, workspace: Workspace, source: Integration) -> dict[str, Any]:
    runs = Run.objects.filter(integration=source).order_by("-id")
    jobs = list(runs[:JOBS])
    held = Tally.objects.filter(integration=source).held()
    last = jobs[0] if jobs else None
    if last is not None:
        last.integration = source
    return {
        "workspace": workspace,
        "source": source,
        "row": SourceRow(source, held.documents, last),
        "manifest": get_source(source.kind).manifest,
        "kinds": held.kinds.most_common(),
        "languages": held.most_used(LANGUAGES),
        "size": held.size,
        "jobs": jobs,
        "jobs_url": reverse("ingestion:jobs", args=[workspace.organization.slug, workspace.slug])
        + f"?integration={source.pk}",
        "last": last,
        "progress": progress_of(last, timezone.now()) if last is not None else None,
        "quote": quote_of(last) if last is not None and last.hold == "confirmation" else None,
        "may": rights_in(request, workspace.organization),
    }


@require_POST
@workspace_view()
def act(request: HttpRequest, workspace: Workspace, source_id: str, action: str) -> HttpResponse:
    """Sync, pause or resume a source."""
    assert isinstance(request.user, User)
    source = find_source(workspace, source_id)
    permission, do, said = ACTIONS[action]
    if not can(request.user, permission, workspace.organization):
        raise PermissionDenied("Your role does not allow this. Ask an admin of the team.")
    options = {"full": True} if action == "sync" and request.POST.get("full") else {}
    try:
        do(integration=source, actor=actor_of(request), **options)
        messages.success(request, said)
    except UserError as error:
        messages.error(request, str(error))
    return _to_source(workspace, source)


@require_POST
@workspace_view(Permission.MANAGE_SOURCES)
def remove(request: HttpRequest, workspace: Workspace, source_id: str) -> HttpResponse:
    """Remove a source whose name has been typed."""
    source = find_source(workspace, source_id)
    if request.POST.get("confirm", "").strip() != str(source):
        messages.error(request, f"Nothing is removed: type {source} to confirm.")
        return _to_source(workspace, source)
    purge = services.disconnect(integration=source, actor=actor_of(request))
    return see_other("ingestion:source_receipt", workspace.organization.slug, workspace.slug, purge.pk)


@require_POST
@workspace_view(Permission.MANAGE_SOURCES)
def configure(request: HttpRequest, workspace: Workspace, source_id: str) -> HttpResponse:
    """Name a source, choose how often it is looked at and which kinds of documents it indexes."""
    source = find_source(workspace, source_id)
    form = SourceForm(source, request.POST)
    if form.is_valid():
        actor, wanted = actor_of(request), form.cleaned_data
        minutes = wanted["interval"]
        try:
            services.rename(integration=source, title=wanted["title"], actor=actor)
            interval = timedelta(minutes=minutes) if minutes else None
            services.set_interval(integration=source, interval=interval, actor=actor)
            if "kinds" in wanted and wanted["kinds"] != form.initial["kinds"]:
                services.configure(integration=source, kinds=wanted["kinds"], actor=actor)
                messages.success(request, "Saved. The source is compared as a whole.")
            else:
                messages.success(request, "Saved.")
            return _to_source(workspace, source)
        except UserError as error:
            form.add_error(None, str(error))
    values = _facts(request, workspace, source) | {"form": form}
    return render(request, "ingestion/source.html", values, status=422)


@require_safe
@workspace_view()
def config(request: HttpRequest, workspace: Workspace, source_id: str) -> HttpResponse:
    """Explain `lightfast.yml`, and write one to begin with."""
    source = find_source(workspace, source_id)
    starter = starter_config(source)
    edit_url = ""
    document = Document.objects.filter(integration=source, kind="file").first()
    if document is not None and "/blob/" in document.url and source.cursor_label:
        root = document.url.partition("/blob/")[0]
        edit_url = (
            f"{root}/new/{source.cursor_label}?{urlencode({'filename': CONFIG_NAMES[0], 'value': starter})}"
        )
    values = {"workspace": workspace, "source": source, "starter": starter, "edit_url": edit_url}
    return render(request, "ingestion/config.html", values | {"names": CONFIG_NAMES})


def find_source(workspace: Workspace, source_id: str) -> Integration:
    """Return a workspace's source; any other does not exist (`Http404`)."""
    rows = Integration.objects.in_workspace(workspace).select_related(
        "connection", "store__target", "workspace__organization"
    )
    return get_object_or_404(rows, pk=source_id)


def _to_source(workspace: Workspace, source: Integration) -> HttpResponse:
    return see_other("ingestion:source", workspace.organization.slug, workspace.slug, source.pk)
