"""The local model, and the embedders by name."""

import os

import numpy as np
import pytest

from ingestion.embedding import get_embedder
from ingestion.embedding.base import NotConfigured
from ingestion.embedding.local import BATCH_TOKENS, MAX_TOKENS, LocalEmbedder, _batches


@pytest.fixture(scope="module")
def local() -> LocalEmbedder:
    return LocalEmbedder(threads=1)


def test_what_means_the_same_is_near(local: LocalEmbedder) -> None:
    query = local.embed_query("read a file from the disk")
    near, far, farther = local.embed_documents(
        [
            "def load(path):\n    with open(path) as file:\n        return file.read()",
            "Knead the dough and let it rest for an hour.",
            "class Invoice:\n    tax = 0.19",
        ]
    ).vectors
    assert query @ near > 2 * max(query @ far, query @ farther)


def test_vectors_have_length_1_and_the_order_of_their_texts(local: LocalEmbedder) -> None:
    texts = [f"number {number} " * (1 + number * 7 % 11) for number in range(30)]
    vectors = local.embed_documents(texts).vectors
    assert vectors.shape == (30, 384)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    alone = np.stack([local.embed_query(text) for text in texts])
    assert (np.sum(vectors * alone, axis=1) > 0.97).all()  # int8 rounds by what is in the batch


def test_what_does_not_fit_the_model_is_counted(local: LocalEmbedder) -> None:
    embedded = local.embed_documents(["short", "word " * 1_000])
    assert (embedded.truncated, embedded.tokens) == (1, MAX_TOKENS + 3)


def test_texts_without_words_have_vectors_too(local: LocalEmbedder) -> None:
    vectors = local.embed_documents(["", " \n", "\x00", "😀", "a" * 100_000]).vectors
    assert np.isfinite(vectors).all()
    assert local.embed_documents([]).vectors.shape == (0, 384)


def test_a_process_that_was_forked_makes_a_session_of_its_own(local: LocalEmbedder) -> None:
    local.embed_query("warm")
    session = local._session
    local._owner = os.getpid() + 1
    local.embed_query("again")
    assert local._session is not session


def test_a_batch_is_bounded_with_its_padding() -> None:
    lengths = np.sort(np.random.default_rng(1).integers(3, MAX_TOKENS, 500))
    batches = _batches(np.arange(500), lengths)
    assert [index for batch in batches for index in batch] == list(range(500))
    assert all(len(batch) * lengths[batch].max() <= BATCH_TOKENS for batch in batches)


def test_an_embedder_is_made_once_a_process() -> None:
    assert get_embedder("null", "null", 8) is get_embedder("null", "null", 8)


def test_an_unknown_embedder_or_model_is_named_with_what_there_is() -> None:
    with pytest.raises(NotConfigured, match="local, voyage, null"):
        get_embedder("nobody", "x", 8)
    with pytest.raises(NotConfigured, match="all-MiniLM-L6-v2 with 384"):
        get_embedder("local", "all-MiniLM-L6-v2", 100)
