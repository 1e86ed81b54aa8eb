"""Embedders by name."""

from collections.abc import Callable
from functools import cache
from typing import Protocol

from django.conf import settings

from ingestion.embedding.base import Embedder, NotConfigured


def _local(model: str, dimensions: int) -> Embedder:
    from ingestion.embedding.local import LocalEmbedder

    if (model, dimensions) != (LocalEmbedder.model, LocalEmbedder.dimensions):
        raise NotConfigured(
            f"The local model is {LocalEmbedder.model} with {LocalEmbedder.dimensions} dimensions."
        )
    return LocalEmbedder(settings.LOCAL_EMBEDDER_THREADS)


def _voyage(model: str, dimensions: int) -> Embedder:
    if not settings.VOYAGE_API_KEY:
        raise NotConfigured(
            "The index was made with Voyage: set VOYAGE_API_KEY, or choose another configuration."
        )
    from ingestion.embedding.voyage import VoyageEmbedder  # a slow import that few installations need

    return VoyageEmbedder(
        api_key=settings.VOYAGE_API_KEY, model=model, dimensions=dimensions, base_url=settings.VOYAGE_BASE_URL
    )


def _null(_: str, dimensions: int) -> Embedder:
    from ingestion.embedding.null import NullEmbedder

    return NullEmbedder(dimensions)


class EmbeddingConfig(Protocol):
    """What decides about vectors, as index versions have it."""

    @property
    def embedder(self) -> str: ...
    @property
    def model(self) -> str: ...
    @property
    def dimensions(self) -> int: ...


EMBEDDERS: dict[str, Callable[[str, int], Embedder]] = {"local": _local, "voyage": _voyage, "null": _null}


@cache
def get_embedder(name: str, model: str, dimensions: int) -> Embedder:
    """Return this process's embedder of that name, model and size; raise `NotConfigured` when there is none."""
    if name not in EMBEDDERS:
        raise NotConfigured(f"There is no embedder {name!r}; there are {', '.join(EMBEDDERS)}.")
    return EMBEDDERS[name](model, dimensions)


def embedder_of(config: EmbeddingConfig) -> Embedder:
    """Return this process's embedder of a configuration; raise `NotConfigured` when there is none."""
    return get_embedder(config.embedder, config.model, config.dimensions)
