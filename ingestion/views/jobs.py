"""Jobs: the runs of a workspace, and what each did to which document."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from console.access import Permission, workspace_view
from console.audit import actor_of
from console.models import Workspace
from ingestion import services
from ingestion.filters import ItemFilter, JobFilter
from ingestion.models import Integration, Run, RunItem
from ingestion.pricing import quote_of
from ingestion.progress import progress_of, stages_of, waits_for
from ingestion.views.rights import rights_in
from lightfast.lib.errors import UserError
from lightfast.lib.htmx import htmx_of, wants_fragment
from lightfast.lib.redirects import see_other
from lightfast.lib.window import window

PAGE = 50
JOBS = 25  # a row of them is dear
ACTIONS: dict[str, tuple[Callable[..., object], str]] = {
    "cancel": (services.cancel, "The job is cancelled. What it has indexed so far stays."),
    "retry": (services.retry_failed, "A job that tries the failed documents again is queued."),
    "confirm": (services.confirm, "The job goes on."),
}


@require_safe
@workspace_view()
def index(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """List a workspace's runs, newest first."""
    sources = Integration.objects.in_workspace(workspace).only("name", "title").order_by("name")
    form = JobFilter(request.GET, sources=list(sources))
    rows = Run.objects.in_workspace(workspace).select_related("integration").order_by("-id")
    found = window(form.narrow(rows), request.GET, size=JOBS)
    values = {"workspace": workspace, "jobs": found, "form": form, "now": timezone.now()}
    template = "ingestion/jobs.html"
    return render(request, f"{template}#list" if wants_fragment(request) else template, values)


@require_safe
@workspace_view()
def row(request: HttpRequest, workspace: Workspace, job_id: str) -> HttpResponse:
    """Show one row of the list, which asks for itself while its run is at work."""
    values = {"workspace": workspace, "job": _job(workspace, job_id), "fresh": True}
    return render(request, "ingestion/jobs.html#row", values)


@require_safe
@workspace_view()
def detail(request: HttpRequest, workspace: Workspace, job_id: str) -> HttpResponse:
    """Show how far a run is, what it did, and its documents."""
    job = _job(workspace, job_id)
    values = {
        "workspace": workspace,
        "job": job,
        "progress": progress_of(job, timezone.now(), waiting=waits_for(job)),
        "stages": stages_of(job),
        "quote": quote_of(job),
        "may": rights_in(request, workspace.organization),
    }
    if wants_fragment(request) and htmx_of(request).target == "progress":
        return render(request, "ingestion/job.html#progress", values | {"fresh": True})
    form = ItemFilter(request.GET)
    items = form.narrow(RunItem.objects.filter(run=job))
    values |= {"form": form, "items": window(items, request.GET, size=PAGE, newest_first=False)}
    template = "ingestion/job.html"
    return render(request, f"{template}#items" if wants_fragment(request) else template, values)


@require_POST
@workspace_view()
def act(request: HttpRequest, workspace: Workspace, job_id: str, action: str) -> HttpResponse:
    """Cancel a run, let it go on, or try again what failed in it."""
    if not rights_in(request, workspace.organization).sync:
        raise PermissionDenied("Your role does not allow this. Ask an admin of the team.")
    job = _job(workspace, job_id)
    do, said = ACTIONS[action]
    try:
        result = do(run=job, actor=actor_of(request))
    except UserError as error:
        messages.error(request, str(error))
    else:
        if result is False:
            messages.info(request, "The job had ended already, or did not wait for this.")
        else:
            messages.success(request, said)
        job = result if isinstance(result, Run) else job
    return see_other("ingestion:job", workspace.organization.slug, workspace.slug, job.pk)


@require_POST
@workspace_view(Permission.SYNC)
def confirm_all(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Let every run go on that waits for a go-ahead."""
    number = services.confirm_all(workspace=workspace, actor=actor_of(request))
    messages.success(request, f"{number} {'sync has' if number == 1 else 'syncs have'} begun.")
    return see_other("ingestion:sources", workspace.organization.slug, workspace.slug)


def _job(workspace: Workspace, job_id: str) -> Run:
    rows = Run.objects.in_workspace(workspace).select_related(
        "integration__store__target", "delivery", "workspace__organization"
    )
    return get_object_or_404(rows, pk=job_id)
