"""Embedders by name."""

from collections.abc import Callable
from functools import cache

from django.conf import settings

from ingestion.embedding.base import Embedder


def _local(model: str, dimensions: int) -> Embedder:
    from ingestion.embedding.local import LocalEmbedder

    if (model, dimensions) != (LocalEmbedder.model, LocalEmbedder.dimensions):
        raise LookupError(
            f"The local model is {LocalEmbedder.model} with {LocalEmbedder.dimensions} dimensions."
        )
    return LocalEmbedder(settings.LOCAL_EMBEDDER_THREADS)


def _voyage(model: str, dimensions: int) -> Embedder:
    from ingestion.embedding.voyage import VoyageEmbedder  # a slow import that few installations need

    return VoyageEmbedder(
        api_key=settings.VOYAGE_API_KEY, model=model, dimensions=dimensions, base_url=settings.VOYAGE_BASE_URL
    )


def _null(_: str, dimensions: int) -> Embedder:
    from ingestion.embedding.null import NullEmbedder

    return NullEmbedder(dimensions)


EMBEDDERS: dict[str, Callable[[str, int], Embedder]] = {"local": _local, "voyage": _voyage, "null": _null}


@cache
def get_embedder(name: str, model: str, dimensions: int) -> Embedder:
    """Return this process's embedder of that name, model and size; raise `LookupError` when there is none."""
    if name not in EMBEDDERS:
        raise LookupError(f"There is no embedder {name!r}; there are {', '.join(EMBEDDERS)}.")
    return EMBEDDERS[name](model, dimensions)
