"""Voyage AI's embeddings, in batches of our own making.

https://docs.voyageai.com/reference/embeddings-api
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt
from voyageai import error as voyage_error
from voyageai.client import Client

from ingestion.embedding.base import (
    AuthError,
    BadResponse,
    Embedded,
    EmbedderError,
    InputError,
    TransientError,
    Vectors,
    unit,
)

MAX_INPUTS = 1_000
REQUEST_TOKENS = {
    "voyage-4-lite": 1_000_000,
    "voyage-3.5-lite": 1_000_000,
    "voyage-4": 320_000,
    "voyage-3.5": 320_000,
    "voyage-2": 320_000,
}
OTHER_REQUEST_TOKENS = 120_000  # of every model that is not listed
SAFETY = 0.9  # our count is an estimate: the service's own tokenizer has to be downloaded
TIMEOUT = 60.0  # seconds
ATTEMPTS = 3
LONGEST_WAIT = 10.0  # seconds; longer ones are the caller's to schedule
TOO_LARGE = ("token", "too large", "too long", "batch size", "maximum")


class VoyageEmbedder:
    """A Voyage model with the dimensions asked for."""

    batch_tokens = 100_000
    name = "voyage"

    def __init__(self, *, api_key: str, model: str, dimensions: int, base_url: str = "") -> None:
        self.model, self.dimensions = model, dimensions
        self._client = Client(api_key, max_retries=0, timeout=TIMEOUT, base_url=base_url or None)

    def prepare(self) -> None:
        """Do nothing: there is no model here."""

    def embed_documents(self, texts: Sequence[str]) -> Embedded:
        """Embed texts; a batch the service finds too large is halved, a single text too large is an `InputError`."""
        parts: list[Vectors] = [np.zeros((0, self.dimensions), dtype=np.float32)]
        tokens = 0
        for start, end in self._batches(texts):
            try:
                vectors, used = self._embed_range(texts, start, end)
            except EmbedderError as error:
                error.tokens += tokens
                raise
            parts += vectors
            tokens += used
        return Embedded(unit(np.concatenate(parts)), tokens)

    def embed_query(self, text: str) -> Vectors:
        """Embed a question."""
        vectors, _ = self._request([text], "query")
        row: Vectors = unit(vectors)[0]
        return row

    def _batches(self, texts: Sequence[str]) -> Iterator[tuple[int, int]]:
        limit = REQUEST_TOKENS.get(self.model, OTHER_REQUEST_TOKENS) * SAFETY
        start, tokens = 0, 0.0
        for index, text in enumerate(texts):
            cost = estimate_tokens(text)
            if index > start and (tokens + cost > limit or index - start == MAX_INPUTS):
                yield start, index
                start, tokens = index, 0.0
            tokens += cost
        if start < len(texts):
            yield start, len(texts)

    def _embed_range(self, texts: Sequence[str], start: int, end: int) -> tuple[list[Vectors], int]:
        try:
            vectors, tokens = self._request(list(texts[start:end]), "document")
        except voyage_error.InvalidRequestError as error:
            said = str(error).lower()
            if not any(sign in said for sign in TOO_LARGE):
                raise TransientError(f"Voyage refused the request: {error}") from error
            if end - start == 1:
                raise InputError(start, f"Voyage takes no text of this length: {error}") from error
            middle = (start + end) // 2
            first, first_tokens = self._embed_range(texts, start, middle)
            try:
                second, second_tokens = self._embed_range(texts, middle, end)
            except EmbedderError as later:
                later.tokens += first_tokens
                raise
            return first + second, first_tokens + second_tokens
        return [vectors], tokens

    def _request(self, texts: list[str], input_type: str) -> tuple[Vectors, int]:
        retrying = Retrying(
            reraise=True, stop=stop_after_attempt(ATTEMPTS), wait=_wait, retry=retry_if_exception(_is_brief)
        )
        try:
            answer = retrying(
                self._client.embed,
                texts,
                model=self.model,
                input_type=input_type,
                truncation=False,
                output_dimension=self.dimensions,
            )
        except voyage_error.AuthenticationError as error:
            raise AuthError(
                "Voyage refuses the key. Put a valid one into VOYAGE_API_KEY and resume the source."
            ) from error
        except voyage_error.InvalidRequestError:
            raise
        except voyage_error.VoyageError as error:
            if error.http_status in (401, 403):
                raise AuthError(
                    "Voyage refuses the key. Check VOYAGE_API_KEY, then resume the source."
                ) from error
            raise TransientError(f"Voyage: {error}", _retry_after(error)) from error
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise BadResponse(
                f"Voyage answered with something unreadable ({type(error).__name__})."
            ) from error
        return self._checked(answer, len(texts)), int(answer.total_tokens or 0)

    def _checked(self, answer: Any, count: int) -> Vectors:
        try:
            vectors: Vectors = np.asarray(answer.embeddings, dtype=np.float32)
        except (ValueError, TypeError) as error:
            raise BadResponse("Voyage answered with vectors of different lengths.") from error
        if vectors.shape != (count, self.dimensions):
            raise BadResponse(
                f"Voyage answered with vectors of shape {vectors.shape} instead of {(count, self.dimensions)}. "
                f"Check that {self.model} has {self.dimensions} dimensions."
            )
        if not np.isfinite(vectors).all():
            raise BadResponse("Voyage answered with vectors that are not numbers.")
        return vectors


def estimate_tokens(text: str) -> float:
    """Return about how many tokens a text has: a third of its characters, or of its bytes where those are more."""
    return max(1.0, len(text.encode()) / 3)


def _retry_after(error: BaseException | None) -> float | None:
    headers = getattr(error, "headers", None) or {}
    value = next((value for name, value in headers.items() if name.lower() == "retry-after"), None)
    try:
        return float(value) if value is not None else None
    except ValueError:
        return None


def _is_brief(error: BaseException) -> bool:
    """Tell whether to try again at once: the fault may pass, and no long wait was asked for."""
    passing = (
        voyage_error.RateLimitError,
        voyage_error.ServiceUnavailableError,
        voyage_error.ServerError,
        voyage_error.Timeout,
        voyage_error.APIConnectionError,
        voyage_error.TryAgain,
    )
    return isinstance(error, passing) and (_retry_after(error) or 0) <= LONGEST_WAIT


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    return _retry_after(error) or 0.25 * 2.0**state.attempt_number
