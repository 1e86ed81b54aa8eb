"""What an integration's adapter is given to work with."""

from django.conf import settings

from ingestion.models import Integration
from ingestion.sources import get_source
from ingestion.sources.base import Source, SourceContext


def source_of(integration: Integration) -> tuple[Source, SourceContext]:
    """Return an integration's adapter and the plain values it works with."""
    connection = integration.connection
    return get_source(integration.kind), SourceContext(
        resource_id=integration.resource_id,
        config={**(connection.config if connection else {}), **integration.config},
        secrets=connection.secrets if connection else {},
        cache_dir=settings.STATE_DIR / "cache" / integration.kind,
        allow_local=integration.allow_local,
        allow_private_hosts=settings.ALLOW_PRIVATE_HOSTS,
    )
