"""How the workspace is searched: a panel of the insights, and a page where there is no JavaScript."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from console.access import workspace_view
from console.charts import asked_period
from console.models import Workspace
from search.insights import insights_of


@require_safe
@workspace_view()
def insights(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Show figures of a period, what was asked most, and what found nothing."""
    period = asked_period(request)
    values = {"workspace": workspace, "period": period, "insights": insights_of(workspace, period)}
    fragment = request.htmx and not request.htmx.boosted  # type: ignore[attr-defined]
    return render(request, "search/insights.html" + ("#panel" if fragment else ""), values)
