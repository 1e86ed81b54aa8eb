"""How the index and its jobs do."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from console.access import workspace_view
from console.charts import asked_period, period_tabs
from console.models import Workspace
from ingestion.insights import insights_of


@require_safe
@workspace_view()
def insights(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Show figures and charts of a period; those of searches come as a panel of the search app."""
    period = asked_period(request)
    address = reverse("search:insights", args=[workspace.organization.slug, workspace.slug])
    values = {
        "workspace": workspace,
        "insights": insights_of(workspace, period),
        "tabs": period_tabs(period),
        "searches": f"{address}?period={period.slug}",
    }
    return render(request, "ingestion/insights.html", values)
