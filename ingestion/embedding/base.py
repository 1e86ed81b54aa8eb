"""The contract of an embedder, and how it fails."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Embedded:
    """Unit vectors of shape (inputs, dimensions), and the tokens that were used."""

    vectors: Vectors
    tokens: int
    truncated: int = 0


class Embedder(Protocol):
    """A model that turns texts into unit vectors.

    `batch_tokens` is what it embeds in seconds: a batch of documents is not larger, so that little is lost with a
    worker, and no worker waits long for another's last batch.
    """

    batch_tokens: int
    name: str
    model: str
    dimensions: int

    def prepare(self) -> None:
        """Load what the first call in this process would wait for."""
        ...

    def embed_documents(self, texts: Sequence[str]) -> Embedded:
        """Embed texts to be found; raises the errors below."""
        ...

    def embed_query(self, text: str) -> Vectors:
        """Embed a question; the result has shape (dimensions,)."""
        ...


class EmbedderError(Exception):
    """An embedder failed; the message says what to do. `tokens` were used all the same, by the part that worked."""

    tokens: int = 0


class TransientError(EmbedderError):
    """Waiting can help. `retry_after` is in seconds, where the service named it."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class BadResponse(TransientError):
    """The service answered with something that cannot be a set of our vectors."""


class NotConfigured(EmbedderError):
    """This installation cannot run the embedder that an index was made with; somebody has to see to the settings."""


class AuthError(EmbedderError):
    """The service refuses us; somebody has to see to the key."""


class InputError(EmbedderError):
    """One input can never be embedded; `index` is its place among the texts."""

    def __init__(self, index: int, message: str) -> None:
        super().__init__(message)
        self.index = index


def unit(vectors: Vectors) -> Vectors:
    """Scale rows to length 1; a row of zeros stays."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return (vectors / np.where(lengths == 0, 1, lengths)).astype(np.float32)
