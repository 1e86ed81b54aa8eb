"""System checks of what the settings say about indexing."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from ingestion.embedding import EMBEDDERS
from ingestion.sources import all_sources
from ingestion.sources.base import CheckedSource
from lightfast.lib.checks import at_least

LEAST = {
    "BATCH_DOCUMENTS": 1,
    "BATCH_TOKENS": 1,
    "RUN_CONCURRENCY": 1,
    "LEASE_SECONDS": 1,
    "LOCAL_EMBEDDER_THREADS": 1,
    "PUSH_DEBOUNCE_SECONDS": 0,
    "VECTOR_INDEX_FROM": 0,
    "VECTOR_INDEX_MEMORY": 1_048_576,
}
MOST_DIMENSIONS = 4_000  # of a halfvec that pgvector can index


@register
def embedder(**_: Any) -> list[CheckMessage]:
    """Check that the embedder exists and has what it needs."""
    found: list[CheckMessage] = []
    if settings.EMBEDDER and settings.EMBEDDER not in EMBEDDERS:
        found.append(
            Error(
                f"EMBEDDER is {settings.EMBEDDER!r}, and there is no such embedder.",
                hint="Use local or voyage, or leave it unset.",
                id="ingestion.E001",
            )
        )
    if settings.EMBEDDER == "voyage" and not settings.VOYAGE_API_KEY:
        found.append(
            Error(
                "EMBEDDER is voyage, but VOYAGE_API_KEY is unset.",
                hint="Set the key that Voyage AI gave you, or EMBEDDER=local.",
                id="ingestion.E002",
            )
        )
    if not 1 <= settings.VOYAGE_DIMENSIONS <= MOST_DIMENSIONS:
        found.append(
            Error(
                f"VOYAGE_DIMENSIONS is {settings.VOYAGE_DIMENSIONS}; the index takes 1 to {MOST_DIMENSIONS}.",
                hint="Use a number that the model offers; voyage-code-3 has 256, 512, 1024 and 2048.",
                id="ingestion.E003",
            )
        )
    return found


@register
def numbers(**_: Any) -> list[CheckMessage]:
    """Check that counts and durations are such."""
    return [*at_least(LEAST, code="ingestion.E004")]


@register
def sources(**_: Any) -> list[CheckMessage]:
    """Check what the settings say of the sources' providers."""
    return [
        Error(problem.message, hint=problem.hint, id=f"ingestion.{slug}.E{problem.code:03d}")
        for slug, source in sorted(all_sources().items())
        if isinstance(source, CheckedSource) and slug in settings.SOURCES
        for problem in source.check_settings(
            settings.SOURCES[slug]["config"], settings.SOURCES[slug]["secrets"]
        )
    ]
