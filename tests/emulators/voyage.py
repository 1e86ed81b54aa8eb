"""Voyage's embedding and reranking service on loopback, with its limits, its errors and faults to order.

https://docs.voyageai.com/reference/embeddings-api, https://docs.voyageai.com/reference/reranker-api,
https://docs.voyageai.com/docs/error-codes
"""

import base64
import json
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
from numpy.typing import NDArray

KEY = "pa-emulated-key-that-nobody-may-read"
MAX_INPUTS = 1_000


def vector_of(text: str, dimensions: int) -> NDArray[np.float32]:
    """Return the vector the service gives to a text: of length 1, and told by the text alone."""
    vector = np.random.default_rng(zlib.crc32(text.encode())).normal(size=dimensions)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


@dataclass(frozen=True)
class Fault:
    """An answer in place of the next one: `status` and `body`, or a change of what a good one says."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    seconds: float = 0.0  # before it answers
    change: Callable[[dict[str, Any]], None] | None = None


class VoyageEmulator(ThreadingHTTPServer):
    """Serves `/v1/embeddings` and `/v1/rerank`; `requests` has every body sent, `faults` are used up one a request."""

    daemon_threads = True

    def __init__(
        self, *, batch_tokens: int = 120_000, text_tokens: int = 32_000, bytes_per_token: float = 4
    ) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.batch_tokens, self.text_tokens, self.bytes_per_token = batch_tokens, text_tokens, bytes_per_token
        self.requests: list[dict[str, Any]] = []
        self.faults: list[Fault] = []
        self.key = KEY
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        """The `base_url` of a client."""
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def tokens(self, text: str) -> int:
        """Return the tokens of a text as this service counts them."""
        return max(1, round(len(text.encode()) / self.bytes_per_token))

    def refusal(self, request: dict[str, Any]) -> str | None:
        """Return why a request is invalid, in the service's words."""
        texts = request["input"]
        counts = [self.tokens(text) for text in texts]
        if len(texts) > MAX_INPUTS:
            return f"The batch size limit is {MAX_INPUTS}. Your batch size is {len(texts)}."
        if max(counts) > self.text_tokens and not request["truncation"]:
            return f"An input has {max(counts)} tokens, and the context length of the model is {self.text_tokens}."
        if sum(counts) > self.batch_tokens:
            return (
                f"Request to model '{request['model']}' failed. The max allowed tokens per submitted batch is "
                f"{self.batch_tokens}. Your batch has {sum(counts)} tokens."
            )
        return None

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return a good answer."""
        vectors = [vector_of(text, request["output_dimension"]) for text in request["input"]]
        data = [
            {"object": "embedding", "embedding": base64.b64encode(vector.tobytes()).decode(), "index": index}
            for index, vector in enumerate(vectors)
        ]
        usage = {"total_tokens": sum(self.tokens(text) for text in request["input"])}
        return {"object": "list", "data": data, "model": request["model"], "usage": usage}

    def rerank(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return a good answer: how many of the query's words a text has."""
        words = set(request["query"].lower().split())
        scores = [len(words & set(text.lower().split())) / len(words) for text in request["documents"]]
        order = sorted(range(len(scores)), key=lambda number: -scores[number])
        data = [{"relevance_score": scores[number], "index": number} for number in order]
        usage = {"total_tokens": sum(self.tokens(text) for text in request["documents"])}
        return {"object": "list", "data": data, "model": request["model"], "usage": usage}


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: VoyageEmulator
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answer as ordered, or as the service would."""
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append(request)
        fault = self.server.faults.pop(0) if self.server.faults else Fault()
        time.sleep(fault.seconds)
        if self.path not in ("/v1/embeddings", "/v1/rerank"):
            self._send(404, {"detail": "Not emulated."})
        elif fault.body is not None or fault.status != 200:
            self._send(fault.status, fault.body or {"detail": "Ordered by the test."}, fault.headers)
        elif self.headers["Authorization"] != f"Bearer {self.server.key}":
            self._send(401, {"detail": "Provided API key is invalid."})
        elif self.path == "/v1/rerank":
            self._answer(self.server.rerank(request), fault)
        elif request["encoding_format"] != "base64":
            self._send(404, {"detail": "Not emulated."})
        elif refusal := self.server.refusal(request):
            self._send(400, {"detail": refusal})
        else:
            self._answer(self.server.answer(request), fault)

    def _answer(self, answer: dict[str, Any], fault: Fault) -> None:
        if fault.change:
            fault.change(answer)
        self._send(200, answer)

    def _send(self, status: int, body: dict[str, Any] | bytes, headers: dict[str, str] | None = None) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        try:
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        except BrokenPipeError:
            self.close_connection = True  # the client has lost patience

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the base class names it)
        """Keep the tests' output clean."""
