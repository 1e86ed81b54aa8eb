"""Repositories, servers and contexts for the tests of sources."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingestion.sources import get_source
from ingestion.sources.base import Entry, Fetched, Source, SourceContext
from tests.repositories import Repository
from tests.sources.server import GitServer


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def git() -> Source:
    return get_source("git")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """An empty repository on this machine."""
    return Repository(tmp_path / "repository")


@pytest.fixture
def local(repository: Repository, tmp_path: Path) -> SourceContext:
    """The context that reads `repository` where it is."""
    return SourceContext(str(repository.path), cache_dir=tmp_path / "cache", allow_local=True)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    (tmp_path / "served").mkdir()
    server = GitServer(tmp_path / "served")
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def served(server: GitServer) -> Repository:
    """An empty repository behind `server`."""
    return Repository(server.root / "served.git")


@pytest.fixture
def remote(served: Repository, server: GitServer, tmp_path: Path) -> SourceContext:
    """The context that reads `served` through the server."""
    return SourceContext(server.url("served.git"), cache_dir=tmp_path / "cache", allow_private_hosts=True)


def listing(source: Source, context: SourceContext) -> dict[str, Entry]:
    """Return everything at the head, by key."""
    return {entry.key: entry for entry in source.entries(context, source.head(context))}


def contents(source: Source, context: SourceContext) -> dict[str, Fetched]:
    """Return the contents of everything at the head, by key."""
    head = source.head(context)
    return {
        fetched.key: fetched for fetched in source.fetch(context, head, list(source.entries(context, head)))
    }
