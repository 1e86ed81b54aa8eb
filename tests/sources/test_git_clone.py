"""The copy of a remote repository that this machine keeps."""

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import pytest

from ingestion.sources import get_source
from ingestion.sources.base import Head, Source, SourceContext
from ingestion.sources.errors import Unavailable
from ingestion.sources.git import clone
from tests.repositories import Repository
from tests.sources.conftest import contents, listing
from tests.sources.server import GitServer


def copy_of(context: SourceContext) -> Path:
    [directory] = context.cache_dir.glob("*.git")
    return directory


def test_what_is_there_is_not_fetched_again(
    git: Source, remote: SourceContext, served: Repository, server: GitServer
) -> None:
    served.commit({"a": "1"})
    head = git.head(remote)
    entries = list(git.entries(remote, head))
    server.status = 500
    assert list(git.entries(remote, head)) == entries
    assert [document.data for document in git.fetch(remote, head, entries)] == [b"1"]


def test_the_copy_is_for_this_account_only(git: Source, remote: SourceContext, served: Repository) -> None:
    served.commit({"a": "1"})
    listing(git, remote)
    assert remote.cache_dir.stat().st_mode & 0o077 == 0


def damage_head(directory: Path) -> None:
    (directory / "HEAD").write_text("nonsense\n")


def damage_config(directory: Path) -> None:
    (directory / "config").write_text("[core\n")


def lose_packs(directory: Path) -> None:
    for path in (directory / "objects" / "pack").iterdir():
        path.unlink()


def truncate_packs(directory: Path) -> None:
    for path in (directory / "objects" / "pack").glob("*.pack"):
        path.chmod(0o644)
        os.truncate(path, path.stat().st_size // 2)


def scramble_packs(directory: Path) -> None:
    for path in (directory / "objects" / "pack").glob("*.pack"):
        path.chmod(0o644)
        content = path.read_bytes()
        path.write_bytes(content[:12] + bytes(byte ^ 0x55 for byte in content[12:-20]) + content[-20:])


def scramble_contents(directory: Path) -> None:
    """Leave commits and trees whole, so that only who reads the last file notices."""
    for path in (directory / "objects" / "pack").glob("*.pack"):
        path.chmod(0o644)
        content = path.read_bytes()
        path.write_bytes(content[:-1000] + bytes(byte ^ 0x55 for byte in content[-1000:-20]) + content[-20:])


def scramble_shallow(directory: Path) -> None:
    (directory / "shallow").write_text("nonsense\n")


def leave_locks(directory: Path) -> None:
    for name in ("shallow.lock", "config.lock", "packed-refs.lock", "HEAD.lock"):
        (directory / name).touch()


def empty(directory: Path) -> None:
    shutil.rmtree(directory)
    directory.mkdir()


def become_a_file(directory: Path) -> None:
    shutil.rmtree(directory)
    directory.write_text("not a folder")


@pytest.mark.parametrize(
    "damage",
    [
        damage_head, damage_config, lose_packs, truncate_packs, scramble_packs, scramble_contents, scramble_shallow,
        leave_locks, empty, become_a_file,
    ],
)  # fmt: skip
@pytest.mark.parametrize("with_news", [False, True])
def test_a_damaged_copy_is_made_anew(
    git: Source, remote: SourceContext, served: Repository, damage: object, with_news: bool
) -> None:
    content = os.urandom(5000)
    served.commit({"a": "1", "folder/b": content})
    contents(git, remote)
    damage(copy_of(remote))  # type: ignore[operator]
    if with_news:
        served.commit({"a": "2"})
    for _ in range(3):  # the caller tries again later
        try:
            fetched = contents(git, remote)
            break
        except Unavailable:
            pass
    else:
        pytest.fail("still unavailable")
    assert {key: document.data for key, document in fetched.items()} == {
        "a": b"2" if with_news else b"1",
        "folder/b": content,
    }


def test_the_copy_may_vanish_at_any_time(git: Source, remote: SourceContext, served: Repository) -> None:
    served.commit({"a": "1"})
    head = git.head(remote)
    entries = list(git.entries(remote, head))
    shutil.rmtree(remote.cache_dir)
    assert [document.data for document in git.fetch(remote, head, entries)] == [b"1"]
    assert git.changes(remote, head.revision, head) is not None


def test_forgetting_leaves_nothing_of_the_contents(
    git: Source, remote: SourceContext, served: Repository
) -> None:
    served.commit({"a": "1"})
    listing(git, remote)
    git.forget(remote)
    assert [path for path in remote.cache_dir.rglob("*") if path.is_dir() or path.stat().st_size] == []


def test_old_revisions_are_dropped_and_new_ones_kept(
    git: Source, remote: SourceContext, served: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clone, "KEPT_REVISIONS", 3)
    monkeypatch.setattr(clone, "TIDY", (*clone.TIDY, ("gc.autoPackLimit", "2")))
    revisions = []
    for number in range(8):
        revisions.append(served.commit({"a": str(number), "big": os.urandom(50_000)}))
        listing(git, remote)
    head = git.head(remote)
    assert git.changes(remote, revisions[0], head) is None
    assert git.changes(remote, revisions[-2], head) is not None
    assert sum(path.stat().st_size for path in remote.cache_dir.rglob("*.pack")) < 5 * 52_000


def test_nothing_is_dropped_while_somebody_reads(
    git: Source, remote: SourceContext, served: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clone, "KEPT_REVISIONS", 1)
    monkeypatch.setattr(clone, "TIDY", (*clone.TIDY, ("gc.autoPackLimit", "1")))
    served.commit({f"{number}": os.urandom(1000) for number in range(50)})
    head = git.head(remote)
    entries = list(git.entries(remote, head))
    documents = git.fetch(remote, head, entries)
    first = next(documents)

    def news() -> Head:
        for number in range(4):
            served.commit({f"{number}": os.urandom(1000)})
            listing(git, remote)
        return git.head(remote)

    assert git.changes(remote, head.revision, news()) is not None
    rest = list(documents)
    assert len(rest) == 49 and not any(document.failure for document in (first, *rest))
    assert git.changes(remote, head.revision, news()) is None


def test_copies_that_nobody_uses_are_deleted(
    git: Source, remote: SourceContext, served: Repository, server: GitServer
) -> None:
    served.commit({"a": "1"})
    listing(git, remote)
    idle, fresh = copy_of(remote), replace(remote, resource_id=server.url("fresh.git"))
    trash = idle.with_name("x.git.discarded-1")
    trash.mkdir()
    long_ago = time.time() - 31 * 86_400
    for path in (idle, trash):
        os.utime(path, (long_ago, long_ago))
    Repository(server.root / "fresh.git", {"b": "1"})
    listing(git, fresh)
    assert not idle.exists() and not trash.exists()
    assert set(listing(git, remote)) == {"a"}


def _read(context: SourceContext) -> list[tuple[str, bytes | None]]:
    return sorted((key, document.data) for key, document in contents(get_source("git"), context).items())


def test_many_processes_copy_it_once(remote: SourceContext, served: Repository, server: GitServer) -> None:
    served.commit({f"{number}": str(number) for number in range(20)})
    with get_context("spawn").Pool(4) as pool:
        results = pool.map(_read, [remote] * 8)
    assert all(result == results[0] and len(result) == 20 for result in results)
    posts = [path for path in server.requests if path.endswith("/git-upload-pack")]
    assert len(posts) == 8 + 1  # each has asked for the head, one has fetched


def test_a_copy_survives_that_its_maker_is_killed(
    git: Source, remote: SourceContext, served: Repository
) -> None:
    served.commit({f"{number}": os.urandom(20_000) for number in range(100)})
    script = (
        "import sys; from pathlib import Path\n"
        "from ingestion.sources import get_source\n"
        "from ingestion.sources.base import SourceContext\n"
        "source = get_source('git')\n"
        "context = SourceContext(sys.argv[1], cache_dir=Path(sys.argv[2]), allow_private_hosts=True)\n"
        "print('ready', flush=True)\n"
        "list(source.entries(context, source.head(context)))\n"
    )
    for delay in (0.0, 0.02, 0.05, 0.08):
        command = [sys.executable, "-c", script, remote.resource_id, str(remote.cache_dir)]
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
        maker = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)
        assert maker.stdout is not None
        assert maker.stdout.readline() == b"ready\n"
        time.sleep(delay)
        maker.send_signal(signal.SIGKILL)
        maker.communicate()
    fetched = contents(git, remote)
    assert len(fetched) == 100 and not any(document.failure for document in fetched.values())
