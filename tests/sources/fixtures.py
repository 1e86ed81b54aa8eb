"""For every source, places that it can read and a test can change."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ingestion.sources.base import SourceContext
from tests.emulators.github import GitHub, install, register
from tests.repositories import Repository
from tests.sources.server import GitServer


@dataclass(frozen=True)
class Place:
    """A resource with at least four documents, and what can happen to it."""

    context: SourceContext
    spellings: tuple[str, ...]  # that all name the resource
    refused: tuple[str, ...]  # that name none
    change: Callable[[], object]  # adds, changes and removes documents
    remove: Callable[[], object]  # takes the resource away


FILES: dict[str, str | bytes | None] = {
    "README.md": "# Acme\n\nRead me.\n",
    "src/app.py": "def app() -> None: ...\n",
    "src/umlaut ä.py": "x = 1\n",
    "empty.txt": "",
    "logo.bin": b"\x00\x01\x02",
}
CHANGES: dict[str, str | bytes | None] = {
    "README.md": "# Acme\n\nNew.\n",
    "src/app.py": None,
    "docs/new.md": "# New\n",
}
REFUSED = ("", " ", "owner/repo", "ssh://git@github.com/o/r.git", "git@github.com:o/r.git", "ftp://host/repo")


@contextmanager
def local_git(folder: Path) -> Iterator[Place]:
    """A checkout on this machine."""
    repository = Repository(folder / "place", FILES)
    path = str(repository.path)
    yield Place(
        context=SourceContext(resource_id=path, cache_dir=folder / "cache", allow_local=True),
        spellings=(path, f"{path}/", f"{path}/.git", f"{path}/../place"),
        refused=(*REFUSED, str(folder), f"{path}/src"),
        change=lambda: repository.commit(CHANGES),
        remove=lambda: (repository.path / ".git").rename(folder / "gone"),
    )


@contextmanager
def remote_git(folder: Path) -> Iterator[Place]:
    """A repository behind a server."""
    repository = Repository(folder / "served" / "place.git", FILES)
    server = GitServer(folder / "served")
    url = server.url("place.git")
    yield Place(
        context=SourceContext(resource_id=url, cache_dir=folder / "cache", allow_private_hosts=True),
        spellings=(url, f"{url}/", f" {url}", url.replace("http", "HTTP", 1)),
        refused=(
            *REFUSED,
            f"{url}?x=1",
            f"{url}#main",
            url.replace("127", "user:secret@127"),
            "https://github.com/o",
        ),
        change=lambda: repository.commit(CHANGES),
        remove=lambda: repository.path.rename(folder / "gone"),
    )
    server.shutdown()
    server.server_close()


@contextmanager
def github_by_archive(folder: Path) -> Iterator[Place]:
    """A repository at the emulated GitHub, read by its archive."""
    with github(folder, archive_from=1) as place:
        yield place


@contextmanager
def github_by_blobs(folder: Path) -> Iterator[Place]:
    """A repository at the emulated GitHub, read blob by blob with a personal token."""
    with github(folder, archive_from=1_000, personal=True) as place:
        yield place


@contextmanager
def github(folder: Path, *, archive_from: int, personal: bool = False) -> Iterator[Place]:
    """A repository at the emulated GitHub."""
    work = Repository(folder / "work", FILES | {".gitattributes": "logo.bin export-ignore\n"})
    hub = GitHub(folder / "hub")
    repository = hub.store.add_repository("acme/place", work.path)
    config: dict[str, object] = {"api_url": hub.api_url, "archive_from": archive_from}
    if personal:
        token = hub.store.make_token(login="acme", personal=True)
        secrets = {"token": token.value}
    else:
        app = register(hub)
        config |= {"app_id": str(app.id), "installation_id": str(install(hub, "acme", [repository]).id)}
        secrets = {"private_key": app.pem}

    def change() -> None:
        work.commit(CHANGES)
        work.git("push", "--quiet", f"{hub.root}/acme/place.git", "main")

    yield Place(
        context=SourceContext(
            resource_id=str(repository.id),
            name="acme/place",
            config=config,
            secrets=secrets,
            cache_dir=folder / "cache",
        ),
        spellings=(str(repository.id), f" {repository.id} ", f"0{repository.id}"),
        refused=("", " ", "acme/place", "-1", "0", "1.5", "9" * 30, "٣"),
        change=change,
        remove=lambda: setattr(repository, "deleted", True),
    )
    hub.close()


PLACES = {"git": (local_git, remote_git), "github": (github_by_archive, github_by_blobs)}
