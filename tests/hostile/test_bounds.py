"""However large what somebody made is, this machine's memory is not what it fills."""

import gzip
import io
import os
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from pytest_django.fixtures import Settings

from console.models import Workspace
from ingestion.models import Document, IntegrationState, Omission, Run, RunState
from ingestion.reasons import Reason
from ingestion.services import connect, sync_now
from ingestion.sources.github.blobs import Blobs
from ingestion.sources.github.settings import GitHubSettings
from tests.hostile.bounds import MEBIBYTE, measured
from tests.hostile.building import repository
from tests.hostile.corpus import Nasty
from tests.queue import Drain
from tests.sources.server import GitServer

FILES = 100_000 if os.environ.get("HOSTILE_FULL") else 2_000
LONG = 200 * MEBIBYTE  # of zeros, which a few hundred kilobytes stand for


class Zeros(io.RawIOBase):
    """A stream of gzip that a head and very many zeros are packed in."""

    def __init__(self, head: bytes, zeros: int) -> None:
        super().__init__()
        self._pieces = self._packed(head, zeros)
        self._rest = b""

    def _packed(self, head: bytes, zeros: int) -> Iterator[bytes]:
        packer = zlib.compressobj(9, wbits=31)
        yield packer.compress(head)
        for _ in range(zeros // MEBIBYTE):
            yield packer.compress(bytes(MEBIBYTE))
        yield packer.flush()

    def read(self, size: int = -1) -> bytes:
        """Read on."""
        while len(self._rest) < size and (piece := next(self._pieces, None)) is not None:
            self._rest += piece
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken


def header(kind: bytes, size: int, name: str = "a") -> bytes:
    """Return the header of a member of an archive."""
    member = tarfile.TarInfo(name)
    member.type, member.size = kind, size
    return member.tobuf(tarfile.GNU_FORMAT)


def unpack(folder: Path, stream: Any, **values: int) -> None:
    Blobs(cast(Any, None), "1", folder, GitHubSettings(**values), MEBIBYTE).unpack(stream)  # type: ignore[arg-type]


BOMBS = {
    "a file": lambda: Zeros(header(tarfile.REGTYPE, LONG), LONG),
    "a long name": lambda: Zeros(header(tarfile.GNUTYPE_LONGNAME, LONG), LONG),
    "a long link": lambda: Zeros(header(tarfile.GNUTYPE_LONGLINK, LONG), LONG),
    "an extended header": lambda: Zeros(header(tarfile.XHDTYPE, LONG), LONG),
    "a global header": lambda: Zeros(header(tarfile.XGLTYPE, LONG), LONG),
    "what follows the end": lambda: Zeros(bytes(1_024), LONG),
    "a sparse file": lambda: Zeros(header(tarfile.GNUTYPE_SPARSE, LONG), LONG),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_an_archive_that_unpacks_to_very_much_takes_little_memory(bomb: str, tmp_path: Path) -> None:
    with measured(tmp_path) as height:
        try:
            unpack(tmp_path / "cache", BOMBS[bomb]())
        except (tarfile.TarError, EOFError):
            pass  # the source says that the archive broke off, and reads each file by itself
    assert height.own < 60 * MEBIBYTE
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and path.stat().st_size > MEBIBYTE]


def test_an_archive_is_read_no_further_than_its_limit_once_unpacked(tmp_path: Path) -> None:
    stream = Zeros(header(tarfile.REGTYPE, LONG), LONG)
    unpack(tmp_path / "cache", stream, archive_bytes=8 * MEBIBYTE)
    assert stream.read(1), "all of it was read"


def test_an_archive_of_very_many_members_takes_little_memory(tmp_path: Path) -> None:
    stream = io.BytesIO(gzip.compress(header(tarfile.DIRTYPE, 0) * 100_000, 1))
    with measured(tmp_path) as height:
        unpack(tmp_path / "cache", stream)
    assert height.own < 20 * MEBIBYTE


def test_a_file_that_is_packed_small_takes_little_memory_of_git_and_of_us(
    workspace: Workspace, worker: Drain, settings: Settings, tmp_path: Path
) -> None:
    settings.ALLOW_PRIVATE_HOSTS = True
    (tmp_path / "served").mkdir()
    repository(
        tmp_path / "served" / "bomb", [Nasty(b"zeros.txt", bytes(LONG)), Nasty(b"README.md", b"# Small\n")]
    )
    server = GitServer(tmp_path / "served")
    try:
        with measured(tmp_path) as height:
            source = connect(workspace=workspace, kind="git", resource=server.url("bomb"))
            worker(110)
    finally:
        server.shutdown()
        server.server_close()
    assert Run.objects.get(integration=source).state == RunState.COMPLETED
    assert Omission.objects.get(integration=source).reason == Reason.TOO_LARGE
    assert height.own < 60 * MEBIBYTE
    assert height.git < 120 * MEBIBYTE


def test_very_many_files_are_indexed_and_take_little_memory(
    workspace: Workspace, worker: Drain, tmp_path: Path
) -> None:
    files = [Nasty(f"{n % 97}/{n % 11}/{n}.md".encode(), f"# Number {n}\n".encode()) for n in range(FILES)]
    made = repository(tmp_path / "many", files)
    with measured(tmp_path) as height:
        source = connect(workspace=workspace, kind="git", resource=str(made.path), allow_local=True)
        worker(7_200)
    assert Run.objects.get(integration=source).state == RunState.COMPLETED
    assert Document.objects.filter(integration=source).count() == FILES
    assert height.own < 120 * MEBIBYTE + FILES * 4_000
    assert height.git < 120 * MEBIBYTE


def test_a_repository_that_is_too_large_is_blocked_and_leaves_nothing_on_the_disk(
    workspace: Workspace, worker: Drain, settings: Settings, tmp_path: Path
) -> None:
    settings.ALLOW_PRIVATE_HOSTS = True
    settings.SOURCES = {**settings.SOURCES, "git": {"config": {"copy_bytes": MEBIBYTE}, "secrets": {}}}
    (tmp_path / "served").mkdir()
    made = repository(tmp_path / "served" / "noise", [Nasty(b"README.md", b"# Small\n")])
    server = GitServer(tmp_path / "served")
    try:
        source = connect(workspace=workspace, kind="git", resource=server.url("noise"))
        worker(110)
        assert Document.objects.filter(integration=source).count() == 1
        made.commit({"noise.bin": os.urandom(2 * MEBIBYTE)})
        run = sync_now(integration=source)
        worker(110)
    finally:
        server.shutdown()
        server.server_close()
    run.refresh_from_db()
    source.refresh_from_db()
    assert (run.state, source.state) == (RunState.FAILED, IntegrationState.BLOCKED)
    assert "more than the 1.0\xa0MB that may be copied" in source.state_reason
    assert "GIT_COPY_BYTES" in source.state_reason
    assert Document.objects.filter(integration=source).count() == 1, "what was there stays"
    cache = settings.STATE_DIR / "cache" / "git"
    assert not [path for path in cache.rglob("*") if path.is_file() and path.stat().st_size > MEBIBYTE]
    assert not list(cache.rglob("tmp_pack*"))
