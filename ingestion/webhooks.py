"""The one inbox of webhooks: verify, store, answer; what follows is done by a worker."""

import re
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from console.audit import SYSTEM, Action, Actor, record
from console.models import Organization
from ingestion.models import (
    Connection,
    ConnectionState,
    Delivery,
    DeliveryState,
    Integration,
    IntegrationState,
    Trigger,
)
from ingestion.pipeline.context import app_values
from ingestion.runs import request_run
from ingestion.sources import get_source
from ingestion.sources.base import BadDelivery, Consequence, VerifiedDelivery, WebhookSource
from ingestion.states import change_state, unblock
from ingestion.wake import wake
from lightfast.lib.redact import redact
from lightfast.lib.text import storable

KEPT_HEADERS = re.compile(r"content-type|user-agent|x-(?!.*(?:signature|forwarded|real-ip)).*")
MAX_ATTEMPTS = 5


def inbox_of(kind: str) -> WebhookSource:
    """Return the source that understands a provider's webhooks; raise `LookupError`."""
    source = get_source(kind)
    if not isinstance(source, WebhookSource):
        raise LookupError(f"{source.manifest.name} sends no webhooks.")
    return source


def receive(kind: str, headers: Mapping[str, str], body: bytes) -> tuple[Delivery, bool]:
    """Verify and store a delivery once; return it, and whether it is new.

    Raises `LookupError` for a provider without webhooks, `BadSignature` and `BadDelivery`.
    """
    verified = inbox_of(kind).verify(headers, body, app_values(kind)[1])
    payload = verified.payload
    kept = {name: storable(value) for name, value in headers.items() if KEPT_HEADERS.fullmatch(name)}
    with transaction.atomic():
        delivery, created = Delivery.objects.get_or_create(
            provider=kind,
            delivery_id=verified.delivery_id,
            defaults={
                "event": verified.event,
                "origin": verified.connection_id,
                "resource": verified.resource_id,
                "action": storable(str(payload.get("action") or ""))[:100],
                "headers": kept,
                "body": body,
            },
        )
        if not created and delivery.state == DeliveryState.FAILED:  # somebody has it sent again
            Delivery.objects.filter(pk=delivery.pk).update(state=DeliveryState.RECEIVED, attempts=0)
            wake("process_delivery", delivery.pk)
        if created:
            wake("process_delivery", delivery.pk)
    return delivery, created


@transaction.atomic
def process(delivery_id: UUID) -> None:
    """Do what follows from a delivery; one already settled is left alone."""
    delivery = (
        Delivery.objects.select_for_update(no_key=True, of=("self",))
        .filter(pk=delivery_id, state=DeliveryState.RECEIVED)
        .first()
    )
    if delivery is None:
        return
    delivery.attempts += 1
    delivery.processed_at = timezone.now()
    try:
        with transaction.atomic():
            _settle(delivery)
    except Exception as error:
        delivery.outcome = storable(redact(f"{type(error).__name__}: {error}"))[:2000]
        if delivery.attempts >= MAX_ATTEMPTS:
            delivery.state = DeliveryState.FAILED
        delivery.save()
        if delivery.attempts < MAX_ATTEMPTS:
            return
        raise
    delivery.save()


@transaction.atomic
def replay(*, delivery: Delivery, organization: Organization | None = None, actor: Actor = SYSTEM) -> None:
    """Do once more what follows from a delivery."""
    Delivery.objects.filter(pk=delivery.pk).update(
        state=DeliveryState.RECEIVED, attempts=0, outcome="", processed_at=None
    )
    record(actor, Action.DELIVERY_REPLAYED, delivery, organization=organization)
    wake("process_delivery", delivery.pk)


def reread(delivery: Delivery) -> VerifiedDelivery:
    """Read a stored delivery again; raise `BadDelivery`."""
    return inbox_of(delivery.provider).read(delivery.headers, bytes(delivery.body))


def _settle(delivery: Delivery) -> None:
    try:
        consequence = inbox_of(delivery.provider).consequence(reread(delivery))
    except BadDelivery as error:
        consequence = Consequence(str(error))
    touched = _change_connections(delivery, consequence)
    started = _sync(delivery, consequence)
    delivery.state = DeliveryState.PROCESSED if touched or started else DeliveryState.IGNORED
    parts = [consequence.outcome]
    if started:
        parts.append(f"{started} {'source syncs' if started == 1 else 'sources sync'}.")
    elif consequence.resources:
        parts.append("No source follows it." if consequence.label else "No source reads it.")
    delivery.outcome = storable(" ".join(parts))


def _sync(delivery: Delivery, consequence: Consequence) -> int:
    """Ask for a run of every source of the resources, in every workspace, a little later than now."""
    due_at = timezone.now() + timedelta(seconds=settings.PUSH_DEBOUNCE_SECONDS)
    usable = Q(connection=None) | Q(connection__state=ConnectionState.ACTIVE)
    found = Integration.objects.alive().filter(
        Q(state=IntegrationState.ACTIVE) | Q(usable, state=IntegrationState.BLOCKED),
        kind=delivery.provider,
        resource_id__in=consequence.resources,
    )
    if consequence.label:
        found = found.filter(cursor_label__in=("", storable(consequence.label)[:200]))
    count = 0
    for integration in found.order_by("pk"):
        if integration.state == IntegrationState.BLOCKED:
            unblock(integration)
        request_run(
            integration=integration,
            trigger=Trigger.PUSH,
            full=consequence.full,
            due_at=due_at,
            delivery=delivery,
        )
        count += 1
    return count


def _change_connections(delivery: Delivery, consequence: Consequence) -> int:
    if not consequence.connection_id:
        return 0
    found = Connection.objects.select_for_update(no_key=True).filter(
        kind=delivery.provider, external_id=consequence.connection_id
    )
    count = 0
    for connection in found.order_by("pk"):
        if consequence.connection_name:
            connection.name = storable(consequence.connection_name)
        # What a team has disconnected, or the provider has ended, only a person connects again.
        if consequence.connection_change is not None and connection.state != ConnectionState.REVOKED:
            change_state(
                connection, ConnectionState(consequence.connection_change.value), consequence.outcome
            )
        connection.save()
        count += 1
    return count
