"""What embedding costs a workspace: its budget, its use, and its configuration with the cost of changing it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST

from console.access import Permission, workspace_view
from console.audit import actor_of
from console.models import Workspace
from ingestion.budget import set_budget, standing_of
from ingestion.forms import BudgetForm
from ingestion.models import Budget, Store, Usage
from ingestion.pricing import quotes_of_change
from ingestion.stores import available_configs, configure_store, ensure_store
from ingestion.views.rights import address_of
from lightfast.lib.redirects import see_other

MONTHS = 24  # rows of use that are shown


@require_http_methods(["GET", "HEAD", "POST"])
@workspace_view(Permission.MANAGE_WORKSPACES)
def budget(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Show and set the budget, beside what was used and how the index is made."""
    found = Budget.objects.filter(pk=workspace.pk).first() or Budget()
    form = BudgetForm(
        request.POST if request.method == "POST" else None,
        initial={"tokens": found.tokens, "dollars": found.dollars},
    )
    if request.method == "POST" and form.is_valid():
        set_budget(workspace=workspace, actor=actor_of(request), **form.cleaned_data)
        messages.success(request, "The budget is saved. What waited for it goes on.")
        return see_other("ingestion:budget", workspace.organization.slug, workspace.slug)
    ensure_store(workspace)
    stores = Store.objects.filter(workspace=workspace).select_related("serving", "target").order_by("name")
    values = {
        "workspace": workspace,
        "form": form,
        "settings_url": address_of("console:workspace_settings", workspace),
        "standing": standing_of(workspace.pk),
        "usage": Usage.objects.filter(workspace=workspace).order_by("-month", "model")[:MONTHS],
        "stores": [(store, quotes_of_change(store, available_configs(store))) for store in stores],
    }
    return render(request, "ingestion/budget.html", values, status=422 if form.errors else 200)


@require_POST
@workspace_view(Permission.MANAGE_WORKSPACES)
def configure(request: HttpRequest, workspace: Workspace, store_id: str) -> HttpResponse:
    """Have a store embedded anew under the configuration that was chosen by its hash."""
    stores = Store.objects.filter(workspace=workspace).select_related("target")
    store = get_object_or_404(stores, pk=store_id)
    wanted = request.POST.get("config", "")
    config = next((config for config in available_configs(store) if config.hash == wanted), None)
    if config is None:
        messages.error(request, "Choose one of the configurations on the page.")
    else:
        configure_store(store=store, config=config, actor=actor_of(request))
        messages.success(
            request, f"The index is being made anew with {config.model}. Searches use the old one until then."
        )
    return see_other("ingestion:budget", workspace.organization.slug, workspace.slug)
