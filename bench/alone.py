"""The local embedder without the pipeline; a module of its own, for processes that know nothing of Django."""

from ingestion.embedding.local import LocalEmbedder

BATCH = 100  # texts


def embed_alone(texts: list[str]) -> None:
    """Embed texts as the pipeline's workers do."""
    embedder = LocalEmbedder(threads=1)
    for start in range(0, len(texts), BATCH):
        embedder.embed_documents(texts[start : start + BATCH])
