"""How good search is on a workspace's own sources: measured in the background, kept, and put in words."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from console.access import Permission, can, workspace_view
from console.audit import actor_of
from console.models import User, Workspace
from ingestion.models import Integration
from lightfast.lib.errors import UserError
from lightfast.lib.htmx import wants_fragment
from lightfast.lib.redirects import see_other
from search.evaluation.services import FEWEST_QUERIES, MOST_QUERIES, request_evaluation
from search.evaluation.shown import latest_of, legs_of, trend
from search.models import Evaluation

PAGE = 50


@require_safe
@vary_on_headers("HX-Request")
@workspace_view()
def index(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Show the newest figures of each source, and all evaluations."""
    assert isinstance(request.user, User)
    rows = Evaluation.objects.in_workspace(workspace).select_related("integration")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "workspace": workspace,
        "page": page,
        "running": any(row.is_active for row in page),
        "latest": latest_of(workspace),
        "trend": trend(workspace),
        "sources": Integration.objects.in_workspace(workspace).exclude(synced_at=None).order_by("name"),
        "may_measure": can(request.user, Permission.SYNC, workspace.organization),
        "queries": MOST_QUERIES,
        "fewest": FEWEST_QUERIES,
    }
    template = "search/quality.html#evaluations" if wants_fragment(request) else "search/quality.html"
    return render(request, template, context)


@require_safe
@workspace_view()
def detail(request: HttpRequest, workspace: Workspace, evaluation_id: UUID) -> HttpResponse:
    """Show one evaluation with what it did not find."""
    rows = Evaluation.objects.in_workspace(workspace).select_related("integration", "requested_by")
    evaluation = get_object_or_404(rows, pk=evaluation_id)
    return render(
        request,
        "search/evaluation.html",
        {"workspace": workspace, "evaluation": evaluation, "legs": legs_of(evaluation)},
    )


@require_POST
@workspace_view(Permission.SYNC)
def measure(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Queue an evaluation of the source chosen."""
    source = get_object_or_404(
        Integration.objects.in_workspace(workspace), pk=_uuid(request.POST.get("source"))
    )
    try:
        request_evaluation(integration=source, actor=actor_of(request))
    except UserError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "It is being measured. The figures come here when they are ready.")
    return see_other("search:quality", workspace.organization.slug, workspace.slug)


def _uuid(value: str | None) -> UUID:
    try:
        return UUID(value)
    except (TypeError, ValueError):
        raise Http404("There is no such source.") from None
