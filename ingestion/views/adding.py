"""Adding sources: the choice of providers, a pasted address, and what a connection may read."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from console.access import Permission, workspace_view
from console.audit import actor_of
from console.models import Workspace
from ingestion import services
from ingestion.connections import resources_of, save_connection
from ingestion.forms import ResourceForm
from ingestion.models import Connection, ConnectionState, Integration
from ingestion.sources import all_sources, get_source
from ingestion.sources.base import Grant, PastedSource, Resource
from ingestion.sources.errors import SourceError
from lightfast.lib.errors import UserError
from lightfast.lib.htmx import wants_fragment
from lightfast.lib.redirects import see_other

PAGE = 100


@require_safe
@workspace_view(Permission.MANAGE_SOURCES)
def choose(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Offer every kind of source that there is, with the connections that the team has."""
    rows = Connection.objects.of_organization(workspace.organization).filter(state=ConnectionState.ACTIVE)
    connections = list(rows.order_by("name"))
    providers = [
        {
            "manifest": source.manifest,
            "pasted": isinstance(source, PastedSource),
            "connections": [row for row in connections if row.kind == slug],
        }
        for slug, source in sorted(all_sources().items(), key=lambda item: item[1].manifest.name)
    ]
    values = {"workspace": workspace, "providers": providers}
    return render(request, "ingestion/choose_source.html", values)


@require_http_methods(["GET", "HEAD", "POST"])
@workspace_view(Permission.MANAGE_SOURCES)
def paste(request: HttpRequest, workspace: Workspace, kind: str) -> HttpResponse:
    """Connect what somebody pastes the address of."""
    source = all_sources().get(kind)
    if source is None or not isinstance(source, PastedSource):
        raise Http404("There is no such source.")
    manifest = source.manifest
    form = ResourceForm(source, manifest.resource_noun, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            integration = _connect_pasted(request, workspace, kind, form)
        except (SourceError, UserError) as error:
            form.add_error("resource", str(error))
        else:
            messages.success(request, f"{integration} is connected. Its first sync has begun.")
            slugs = (workspace.organization.slug, workspace.slug)
            return see_other("ingestion:source", *slugs, integration.pk)
    values = {"workspace": workspace, "manifest": manifest, "form": form}
    return render(request, "ingestion/paste_source.html", values, status=422 if form.errors else 200)


def _connect_pasted(request: HttpRequest, workspace: Workspace, kind: str, form: ResourceForm) -> Integration:
    resource = form.cleaned_data["resource"]
    connection = None
    if secrets := form.values(secret=True):
        resource_id = services.resource_of(kind, resource)
        grant = Grant(external_id=resource_id[:200], name=f"Token for {resource_id}"[:200], secrets=secrets)
        connection = save_connection(
            organization=workspace.organization, kind=kind, grant=grant, actor=actor_of(request)
        )
    return services.connect(
        workspace=workspace,
        kind=kind,
        resource=resource,
        config=dict(form.values(secret=False)),
        connection=connection,
        confirm=True,
        actor=actor_of(request),
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
    chosen = [resource for resource in resources if resource.id in request.POST.getlist("resource")]
    if chosen:
        return _connect(request, workspace, connection, chosen)
    query = request.GET.get("q", "").strip()
    found = [r for r in resources if query.lower() in f"{r.name} {r.description}".lower()]
    there = Integration.objects.in_workspace(workspace).filter(kind=connection.kind)
    values = {
        "workspace": workspace,
        "connection": connection,
        "manifest": get_source(connection.kind).manifest,
        "query": query,
        "total": len(resources),
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "connected": set(there.values_list("resource_id", flat=True)),
        "none_chosen": request.method == "POST",
    }
    part = "#resources" if wants_fragment(request) else ""
    status = HTTPStatus.UNPROCESSABLE_ENTITY if request.method == "POST" else HTTPStatus.OK
    return render(request, f"ingestion/add.html{part}", values, status=status)


def _connect(
    request: HttpRequest, workspace: Workspace, connection: Connection, chosen: Sequence[Resource]
) -> HttpResponse:
    manifest = get_source(connection.kind).manifest
    kinds = [kind for kind in manifest.kinds if kind in request.POST.getlist("kinds")] or [manifest.kinds[0]]
    done = sum(_connect_one(request, workspace, connection, resource, kinds) for resource in chosen)
    if done:
        messages.success(
            request,
            f"{done} {'source is' if done == 1 else 'sources are'} connected. The first sync has begun.",
        )
    return see_other("ingestion:sources", workspace.organization.slug, workspace.slug)


def _connect_one(
    request: HttpRequest, workspace: Workspace, connection: Connection, resource: Resource, kinds: list[str]
) -> bool:
    values: dict[str, Any] = {"kinds": kinds}
    try:
        services.connect(
            workspace=workspace,
            kind=connection.kind,
            resource=resource.id,
            name=resource.name,
            connection=connection,
            config=values,
            confirm=True,
            actor=actor_of(request),
        )
    except (SourceError, UserError) as error:
        messages.warning(request, f"{resource.name}: {error}")
        return False
    return True
