"""Voyage: what it is asked, how much at once, and what becomes of each of its faults."""

import logging
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from ingestion.embedding.base import AuthError, BadResponse, InputError, TransientError
from ingestion.embedding.voyage import VoyageEmbedder
from tests.embedding.conftest import DIMENSIONS
from tests.emulators.voyage import KEY, Fault, VoyageEmulator, vector_of


def test_every_text_gets_its_own_unit_vector(voyage: VoyageEmbedder) -> None:
    texts = [f"text {number}" for number in range(20)]
    embedded = voyage.embed_documents(texts)
    np.testing.assert_allclose(embedded.vectors, [vector_of(text, DIMENSIONS) for text in texts], atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(embedded.vectors, axis=1), 1, atol=1e-6)
    assert (embedded.tokens, embedded.truncated) == (sum(max(1, round(len(t) / 4)) for t in texts), 0)


def test_no_texts_ask_for_nothing(voyage: VoyageEmbedder, service: VoyageEmulator) -> None:
    assert voyage.embed_documents([]).vectors.shape == (0, DIMENSIONS)
    assert service.requests == []


def test_documents_and_questions_are_told_apart_and_nothing_is_cut_off(
    voyage: VoyageEmbedder, service: VoyageEmulator
) -> None:
    voyage.embed_documents(["a text"])
    assert voyage.embed_query("a question").shape == (DIMENSIONS,)
    asked = [(request["input_type"], request["truncation"]) for request in service.requests]
    assert asked == [("document", False), ("query", False)]
    assert {(r["model"], r["output_dimension"]) for r in service.requests} == {("voyage-code-3", DIMENSIONS)}


def test_a_request_has_no_more_inputs_than_allowed(voyage: VoyageEmbedder, service: VoyageEmulator) -> None:
    assert len(voyage.embed_documents(["x"] * 2_001).vectors) == 2_001
    assert [len(request["input"]) for request in service.requests] == [1_000, 1_000, 1]


def test_a_request_has_no_more_tokens_than_allowed(voyage: VoyageEmbedder, service: VoyageEmulator) -> None:
    texts = [f"{number:04}" * 750 for number in range(300)]
    assert len(voyage.embed_documents(texts).vectors) == 300
    assert len(service.requests) > 1
    assert all(sum(map(service.tokens, request["input"])) <= 120_000 for request in service.requests)


def test_a_batch_that_is_too_large_after_all_is_halved(
    voyage: VoyageEmbedder, service: VoyageEmulator
) -> None:
    service.bytes_per_token = 0.5  # far more than we reckon with
    texts = [f"{number:04}" * 500 for number in range(100)]
    embedded = voyage.embed_documents(texts)
    np.testing.assert_allclose(embedded.vectors, [vector_of(text, DIMENSIONS) for text in texts], atol=1e-6)
    assert len(service.requests) > 2
    assert embedded.tokens == sum(map(service.tokens, texts))


def test_the_one_text_that_is_too_long_is_named(voyage: VoyageEmbedder) -> None:
    with pytest.raises(InputError, match="32000") as caught:
        voyage.embed_documents(["a", "b", "c" * 200_000, "d", "e"])
    assert caught.value.index == 2


def test_a_short_wait_that_is_asked_for_is_waited(
    voyage: VoyageEmbedder, service: VoyageEmulator, waits: list[float]
) -> None:
    service.faults = [Fault(429, {"Retry-After": "3"})]
    assert len(voyage.embed_documents(["a"]).vectors) == 1
    assert waits == [3.0]


def test_a_long_wait_is_left_to_the_caller(
    voyage: VoyageEmbedder, service: VoyageEmulator, waits: list[float]
) -> None:
    service.faults = [Fault(429, {"Retry-After": "60"})]
    with pytest.raises(TransientError) as caught:
        voyage.embed_documents(["a"])
    assert (caught.value.retry_after, waits, len(service.requests)) == (60.0, [], 1)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_fault_that_passes_is_not_noticed(
    status: int, voyage: VoyageEmbedder, service: VoyageEmulator, waits: list[float]
) -> None:
    service.faults = [Fault(status), Fault(status)]
    np.testing.assert_allclose(
        voyage.embed_documents(["a"]).vectors[0], vector_of("a", DIMENSIONS), atol=1e-6
    )
    assert waits == sorted(waits)
    assert len(waits) == 2


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_fault_that_stays_is_transient(
    status: int, voyage: VoyageEmbedder, service: VoyageEmulator, waits: list[float]
) -> None:
    service.faults = [Fault(status)] * 3
    with pytest.raises(TransientError):
        voyage.embed_documents(["a"])
    assert (len(service.requests), len(waits)) == (3, 2)


def test_a_service_that_does_not_answer_in_time_is_transient(
    service: VoyageEmulator, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingestion.embedding.voyage.TIMEOUT", 0.2)
    embedder = VoyageEmbedder(api_key=KEY, model="m", dimensions=DIMENSIONS, base_url=service.url)
    service.faults = [Fault(seconds=1)] * 3
    with pytest.raises(TransientError):
        embedder.embed_documents(["a"])
    assert len(service.requests) == 3


def test_a_service_that_is_down_is_transient(
    voyage: VoyageEmbedder, service: VoyageEmulator, waits: list[float]
) -> None:
    service.shutdown()
    service.server_close()
    with pytest.raises(TransientError):
        voyage.embed_documents(["a"])
    assert len(waits) == 2


def _one_less(answer: dict[str, Any]) -> None:
    answer["data"].pop()


def _shorter(answer: dict[str, Any]) -> None:
    answer["data"][0]["embedding"] = [1.0] * (DIMENSIONS - 1)


def _not_numbers(answer: dict[str, Any]) -> None:
    answer["data"][0]["embedding"] = [float("nan")] * DIMENSIONS


def _words(answer: dict[str, Any]) -> None:
    answer["data"][0]["embedding"] = ["one"] * DIMENSIONS


def _nothing(answer: dict[str, Any]) -> None:
    del answer["data"]


@pytest.mark.parametrize("change", [_one_less, _shorter, _not_numbers, _words, _nothing])
def test_an_answer_that_cannot_be_our_vectors_is_refused(
    change: Callable[[dict[str, Any]], None], voyage: VoyageEmbedder, service: VoyageEmulator
) -> None:
    service.faults = [Fault(change=change)]
    with pytest.raises(BadResponse, match="Voyage"):
        voyage.embed_documents(["a", "b"])


@pytest.mark.parametrize("body", [b"<html>Bad gateway</html>", b"", b"[]", b"null", b'{"data": {}}'])
def test_garbage_is_transient(
    body: bytes, voyage: VoyageEmbedder, service: VoyageEmulator, waits: list[float]
) -> None:
    service.faults = [Fault(body=body)] * 3
    with pytest.raises(TransientError):
        voyage.embed_documents(["a"])


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_says_what_to_do(status: int, voyage: VoyageEmbedder, service: VoyageEmulator) -> None:
    service.faults = [Fault(status)]
    with pytest.raises(AuthError, match="VOYAGE_API_KEY"):
        voyage.embed_documents(["a"])
    assert len(service.requests) == 1


@pytest.mark.parametrize("fault", [Fault(401), Fault(500), Fault(429), Fault(400), Fault(body=b"x")])
def test_the_key_is_in_no_message_and_no_log(
    fault: Fault,
    voyage: VoyageEmbedder,
    service: VoyageEmulator,
    waits: list[float],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    service.faults = [fault] * 3
    with pytest.raises((TransientError, AuthError)) as caught:
        voyage.embed_documents(["a"])
    assert KEY not in str(caught.value) + repr(caught.value) + repr(voyage) + caplog.text
