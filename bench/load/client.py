"""A client that asks as fast as it is told to, for little of the processor's time.

It sends prepared bytes over kept connections and reads no more of an answer than its status and its length: a client
that parses would take from the two processors what the server is to be measured with.
"""

import asyncio
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

LENGTH = re.compile(rb"content-length:\s*(\d+)", re.IGNORECASE)
PATIENCE = 60  # seconds for one answer

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True, slots=True)
class Answer:
    """The status of an answer, 0 where none came, and the seconds it took from when it was due."""

    status: int
    seconds: float


def prepared(method: str, address: str, *, headers: dict[str, str] | None = None, body: bytes = b"") -> bytes:
    """Return a request as it goes over the wire."""
    place = urlsplit(address)
    target = place.path + (f"?{place.query}" if place.query else "")
    lines = [f"{method} {target} HTTP/1.1", f"Host: {place.netloc}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


class Client:
    """Asks one server over connections that are kept."""

    def __init__(self, address: str) -> None:
        place = urlsplit(address)
        assert place.hostname is not None
        self._host, self._port = place.hostname, place.port
        self._idle: list[Streams] = []

    async def ask(self, request: bytes, due: float) -> Answer:
        """Send a request and wait for the answer; a kept connection that the server has closed is replaced once."""
        kept = bool(self._idle)
        try:
            status = await asyncio.wait_for(self._exchange(request), PATIENCE)
        except (OSError, EOFError, TimeoutError):
            if not kept:
                return Answer(0, time.perf_counter() - due)
            self._idle.clear()
            return await self.ask(request, due)
        return Answer(status, time.perf_counter() - due)

    async def _exchange(self, request: bytes) -> int:
        reader, writer = self._idle.pop() if self._idle else await self._connect()
        try:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            if length := LENGTH.search(head):
                await reader.readexactly(int(length[1]))
            else:  # in chunks, of which the last is empty
                await reader.readuntil(b"0\r\n\r\n")
            self._idle.append((reader, writer))
        except BaseException:
            writer.close()
            raise
        return int(head[9:12])

    async def _connect(self) -> Streams:
        return await asyncio.open_connection(self._host, self._port)

    def close(self) -> None:
        """Close what is kept."""
        for _, writer in self._idle:
            writer.close()


async def burst(address: str, requests: Sequence[bytes], rate: float) -> list[Answer]:
    """Send requests at so many a second, whether earlier ones have been answered or not.

    The time of each counts from when it was due, not from when the client came to send it.
    """
    client = Client(address)
    start = time.perf_counter() + 0.1
    tasks = []
    for number, request in enumerate(requests):
        due = start + number / rate
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        tasks.append(asyncio.create_task(client.ask(request, due)))
    answers = await asyncio.gather(*tasks)
    client.close()
    return answers


async def visitors(
    address: str, number: int, seconds: float, next_request: Callable[[int, int], bytes]
) -> list[list[Answer]]:
    """Have so many clients ask one request after another; return the answers of each.

    `next_request` makes the request of a client's number and of how many it has made before.
    """
    end = time.perf_counter() + seconds

    async def visit(visitor: int) -> list[Answer]:
        client, answers = Client(address), list[Answer]()
        while (now := time.perf_counter()) < end:
            answers.append(await client.ask(next_request(visitor, len(answers)), now))
        client.close()
        return answers

    return list(await asyncio.gather(*(visit(visitor) for visitor in range(number))))
