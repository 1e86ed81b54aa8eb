"""The one inbox of webhooks: verify, store, answer; what follows is done by a worker."""

import json
import logging
import re
from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache
from time import monotonic
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from console.audit import SYSTEM, Action, Actor, record
from console.models import Organization
from ingestion.bell import deliveries
from ingestion.models import (
    Connection,
    ConnectionState,
    Delivery,
    DeliveryState,
    Integration,
    IntegrationState,
    Run,
    RunState,
    Trigger,
)
from ingestion.pipeline.context import app_values
from ingestion.runs import request_run
from ingestion.sources import get_source
from ingestion.sources.base import Consequence, VerifiedDelivery, WebhookSource
from ingestion.sources.errors import BadDelivery, BadSignature
from ingestion.states import change_state, unblock
from ingestion.wake import wake
from lightfast.lib.clock import shared_now
from lightfast.lib.ids import new_id
from lightfast.lib.redact import redact
from lightfast.lib.text import storable

KEPT_HEADERS = re.compile(r"content-type|user-agent|x-(?!.*(?:signature|forwarded|real-ip)).*")
MAX_ATTEMPTS = 5
SECRETS_KEPT = 5  # seconds for which a secret that was taken back still opens
# A repeated delivery changes nothing, unless it failed: then somebody has it sent again.
STORE = """
INSERT INTO ingestion_delivery AS d (
    id, created_at, updated_at, provider, delivery_id, event, action, origin, resource, headers, body, state, outcome,
    attempts
) VALUES (
    %(id)s, %(now)s, %(now)s, %(provider)s, %(delivery_id)s, %(event)s, %(action)s, %(origin)s, %(resource)s,
    %(headers)s, %(body)s, 'received', '', 0
)
ON CONFLICT (provider, delivery_id) DO UPDATE
SET state = 'received', attempts = 0, processed_at = NULL, updated_at = excluded.updated_at
WHERE d.state = 'failed'
RETURNING id
"""

logger = logging.getLogger(__name__)


def inbox_of(kind: str) -> WebhookSource:
    """Return the source that understands a provider's webhooks; raise `LookupError`."""
    source = get_source(kind)
    if not isinstance(source, WebhookSource):
        raise LookupError(f"{source.manifest.name} sends no webhooks.")
    return source


def receive(kind: str, headers: Mapping[str, str], body: bytes) -> tuple[UUID, bool]:
    """Verify and store a delivery once, in one statement; return its row's id, and whether it is new.

    Raises `LookupError` for a provider without webhooks, `BadSignature` and `BadDelivery`.
    """
    verified = _verified(kind, headers, body)
    values: dict[str, Any] = {
        "id": new_id(),
        "now": timezone.now(),
        "provider": kind,
        "delivery_id": verified.delivery_id,
        "event": verified.event,
        "origin": verified.connection_id,
        "resource": verified.resource_id,
        "action": storable(str(verified.payload.get("action") or ""))[:100],
        "headers": json.dumps(
            {name: storable(value) for name, value in headers.items() if KEPT_HEADERS.fullmatch(name)}
        ),
        "body": body,
    }
    with connection.cursor() as cursor:
        cursor.execute(STORE, values)
        stored = cursor.fetchone()
    if stored is None:  # it came before
        return Delivery.objects.values_list("pk", flat=True).get(
            provider=kind, delivery_id=verified.delivery_id
        ), False
    deliveries.ring()
    return stored[0], stored[0] == values["id"]


def _verified(kind: str, headers: Mapping[str, str], body: bytes) -> VerifiedDelivery:
    """Verify with the secrets as they were a moment ago, and with those of now before a delivery is refused."""
    inbox = inbox_of(kind)
    try:
        return inbox.verify(headers, body, _recent_secrets(kind, int(monotonic() / SECRETS_KEPT)))
    except BadSignature:
        return inbox.verify(headers, body, app_values(kind)[1])


@lru_cache(maxsize=8)
def _recent_secrets(kind: str, period: int) -> Mapping[str, str]:  # noqa: ARG001 - of the cache
    return app_values(kind)[1]


def process(delivery_id: UUID) -> None:
    """Do what follows from a delivery; one already settled is left alone."""
    _process_first(Delivery.objects.filter(pk=delivery_id).select_for_update(no_key=True))


def process_waiting() -> None:
    """Do what follows from every delivery that nobody has begun with, oldest first; many workers may share them."""
    fresh = Delivery.objects.filter(processed_at=None).order_by("created_at")
    while _process_first(fresh.select_for_update(no_key=True, skip_locked=True)):
        pass


@transaction.atomic
def _process_first(rows: QuerySet[Delivery]) -> bool:
    """Do what follows from the first of the deliveries that is not settled; return whether there was one."""
    delivery = rows.filter(state=DeliveryState.RECEIVED).first()
    if delivery is None:
        return False
    delivery.attempts += 1
    delivery.processed_at = timezone.now()
    try:
        with transaction.atomic():
            _settle(delivery)
    except Exception as error:
        delivery.outcome = storable(redact(f"{type(error).__name__}: {error}"))[:2000]
        if delivery.attempts >= MAX_ATTEMPTS:
            delivery.state = DeliveryState.FAILED
            logger.exception("Delivery %s failed %s times", delivery.pk, delivery.attempts)
    delivery.save(update_fields=["attempts", "processed_at", "outcome", "state", "updated_at"])
    return True


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
    """Ask for a run of every source of the resources, in every workspace, a little later than now.

    A run that waits already will see what this tells of: nothing is asked for then.
    """
    due_at = shared_now() + timedelta(seconds=settings.PUSH_DEBOUNCE_SECONDS)
    usable = Q(connection=None) | Q(connection__state=ConnectionState.ACTIVE)
    found = Integration.objects.alive().filter(
        Q(state=IntegrationState.ACTIVE) | Q(usable, state=IntegrationState.BLOCKED),
        kind=delivery.provider,
        resource_id__in=consequence.resources,
    )
    if consequence.label:
        found = found.filter(cursor_label__in=("", storable(consequence.label)[:200]))
    waiting = Run.objects.filter(
        integration=OuterRef("pk"), state=RunState.QUEUED, started_at=None, due_at__lte=due_at
    ).exclude(trigger=Trigger.CONFIG)
    if consequence.full:
        waiting = waiting.filter(full=True)
    count = 0
    awaited = set(found.filter(Exists(waiting)).values_list("pk", flat=True))
    for integration in found.order_by("pk"):
        if integration.state == IntegrationState.BLOCKED:
            unblock(integration)
        if integration.pk not in awaited:
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
    for row in found.order_by("pk"):
        if consequence.connection_name:
            row.name = storable(consequence.connection_name)
        # What a team has disconnected, or the provider has ended, only a person connects again.
        if consequence.connection_change is not None and row.state != ConnectionState.REVOKED:
            change_state(row, ConnectionState(consequence.connection_change.value), consequence.outcome)
        row.save()
        count += 1
    return count
