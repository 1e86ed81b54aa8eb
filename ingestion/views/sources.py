"""A workspace's sources: what is connected, adding more, and how each of them does."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from console.access import Permission, can, workspace_view
from console.audit import actor_of
from console.models import User, Workspace
from ingestion import services
from ingestion.connections import resources_of
from ingestion.models import Connection, ConnectionState, Document, Integration, Omission, Run, RunItem
from ingestion.pipeline.select import CONFIG_NAMES
from ingestion.pipeline.starter import starter_config
from ingestion.reasons import Reason
from ingestion.sources import get_source
from ingestion.sources.base import Resource, SourceError
from lightfast.lib.errors import UserError

PAGE = 100
ACTIONS: dict[str, tuple[Permission, Callable[..., object], str]] = {
    "sync": (Permission.SYNC, services.sync_now, "A sync is queued."),
    "pause": (
        Permission.MANAGE_SOURCES,
        services.pause,
        "The source is paused. What is indexed stays searchable.",
    ),
    "resume": (Permission.MANAGE_SOURCES, services.resume, "The source goes on; a sync is queued."),
    "remove": (Permission.MANAGE_SOURCES, services.disconnect, "The source is being removed."),
}


@require_safe
@workspace_view()
def index(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """List a workspace's sources."""
    rows = (
        Integration.objects.in_workspace(workspace)
        .select_related("connection")
        .annotate(document_count=Count("documents"))
        .order_by("name")
    )
    return render(
        request,
        "ingestion/sources.html",
        {"workspace": workspace, "sources": rows, **_may(request, workspace)},
    )


@require_safe
@workspace_view()
def detail(request: HttpRequest, workspace: Workspace, source_id: str) -> HttpResponse:
    """Show how a source does, problems first."""
    source = _source(workspace, source_id)
    omissions = (
        Omission.objects.filter(integration=source).values("state", "reason").annotate(files=Count("pk"))
    )
    run = Run.objects.filter(integration=source).order_by("-id").first()
    manifest = get_source(source.kind).manifest
    return render(
        request,
        "ingestion/source.html",
        {
            "workspace": workspace,
            "source": source,
            "manifest": manifest,
            "chosen": source.config.get("kinds") or manifest.kinds[:1],
            "kinds": Document.objects.filter(integration=source)
            .values("kind")
            .annotate(number=Count("pk"))
            .order_by("kind"),
            "omissions": [
                {**row, "label": Reason(row["reason"]).label} for row in omissions.order_by("state", "-files")
            ],
            "runs": Run.objects.filter(integration=source).order_by("-id")[:10],
            "open_items": RunItem.objects.filter(run=run, state__in=("queued", "leased")).count()
            if run
            else 0,
            "all_items": RunItem.objects.filter(run=run).count() if run else 0,
            **_may(request, workspace),
        },
    )


@require_POST
@workspace_view()
def act(request: HttpRequest, workspace: Workspace, source_id: str, action: str) -> HttpResponse:
    """Sync, pause, resume or remove a source."""
    assert isinstance(request.user, User)
    source = _source(workspace, source_id)
    permission, do, said = ACTIONS[action]
    if not can(request.user, permission, workspace.organization):
        raise PermissionDenied("Your role does not allow this. Ask an admin of the team.")
    try:
        do(integration=source, actor=actor_of(request))
        messages.success(request, said)
    except UserError as error:
        messages.error(request, str(error))
    if action == "remove":
        return redirect("ingestion:sources", workspace.organization.slug, workspace.slug)
    return redirect("ingestion:source", workspace.organization.slug, workspace.slug, source.pk)


@require_POST
@workspace_view(Permission.MANAGE_SOURCES)
def kinds(request: HttpRequest, workspace: Workspace, source_id: str) -> HttpResponse:
    """Choose the kinds of documents that a source indexes."""
    source = _source(workspace, source_id)
    try:
        services.configure(integration=source, kinds=request.POST.getlist("kinds"), actor=actor_of(request))
        messages.success(request, "Saved. The source is compared as a whole.")
    except UserError as error:
        messages.error(request, str(error))
    return redirect("ingestion:source", workspace.organization.slug, workspace.slug, source.pk)


@require_safe
@workspace_view()
def config(request: HttpRequest, workspace: Workspace, source_id: str) -> HttpResponse:
    """Explain `lightfast.yml`, and write one to begin with."""
    source = _source(workspace, source_id)
    starter = starter_config(source)
    edit_url = ""
    document = Document.objects.filter(integration=source, kind="file").exclude(url="").first()
    if document is not None and "/blob/" in document.url and source.cursor_label:
        root = document.url.partition("/blob/")[0]
        edit_url = (
            f"{root}/new/{source.cursor_label}?{urlencode({'filename': CONFIG_NAMES[0], 'value': starter})}"
        )
    return render(
        request,
        "ingestion/config.html",
        {
            "workspace": workspace,
            "source": source,
            "starter": starter,
            "edit_url": edit_url,
            "names": CONFIG_NAMES,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@workspace_view(Permission.MANAGE_SOURCES)
def add(request: HttpRequest, workspace: Workspace, connection_id: str) -> HttpResponse:
    """Choose among what a connection may read, and connect it."""
    mine = Connection.objects.of_organization(workspace.organization).filter(state=ConnectionState.ACTIVE)
    connection = get_object_or_404(mine, pk=connection_id)
    try:
        resources = resources_of(connection)
    except SourceError as error:
        messages.error(request, str(error))
        return redirect("ingestion:connections", workspace.organization.slug)
    if request.method == "POST":
        return _connect(request, workspace, connection, resources)
    query = request.GET.get("q", "").strip().lower()
    found = [r for r in resources if query in f"{r.name} {r.description}".lower()]
    there = Integration.objects.in_workspace(workspace).filter(kind=connection.kind)
    values = {
        "workspace": workspace,
        "connection": connection,
        "kinds": get_source(connection.kind).manifest.kinds,
        "query": query,
        "total": len(resources),
        "found": len(found),
        "resources": found[:PAGE],
        "connected": set(there.values_list("resource_id", flat=True)),
    }
    return render(request, "ingestion/add.html", values)


def _connect(
    request: HttpRequest, workspace: Workspace, connection: Connection, resources: list[Resource]
) -> HttpResponse:
    known = {resource.id: resource for resource in resources}
    chosen = [known[key] for key in dict.fromkeys(request.POST.getlist("resource")) if key in known]
    if not chosen:
        messages.error(request, "Choose at least one repository.")
        return redirect(request.get_full_path())
    manifest = get_source(connection.kind).manifest
    kinds = [kind for kind in manifest.kinds if kind in request.POST.getlist("kinds")] or [manifest.kinds[0]]
    done = 0
    for resource in chosen:
        try:
            services.connect(
                workspace=workspace,
                kind=connection.kind,
                resource=resource.id,
                name=resource.name,
                connection=connection,
                config={"kinds": kinds},
                actor=actor_of(request),
            )
            done += 1
        except (SourceError, UserError) as error:
            messages.warning(request, f"{resource.name}: {error}")
    if done:
        messages.success(
            request,
            f"{done} {'source is' if done == 1 else 'sources are'} connected. The first sync has begun.",
        )
    return redirect("ingestion:sources", workspace.organization.slug, workspace.slug)


def _source(workspace: Workspace, source_id: str) -> Integration:
    rows = Integration.objects.in_workspace(workspace).select_related("connection", "workspace__organization")
    return get_object_or_404(rows, pk=source_id)


def _may(request: HttpRequest, workspace: Workspace) -> dict[str, object]:
    assert isinstance(request.user, User)
    may_manage = can(request.user, Permission.MANAGE_SOURCES, workspace.organization)
    connections = Connection.objects.of_organization(workspace.organization).filter(
        state=ConnectionState.ACTIVE
    )
    return {
        "may_sync": can(request.user, Permission.SYNC, workspace.organization),
        "may_manage": may_manage,
        "connections": connections.order_by("name") if may_manage else (),
    }
