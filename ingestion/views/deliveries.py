"""What providers have told a team, and what came of it."""

import json

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from console.access import Permission, organization_view
from console.audit import actor_of
from console.models import Organization
from ingestion import webhooks
from ingestion.models import Delivery, DeliveryState
from ingestion.sources.errors import BadDelivery
from lightfast.lib.htmx import wants_fragment
from lightfast.lib.redirects import see_other
from lightfast.lib.text import storable

PAGE = 50
SHOWN = 100_000  # characters of a payload

owners = organization_view(Permission.DELETE_ORGANIZATION)


@require_safe
@owners
def index(request: HttpRequest, organization: Organization) -> HttpResponse:
    """List a team's deliveries, newest first."""
    rows = Delivery.objects.of_organization(organization).defer("body").order_by("-id")
    state, event, query = (storable(request.GET.get(name, "")).strip() for name in ("state", "event", "q"))
    if state in DeliveryState.values:
        rows = rows.filter(state=state)
    if event:
        rows = rows.filter(event=event)
    if query:
        rows = rows.filter(Q(delivery_id__icontains=query) | Q(outcome__icontains=query) | Q(action=query))
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    values = {
        "organization": organization,
        "page": page,
        "states": DeliveryState.choices,
        "events": Delivery.objects.of_organization(organization).events(),
        "state": state,
        "event": event,
        "query": query,
        "base_url": settings.BASE_URL,
    }
    part = "#rows" if wants_fragment(request) else ""
    return render(request, f"ingestion/deliveries.html{part}", values)


@require_safe
@owners
def detail(request: HttpRequest, organization: Organization, delivery_id: str) -> HttpResponse:
    """Show a delivery with its payload."""
    delivery = _delivery(organization, delivery_id)
    try:
        payload = storable(json.dumps(webhooks.reread(delivery).payload, indent=2, ensure_ascii=False))
    except BadDelivery as error:
        payload = str(error)
    values = {"organization": organization, "delivery": delivery, "cut": len(payload) > SHOWN}
    return render(request, "ingestion/delivery.html", values | {"payload": payload[:SHOWN]})


@require_POST
@owners
def replay(request: HttpRequest, organization: Organization, delivery_id: str) -> HttpResponse:
    """Do once more what follows from a delivery."""
    delivery = _delivery(organization, delivery_id)
    webhooks.replay(delivery=delivery, organization=organization, actor=actor_of(request))
    messages.success(request, "The delivery is being processed again.")
    return see_other("ingestion:delivery", organization.slug, delivery.pk)


def _delivery(organization: Organization, delivery_id: str) -> Delivery:
    rows: QuerySet[Delivery] = Delivery.objects.of_organization(organization)
    return get_object_or_404(rows, pk=delivery_id)
