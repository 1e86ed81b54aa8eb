"""Repositories behind a server."""

import os
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import psutil
import pytest

from ingestion.sources.base import Head, Source, SourceContext
from ingestion.sources.errors import AuthorizationError, InvalidResource, NotFound, Unavailable
from tests.embedded.tools import wait_until
from tests.repositories import Repository
from tests.sources.conftest import contents, listing
from tests.sources.server import GitServer


def test_the_files_of_the_default_branch_are_read(
    git: Source, remote: SourceContext, served: Repository
) -> None:
    revision = served.commit({"a": "1", "folder/b": "2"})
    assert git.head(remote) == Head(revision, "main")
    assert {key: fetched.data for key, fetched in contents(git, remote).items()} == {
        "a": b"1",
        "folder/b": b"2",
    }


def test_another_branch_or_a_tag_can_be_named(git: Source, remote: SourceContext, served: Repository) -> None:
    first = served.commit({"a": "1"})
    served.git("tag", "-a", "v1", "-m", "One")
    served.git("checkout", "-q", "-b", "topic/x")
    second = served.commit({"a": "2"})
    served.git("checkout", "-q", "main")
    served.git("branch", "v2")
    for branch, revision in (("topic/x", second), ("v1", first), ("v2", first), ("", first)):
        context = replace(remote, config={"branch": branch})
        assert git.head(context) == Head(revision, branch or "main")
        assert contents(git, context)["a"].data == (b"2" if revision == second else b"1")


def test_a_branch_that_is_not_there_is_answered_with_those_that_are(
    git: Source, remote: SourceContext, served: Repository
) -> None:
    served.commit({"a": "1"})
    with pytest.raises(NotFound, match=r"no branch 'gone'.*main"):
        git.head(replace(remote, config={"branch": "gone"}))
    served.git("symbolic-ref", "HEAD", "refs/heads/lost")
    with pytest.raises(NotFound, match=r"default branch.*main"):
        git.head(remote)


def test_an_empty_repository_is_an_empty_source(
    git: Source, remote: SourceContext, served: Repository
) -> None:
    head = git.head(remote)
    assert head.revision == ""
    assert list(git.entries(remote, head)) == []
    served.commit({"a": "1"})
    assert set(listing(git, remote)) == {"a"}


def test_only_the_newest_commit_is_copied_and_then_only_what_changed(
    git: Source, remote: SourceContext, served: Repository
) -> None:
    for number in range(5):
        served.commit({"a": str(number), "big": os.urandom(200_000)})
    since = git.head(remote).revision
    listing(git, remote)
    size = sum(path.stat().st_size for path in remote.cache_dir.rglob("*.pack"))
    assert size < 300_000
    served.commit({"a": "new"})
    changes = git.changes(remote, since, git.head(remote))
    assert changes is not None and [entry.key for entry in changes.entries] == ["a"]
    assert sum(path.stat().st_size for path in remote.cache_dir.rglob("*.pack")) < size + 10_000


def test_after_a_force_push_the_difference_is_still_exact(
    git: Source, remote: SourceContext, served: Repository
) -> None:
    served.commit({"kept": "1"})
    since = served.commit({"dropped": "1"})
    listing(git, remote)
    served.git("reset", "-q", "--hard", "HEAD~1")
    served.git("reflog", "expire", "--expire=now", "--all")
    served.git("gc", "-q", "--prune=now")
    served.commit({"other": "1"})
    changes = git.changes(remote, since, git.head(remote))
    assert changes is not None
    assert ([entry.key for entry in changes.entries], changes.removed) == (["other"], [("file", "dropped")])


def test_a_revision_that_this_machine_never_had_cannot_be_compared(
    git: Source, remote: SourceContext, served: Repository
) -> None:
    since = served.commit({"a": "1"})
    served.commit({"a": "2"})
    assert git.changes(remote, since, git.head(remote)) is None


def test_another_machine_reads_the_revision_that_was_planned(
    git: Source, remote: SourceContext, served: Repository, tmp_path: Path
) -> None:
    served.commit({"a": "1"})
    head = git.head(remote)
    entries = list(git.entries(remote, head))
    served.commit({"a": "2"})
    elsewhere = replace(remote, cache_dir=tmp_path / "other machine")
    assert [document.data for document in git.fetch(elsewhere, head, entries)] == [b"1"]


def test_a_revision_that_is_gone_before_it_was_copied_is_tried_again(
    git: Source, remote: SourceContext, served: Repository
) -> None:
    served.commit({"a": "1"})
    with pytest.raises(Unavailable):
        list(git.entries(remote, Head("f" * 40, "main")))


def test_a_token_opens_a_private_repository_and_is_kept_nowhere(
    git: Source, remote: SourceContext, served: Repository, server: GitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.commit({"a": "1"})
    server.credentials = "x-access-token:s3cr3t"
    with pytest.raises(AuthorizationError, match="add a token"):
        git.head(remote)
    with pytest.raises(AuthorizationError, match="refuses the token") as refusal:
        git.head(replace(remote, secrets={"token": "wr0ng"}))
    assert "wr0ng" not in str(refusal.value)
    seen: list[list[str]] = []
    monkeypatch.setattr("subprocess.Popen.__init__", _recording(seen))
    assert contents(git, replace(remote, secrets={"token": "s3cr3t"}))["a"].data == b"1"
    arguments = " ".join(str(argument) for command in seen for argument in command)
    assert "fetch" in arguments
    encoded = "eC1hY2Nlc3MtdG9rZW46czNjcjN0"  # of the credentials
    assert "s3cr3t" not in arguments and encoded not in arguments
    for path in remote.cache_dir.rglob("*"):
        if path.is_file():
            assert b"s3cr3t" not in path.read_bytes() and encoded.encode() not in path.read_bytes()


def _recording(seen: list[list[str]]) -> object:
    from subprocess import Popen

    original = Popen.__init__

    def record(self: object, args: list[str], *rest: object, **options: object) -> None:
        seen.append(args)
        original(self, args, *rest, **options)  # type: ignore[call-overload]

    return record


def test_a_user_name_can_go_with_the_token(
    git: Source, remote: SourceContext, served: Repository, server: GitServer
) -> None:
    revision = served.commit({"a": "1"})
    server.credentials = "deploy:s3cr3t"
    context = replace(remote, secrets={"token": "s3cr3t", "username": "deploy"})
    assert git.head(context).revision == revision


def test_who_has_no_token_gets_nothing_from_the_shared_copy(
    git: Source, remote: SourceContext, served: Repository, server: GitServer
) -> None:
    served.commit({"a": "1"})
    server.credentials = "x-access-token:s3cr3t"
    contents(git, replace(remote, secrets={"token": "s3cr3t"}))
    with pytest.raises(AuthorizationError):
        git.head(remote)


def test_the_account_s_own_credentials_are_not_used(
    git: Source,
    remote: SourceContext,
    served: Repository,
    server: GitServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    served.commit({"a": "1"})
    server.credentials = "me:mine"
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password mine\n")
    (tmp_path / ".gitconfig").write_text(
        f'[http "{server.url("")}"]\n\textraHeader = Authorization: Basic bWU6bWluZQ==\n'
    )
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(AuthorizationError):
        git.head(remote)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, AuthorizationError),
        (403, AuthorizationError),
        (404, NotFound),
        (410, NotFound),
        (429, Unavailable),
        (500, Unavailable),
        (502, Unavailable),
        (503, Unavailable),
    ],
)
def test_what_the_server_answers_is_told_apart(
    git: Source,
    remote: SourceContext,
    served: Repository,
    server: GitServer,
    status: int,
    error: type[Exception],
) -> None:
    served.commit({"a": "1"})
    head = git.head(remote)
    server.status = status
    for call in (lambda: git.head(remote), lambda: list(git.entries(remote, head))):
        with pytest.raises(error, match=r"127\.0\.0\.1"):
            call()


def test_a_server_that_is_down_is_unavailable(git: Source, remote: SourceContext, server: GitServer) -> None:
    server.shutdown()
    server.server_close()
    with pytest.raises(Unavailable, match="could not be read"):
        git.head(remote)


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_a_server_that_says_nothing_is_given_up_on(
    git: Source, remote: SourceContext, silent_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingestion.sources.git.remote.LIST_SECONDS", 0.5)
    with pytest.raises(Unavailable, match="too slow"):
        git.head(replace(remote, resource_id=f"http://127.0.0.1:{silent_port}/x.git"))
    wait_until(lambda: not _talking_to(silent_port), "what git had started is gone")


def _talking_to(port: int) -> list[list[str]]:
    commands = [process.info["cmdline"] or [] for process in psutil.process_iter(["cmdline"])]
    return [command for command in commands if any(f":{port}/" in part for part in command)]


def test_the_address_without_git_at_its_end_is_tried_with_it(
    git: Source, remote: SourceContext, served: Repository, server: GitServer
) -> None:
    served.commit({"a": "1"})
    server.redirects = {"served": "served.git"}
    context = replace(remote, resource_id=server.url("served"))
    assert contents(git, context)["a"].data == b"1"


def test_redirects_are_not_followed(
    git: Source, remote: SourceContext, served: Repository, server: GitServer
) -> None:
    served.commit({"a": "1"})
    server.redirects = {"old": "served.git", "old.git": "served.git"}
    with pytest.raises(NotFound, match="has moved"):
        git.head(replace(remote, resource_id=server.url("old")))
    assert not [path for path in server.requests if path.startswith("/served")]


def test_private_hosts_are_refused_unless_they_are_allowed(
    git: Source, remote: SourceContext, served: Repository, server: GitServer
) -> None:
    served.commit({"a": "1"})
    head = git.head(remote)
    server.requests.clear()
    hosts = [
        "127.0.0.1",
        "localhost",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0.0.0.0",
        "169.254.169.254",
    ]
    for host in hosts:
        url = f"https://{host}:{server.port}/served.git"
        context = replace(remote, resource_id=url, allow_private_hosts=False)
        for call in (lambda: git.head(context), lambda: list(git.entries(context, head))):  # noqa: B023
            with pytest.raises(InvalidResource, match="ALLOW_PRIVATE_HOSTS"):
                call()
    with pytest.raises(InvalidResource, match="https"):
        git.head(replace(remote, allow_private_hosts=False))
    assert server.requests == []


def test_git_connects_where_the_name_led_when_it_was_checked(
    git: Source, remote: SourceContext, served: Repository, server: GitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.commit({"a": "1"})
    asked = []

    def answer(host: str, port: int, **options: object) -> list[tuple[object, ...]]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    name = "only-we-know-this-name.internal"
    context = replace(remote, resource_id=server.url("served.git", name))
    assert contents(git, context)["a"].data == b"1"
    assert set(asked) == {name}
    assert server.hosts == {f"{name}:{server.port}"}


def test_a_name_that_does_not_resolve_is_unavailable(git: Source, remote: SourceContext) -> None:
    with pytest.raises(Unavailable, match="not found"):
        git.head(replace(remote, resource_id="https://no-such-host.invalid/x"))


def test_submodules_are_not_fetched(
    git: Source, remote: SourceContext, served: Repository, server: GitServer, tmp_path: Path
) -> None:
    Repository(server.root / "inner.git", {"b": "1"})
    served.git(
        "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", server.url("inner.git"), "inner"
    )
    served.commit({"a": "1"})
    server.requests.clear()
    assert {key: entry.skip for key, entry in listing(git, remote).items()} == {
        ".gitmodules": None, "a": None, "inner": "submodule",
    }  # fmt: skip
    assert all(path.startswith("/served.git/") for path in server.requests)


def test_a_server_cannot_send_git_elsewhere_for_objects(
    git: Source, remote: SourceContext, server: GitServer, tmp_path: Path
) -> None:
    inside = Repository(server.root / "inside.git", {"secret.txt": "of a private network\n"})
    dumb = Repository(tmp_path / "dumb", {"a": "1"})
    commit = inside.git("rev-parse", "HEAD")
    (dumb.path / ".git" / "info" / "refs").write_text(f"{commit}\trefs/heads/main\n")
    alternates = dumb.path / ".git" / "objects" / "info" / "http-alternates"
    alternates.write_text(f"{server.url('inside.git/.git/objects')}\n")
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as evil:
        Thread(target=evil.serve_forever, args=(0.02,), daemon=True).start()
        context = replace(remote, resource_id=f"http://127.0.0.1:{evil.server_address[1]}/dumb/.git")
        with pytest.raises(Unavailable, match="could not be copied"):
            list(git.entries(context, Head(commit, "main")))
        evil.shutdown()
    assert server.requests == []


def test_sha_256_repositories_are_read(git: Source, remote: SourceContext, server: GitServer) -> None:
    path = server.root / "long.git"
    subprocess.run(["git", "init", "-q", "--object-format=sha256", "-b", "main", str(path)], check=True)
    Repository(path, {"a": "1"})
    context = replace(remote, resource_id=server.url("long.git"))
    assert len(git.head(context).revision) == 64
    assert contents(git, context)["a"].data == b"1"
