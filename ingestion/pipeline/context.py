"""What an adapter is given to work with."""

from typing import Any

from django.conf import settings

from ingestion.models import Connection, ConnectionState, Integration, ProviderApp, Run
from ingestion.sources import get_source
from ingestion.sources.base import Source, SourceContext
from ingestion.sources.errors import AuthorizationError
from ingestion.vault import DatabaseVault


def source_of(integration: Integration, run: Run | None = None) -> tuple[Source, SourceContext]:
    """Return an integration's adapter and the plain values it works with, in a run or outside.

    Raises `AuthorizationError` where the team has ended the connection, whatever the provider would still answer.
    """
    connection = integration.connection
    if connection is not None and connection.state == ConnectionState.REVOKED:
        raise AuthorizationError(connection.state_reason)
    return get_source(integration.kind), context_for(integration, run)


def context_for(integration: Integration, run: Run | None = None) -> SourceContext:
    """Return the plain values that an integration's adapter works with."""
    return context_of(
        integration.kind,
        integration.connection,
        integration.config,
        resource_id=integration.resource_id,
        name=integration.name,
        planned=run.planned if run is not None else {},
        first=not integration.cursor,
        allow_local=integration.allow_local,
    )


def context_of(
    kind: str, connection: Connection | None, config: dict[str, Any] | None = None, **values: Any
) -> SourceContext:
    """Return the context of a connection; what the installation sets goes before what people set."""
    app_config, app_secrets = app_values(kind)
    return SourceContext(
        **{"resource_id": "", **values},
        config={**(config or {}), **(connection.config if connection else {}), **app_config},
        secrets={**(connection.secrets if connection else {}), **app_secrets},
        vault=DatabaseVault(),
        cache_dir=settings.STATE_DIR / "cache" / kind,
        allow_private_hosts=settings.ALLOW_PRIVATE_HOSTS,
    )


def app_values(kind: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Return configuration and secrets of a provider: those of the settings, else those of the app made from a page."""
    config: dict[str, Any] = dict(settings.SOURCES.get(kind, {}).get("config", {}))
    secrets: dict[str, str] = dict(settings.SOURCES.get(kind, {}).get("secrets", {}))
    config = {name: value for name, value in config.items() if value != ""}
    secrets = {name: value for name, value in secrets.items() if value}
    if not config.get("app_id") and (app := ProviderApp.objects.filter(kind=kind).first()):
        config, secrets = {**config, **app.config}, {**secrets, **app.secrets}
    return config, secrets
