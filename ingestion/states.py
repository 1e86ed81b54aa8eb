"""Connections and their sources stop together, and go on together."""

from django.utils import timezone

from ingestion.models import Connection, ConnectionState, Integration, IntegrationState, Trigger
from ingestion.runs import request_run


def change_state(connection: Connection, state: ConnectionState, reason: str) -> None:
    """Set a connection's state and that of its sources: they stop with it, and go on with it."""
    connection.state = state
    connection.state_reason = "" if state == ConnectionState.ACTIVE else reason
    sources = Integration.objects.alive().filter(connection=connection)
    if state != ConnectionState.ACTIVE:
        sources.filter(state=IntegrationState.ACTIVE).update(
            state=IntegrationState.BLOCKED, state_reason=reason, updated_at=timezone.now()
        )
        return
    for integration in sources.filter(state=IntegrationState.BLOCKED).order_by("pk"):
        unblock(integration)
        request_run(integration=integration, trigger=Trigger.PUSH)


def unblock(integration: Integration) -> None:
    """Let a blocked source sync again."""
    Integration.objects.filter(pk=integration.pk, state=IntegrationState.BLOCKED).update(
        state=IntegrationState.ACTIVE, state_reason="", updated_at=timezone.now()
    )
