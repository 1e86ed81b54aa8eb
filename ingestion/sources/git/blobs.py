"""Contents of files."""

from collections.abc import Iterator, Sequence
from typing import IO

from ingestion.reasons import Reason
from ingestion.sources.base import Entry
from ingestion.sources.git.process import Git, GitFailed
from ingestion.sources.git.tree import OBJECT_ID

ASKED_AHEAD = 200  # object ids: less than any pipe holds, so that neither side waits for the other
PIECE = 1 << 16

Content = bytes | Reason


def read(git: Git, entries: Sequence[Entry], max_bytes: int) -> Iterator[tuple[Entry, Content]]:
    """Yield the contents of the entries, or why there are none, in order and from one process."""
    with git.stream("cat-file", "--batch", talk=True) as pipes:
        for start in range(0, len(entries), ASKED_AHEAD):
            portion = entries[start : start + ASKED_AHEAD]
            asked = [entry for entry in portion if OBJECT_ID.fullmatch(entry.revision)]
            pipes.write.write("".join(f"{entry.revision}\n" for entry in asked).encode())
            pipes.write.flush()
            for entry in portion:
                known = OBJECT_ID.fullmatch(entry.revision)
                yield entry, _answer(pipes.read, max_bytes) if known else Reason.MISSING


def read_around_damage(git: Git, entries: Sequence[Entry], max_bytes: int) -> Iterator[tuple[Entry, Content]]:
    """Read as `read` does, but let an object that git chokes on fail alone, as long as the repository is there."""
    rest = list(entries)
    while rest:
        try:
            for entry, content in read(git, rest, max_bytes):
                rest = rest[1:]
                yield entry, content
        except GitFailed:
            git.run("rev-parse", "--git-dir")
            if not rest:
                raise
            yield rest.pop(0), Reason.UNREADABLE


def _answer(output: IO[bytes], max_bytes: int) -> Content:
    header = output.readline().split()
    if not header:
        raise EOFError
    if len(header) != 3:
        return Reason.MISSING
    kind, length = header[1], int(header[2])
    if kind == b"blob" and length <= max_bytes:
        content = output.read(length)
        _discard(output, 1)  # fails where the content was cut short
        return content
    _discard(output, length + 1)
    return Reason.TOO_LARGE if kind == b"blob" else Reason.UNREADABLE


def _discard(output: IO[bytes], length: int) -> None:
    while length:
        piece = output.read(min(length, PIECE))
        if not piece:
            raise EOFError
        length -= len(piece)
