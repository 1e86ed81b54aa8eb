"""What people write to name a repository."""

from pathlib import Path

import pytest

from ingestion.sources.base import Source
from ingestion.sources.errors import InvalidResource
from tests.repositories import Repository


@pytest.mark.parametrize(
    ("raw", "address"),
    [
        ("https://github.com/acme/app", "https://github.com/acme/app"),
        ("https://github.com/acme/app.git/", "https://github.com/acme/app"),
        ("HTTPS://GitHub.com./acme/App", "https://github.com/acme/App"),
        ("https://github.com:443/acme/app", "https://github.com/acme/app"),
        ("github.com/acme/app", "https://github.com/acme/app"),
        ("https://gitlab.com/a/b/c/d.git", "https://gitlab.com/a/b/c/d"),
        ("https://git.acme.example:8443/x/y.git", "https://git.acme.example:8443/x/y.git"),
        ("https://git.acme.example/with space", "https://git.acme.example/with%20space"),
        ("https://git.acme.example/a%20b", "https://git.acme.example/a%20b"),
        ("https://bücher.example/x", "https://xn--bcher-kva.example/x"),
        ("https://[2001:db8::1]:8443/x", "https://[2001:db8::1]:8443/x"),
    ],
)
def test_an_address_has_one_spelling(git: Source, raw: str, address: str) -> None:
    assert git.normalize_resource(raw) == address


@pytest.mark.parametrize(
    ("raw", "advice"),
    [
        ("", "https://github.com/owner/repository"),
        ("acme/app", "https://github.com/acme/app"),
        ("git@github.com:acme/app.git", "https://github.com/acme/app"),
        ("ssh://git@github.com:22/acme/app.git", "https://github.com/acme/app"),
        ("git+ssh://github.com/acme/app", "https://github.com/acme/app"),
        ("http://github.com/acme/app", "https://"),
        ("git://github.com/acme/app", "https://"),
        ("file:///etc", "https://"),
        ("ext::sh -c touch% /tmp/x", "https://"),
        ("ext://sh -c touch", "https://"),
        ("https://alice:secret@github.com/acme/app", "token has its own field"),
        ("https://token@github.com/acme/app", "token has its own field"),
        ("https://github.com/acme", "owner/repository"),
        ("https://github.com/acme/app/tree/main/src", "https://github.com/acme/app,"),
        ("https://gitlab.com/a/b/c/-/tree/main", "https://gitlab.com/a/b/c,"),
        ("https://git.acme.example/x?service=y", "Leave out"),
        ("https://git.acme.example/x#L1", "Leave out"),
        ("https://git.acme.example/", "https://host/owner"),
        ("https://git.acme.example/a/../b", "https://host/owner"),
        ("https://git.acme.example//b", "https://host/owner"),
        ("https:///acme/app", "https://"),
        ("https://git.acme.example:99999/x", "https://host/path"),
        ("https://-oProxyCommand=x/y", "https://"),
        ("https://exa mple/y", "https://"),
        ("https://git.acme.example\\@127.0.0.1/x", "token has its own field"),
        ("https://git.acme.example/x\n--upload-pack=touch", "https://"),
        ("https://[::1%25lo]/x", "https://"),
        ("--upload-pack=touch /tmp/x", "https://"),
        ("-c/x", "https://"),
    ],
)
def test_what_is_no_address_is_refused_with_advice(git: Source, raw: str, advice: str) -> None:
    with pytest.raises(InvalidResource) as refusal:
        git.normalize_resource(raw, allow_local=False, allow_private_hosts=True)
    assert advice in str(refusal.value)


@pytest.mark.parametrize(
    "raw",
    [
        "https://alice:hunter2@github.com/a/b",
        "https://:hunter2@github.com:99999/a/b",
        "ftp://alice:hunter2@host/x",
        "ssh://alice:hunter2@host/x",
        "https://alice:hunter2@[/x",
    ],
)
def test_a_secret_in_an_address_is_not_repeated(git: Source, raw: str) -> None:
    with pytest.raises(InvalidResource) as refusal:
        git.normalize_resource(raw)
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize(
    "host", ["localhost:3000", "127.0.0.1", "[::1]:80", "10.1.2.3", "gitea", "git.internal"]
)
def test_http_is_for_private_hosts_where_they_are_allowed(git: Source, host: str) -> None:
    raw = f"http://{host}/x"
    assert git.normalize_resource(raw, allow_private_hosts=True) == raw.replace(":80", "")
    with pytest.raises(InvalidResource, match="https"):
        git.normalize_resource(raw)


def test_a_path_is_for_staff(git: Source, repository: Repository) -> None:
    assert git.normalize_resource(str(repository.path), allow_local=True) == str(repository.path)
    for raw in (str(repository.path), "~", ".", "./x"):
        with pytest.raises(InvalidResource, match="staff"):
            git.normalize_resource(raw)


def test_a_relative_path_is_made_absolute(
    git: Source, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository.path.parent)
    for raw in ("repository", "./repository", "../" + repository.path.parent.name + "/repository"):
        assert git.normalize_resource(raw, allow_local=True) == str(repository.path)


def test_a_link_and_its_target_are_one_repository(
    git: Source, repository: Repository, tmp_path: Path
) -> None:
    (tmp_path / "link").symlink_to(repository.path)
    assert git.normalize_resource(str(tmp_path / "link"), allow_local=True) == str(repository.path)


def test_a_folder_inside_a_repository_leads_to_the_repository(git: Source, repository: Repository) -> None:
    (repository.path / "src").mkdir()
    with pytest.raises(InvalidResource, match=f"{repository.path}: give that"):
        git.normalize_resource(str(repository.path / "src"), allow_local=True)


def test_a_folder_that_begins_like_an_option_is_a_folder(git: Source, tmp_path: Path) -> None:
    path = Repository(tmp_path / "--upload-pack=x", {"a": "b"}).path
    assert git.normalize_resource(str(path), allow_local=True) == str(path)
