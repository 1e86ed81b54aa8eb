"""Contents of files: from one archive where many are wanted, else blob by blob. What a blob's SHA says is checked."""

import base64
import os
import shutil
import tarfile
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from hashlib import sha1
from pathlib import Path
from typing import BinaryIO, Self, cast

import requests

from ingestion.reasons import Reason
from ingestion.sources.base import Entry
from ingestion.sources.errors import NotFound, Unavailable
from ingestion.sources.github.client import Client, Forbidden, translated
from ingestion.sources.github.settings import GitHubSettings
from lightfast.lib.locks import Busy, exclusively

ARCHIVE_TIMEOUT = (10, 60)  # seconds to connect, and between two pieces
LOCK_SECONDS = 1_800.0
KEPT_SECONDS = 86_400.0  # an archive's contents stay on this machine for a day

LONGEST_HEADER = 65_536  # bytes, of what an archive says beside the files: paths, mostly
HEADERS = (
    tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE,
)  # fmt: skip

Content = bytes | Reason


class Blobs:
    """The contents of one repository, kept on this machine by their SHA."""

    def __init__(
        self, client: Client, repository: str, folder: Path, settings: GitHubSettings, max_bytes: int
    ) -> None:
        self._client, self._repository, self._folder = client, repository, folder
        self._settings, self._max_bytes = settings, max_bytes

    def read(self, entries: Sequence[Entry], commit: str, *, whole: bool) -> Iterator[tuple[Entry, Content]]:
        """Yield the content of each entry; `whole` takes them from an archive, which may leave some out."""
        missing = any(not self._path(entry.revision).exists() for entry in entries)
        if missing and whole:
            self._take_archive(commit)
        for entry in entries:
            yield entry, self._blob(entry.revision)

    def _path(self, sha: str) -> Path:
        return self._folder / "blobs" / sha[:2] / sha

    def _write(self, sha: str, content: bytes) -> None:
        path = self._path(sha)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{sha}.{os.getpid()}.{time.monotonic_ns()}")
        partial.write_bytes(content)
        partial.replace(path)

    def _blob(self, sha: str) -> Content:
        """Read one blob.

        See https://docs.github.com/en/rest/git/blobs#get-a-blob
        """
        try:
            content = self._path(sha).read_bytes()
            if blob_sha(content) == sha:
                return content if len(content) <= self._max_bytes else Reason.TOO_LARGE
        except OSError:
            pass
        if not sha.isalnum():
            return Reason.MISSING
        try:
            answer = self._client.get(f"/repositories/{self._repository}/git/blobs/{sha}")
        except NotFound:
            return Reason.MISSING
        except Forbidden as error:
            if "too large" in str(error).lower():
                return Reason.TOO_LARGE
            raise
        if answer["size"] > self._max_bytes:
            return Reason.TOO_LARGE
        content = base64.b64decode(answer["content"])
        return content if blob_sha(content) == sha else Reason.UNREADABLE

    def _take_archive(self, commit: str) -> None:
        """Unpack a commit's archive once on this machine, however many processes want it."""
        self._folder.mkdir(parents=True, exist_ok=True)
        done = self._folder / "archives" / commit
        try:
            with exclusively(self._folder / "lock", LOCK_SECONDS):
                if done.exists():
                    return
                self._download(commit)
                done.parent.mkdir(parents=True, exist_ok=True)
                done.touch()
        except Busy:
            raise Unavailable("Another worker is still reading the archive.", retry_after=30) from None

    def _download(self, commit: str) -> None:
        """Stream the archive.

        See https://docs.github.com/en/rest/repos/contents#download-a-repository-archive-tar
        The link is to another host, which must not see our token, and it works for minutes only.
        """
        url = self._client.location(f"/repositories/{self._repository}/tarball/{commit}")
        try:
            with translated(), requests.get(url, stream=True, timeout=ARCHIVE_TIMEOUT) as answer:
                if answer.status_code == 429 or answer.status_code >= 500:
                    raise Unavailable(f"GitHub's archive answered {answer.status_code}.")
                if answer.status_code != 200:
                    return  # there is none to be had: each file is read by itself
                self.unpack(cast(BinaryIO, answer.raw))
        except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
            raise Unavailable(
                f"GitHub's archive broke off: {type(error).__name__}.", retry_after=5
            ) from error

    def unpack(self, stream: BinaryIO) -> None:
        """Write the files of an archive under their SHA; what is too large, no file, or beyond the limit stays out.

        Names in the archive decide on nothing, so none of them can lead out of the folder.
        """
        limit = self._settings.archive_bytes
        bounded = _Bounded(stream, limit)
        with suppress(_Full), tarfile.open(fileobj=bounded, mode="r|gz", tarinfo=_Member) as archive:  # type: ignore[call-overload]
            while (member := archive.next()) is not None:
                archive.members.clear()  # it remembers each
                if member.offset_data + member.size > limit:
                    return
                if not member.isreg() or member.size > self._max_bytes:
                    continue
                source = archive.extractfile(member)
                assert source is not None
                content = source.read()
                if len(content) != member.size:
                    raise EOFError
                self._write(blob_sha(content), content)


class _Full(Exception):
    """As many bytes were read as may be."""


class _Member(tarfile.TarInfo):
    """A member of an archive, whose name and other headers are read into memory."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """Read a header; raise `_Full` for one that announces others of an unlikely size."""
        member = super().frombuf(buf, encoding, errors)
        if member.size > LONGEST_HEADER and member.type in HEADERS:
            raise _Full
        return member


class _Bounded:
    """A stream that is full after so many bytes."""

    def __init__(self, stream: BinaryIO, limit: int) -> None:
        self._stream, self._left = stream, limit

    def read(self, size: int = -1) -> bytes:
        """Read on."""
        piece = self._stream.read(size)
        self._left -= len(piece)
        if self._left < 0:
            raise _Full
        return piece


def blob_sha(content: bytes) -> str:
    """Return the name that git gives a content."""
    return sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def forget_old(folder: Path) -> None:
    """Delete the contents of archives that nobody has needed for a day; whoever still does asks GitHub."""
    marks = folder / "archives"
    try:
        newest = max((mark.stat().st_mtime for mark in marks.iterdir()), default=0.0)
    except OSError:
        return  # there is none, or another process is deleting it
    if newest < time.time() - KEPT_SECONDS:
        shutil.rmtree(marks, ignore_errors=True)
        shutil.rmtree(folder / "blobs", ignore_errors=True)
