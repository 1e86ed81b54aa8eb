"""Names and kinds of files that git knows and a table or a page does not."""

import pytest

from ingestion.reasons import Reason
from ingestion.sources.base import Source, SourceContext
from tests.repositories import Repository
from tests.sources.conftest import contents, listing
from tests.sources.trees import EXECUTABLE, FILE, SUBMODULE, SYMLINK, blob, commit_tree

NASTY = [
    "tab\there", "new\nline", 'quo"te', "apos'trophe", "back\\slash", "-option", "--output=x", ":(top)magic", ":!x",
    "*", "[a]", "semi;colon", "$(touch x)", "trailing space ", " leading", "naïve/日本語/🦊.py", "carriage\rreturn",
    "a" * 255, "HEAD", "refs/heads/main", "\x7f", "@{u}", "a:b", "100644 blob", "x missing",
]  # fmt: skip


def test_odd_names_are_kept_letter_by_letter(
    git: Source, local: SourceContext, repository: Repository
) -> None:
    commit_tree(repository, [(FILE, name.encode(), name.encode()) for name in NASTY])
    assert set(listing(git, local)) == set(NASTY)
    assert {key: fetched.data for key, fetched in contents(git, local).items()} == {
        name: name.encode() for name in NASTY
    }
    found = git.lookup(local, git.head(local), NASTY)
    assert {entry.key for entry in found} == set(NASTY)


def test_names_that_are_not_utf_8_are_skipped_each_under_a_key_of_its_own(
    git: Source, local: SourceContext, repository: Repository
) -> None:
    names = [b"caf\xe9", b"caf\xc3", b"caf\\xe9", b"\xed\xa0\x80", b"dir\xff/x", b"\xff", b"\xfe"]
    commit_tree(repository, [(FILE, name, b"x") for name in names])
    entries = listing(git, local)
    assert len(entries) == len(names)
    assert [key for key, entry in entries.items() if entry.skip is None] == ["caf\\xe9"]
    assert {entry.skip for key, entry in entries.items() if key != "caf\\xe9"} == {Reason.BAD_NAME}
    assert all(key.isprintable() and key.encode() for key in entries)
    assert any(key.startswith("caf\\xe9 (") for key in entries)


def test_no_name_can_pass_for_the_key_of_a_skipped_one(
    git: Source, local: SourceContext, repository: Repository
) -> None:
    commit_tree(repository, [(FILE, b"caf\xe9", b"x")])
    [key] = listing(git, local)
    commit_tree(repository, [(FILE, b"caf\xe9", b"x"), (FILE, key.rstrip("/").encode(), b"y")])
    entries = listing(git, local)
    assert len(entries) == 2
    assert entries[key].skip == Reason.BAD_NAME
    assert git.lookup(local, git.head(local), [key]) == []


def test_names_above_four_kilobytes_are_skipped(
    git: Source, local: SourceContext, repository: Repository
) -> None:
    folder = "/".join(["d" * 200] * 20)
    longest = f"{folder}/{'x' * (4096 - len(folder) - 1)}"
    for name in (longest, f"{longest}y", f"{longest}z"):
        commit_tree(repository, [(FILE, name.encode(), b"x")])
        [entry] = listing(git, local).values()
        assert len(entry.key.encode()) <= 4096
        assert (entry.skip, entry.key == name) == (
            (None, True) if name == longest else (Reason.BAD_NAME, False)
        )


def test_links_and_submodules_are_skipped_with_their_reasons(
    git: Source, local: SourceContext, repository: Repository
) -> None:
    commit_tree(
        repository,
        [
            (SYMLINK, b"link", b"/etc/passwd"),
            (SUBMODULE, b"vendor/lib", "1" * 40),
            (EXECUTABLE, b"run.sh", b"#!/bin/sh\n"),
            (SYMLINK, b"bad\xff", b"x"),
        ],
    )
    entries = listing(git, local)
    assert {key: entry.skip for key, entry in entries.items() if "bad" not in key} == {
        "link": Reason.SYMLINK,
        "vendor/lib": Reason.SUBMODULE,
        "run.sh": None,
    }
    assert entries["vendor/lib"].size is None and entries["run.sh"].size == 10
    fetched = contents(git, local)
    assert fetched["link"].failure == Reason.SYMLINK and fetched["link"].data is None
    assert fetched["vendor/lib"].failure == Reason.SUBMODULE
    assert fetched["run.sh"].data == b"#!/bin/sh\n"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 100,
        b"no newline",
        b"\n",
        b"abc missing\n",
        b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 12\n",
        bytes(range(256)) * 4096,
    ],
)
def test_contents_come_byte_by_byte(
    git: Source, local: SourceContext, repository: Repository, content: bytes
) -> None:
    commit_tree(repository, [(FILE, b"a", b"before"), (FILE, b"file", content), (FILE, b"z", b"after")])
    fetched = contents(git, local)
    assert [fetched[key].data for key in ("a", "file", "z")] == [b"before", content, b"after"]
    assert listing(git, local)["file"].size == len(content)


def test_a_file_above_the_limit_is_passed_over_unread(
    git: Source, local: SourceContext, repository: Repository
) -> None:
    huge = blob(repository, b"x" * 3_000_000)
    commit_tree(repository, [(FILE, b"a", b"1"), (FILE, b"huge", huge), (FILE, b"z", b"2")])
    head = git.head(local)
    known = list(git.entries(local, head))
    unknown = [type(entry)(entry.kind, entry.key, entry.revision) for entry in known]
    for entries in (known, unknown):
        fetched = {document.key: document for document in git.fetch(local, head, entries)}
        assert fetched["huge"].failure == Reason.TOO_LARGE and fetched["huge"].data is None
        assert (fetched["a"].data, fetched["z"].data) == (b"1", b"2")


def test_content_is_what_is_committed_whatever_the_attributes_say(
    git: Source, local: SourceContext, repository: Repository
) -> None:
    repository.git("config", "filter.evil.smudge", "touch smudged; cat")
    repository.git("config", "filter.evil.required", "true")
    repository.commit({".gitattributes": "* text eol=crlf\nb diff=evil\n", "b": "1\n2\n"})
    repository.git("config", "diff.evil.textconv", "touch converted; cat")
    assert contents(git, local)["b"].data == b"1\n2\n"
    assert not list(repository.path.glob("*ed"))


def test_a_tree_that_names_a_file_twice_is_listed_once(
    git: Source, local: SourceContext, repository: Repository
) -> None:
    one, two = blob(repository, b"1"), blob(repository, b"2")
    entry = b"100644 same\0"
    tree = repository.git(
        "hash-object", "-t", "tree", "-w", "--literally", "--stdin",
        data=entry + bytes.fromhex(one) + entry + bytes.fromhex(two),
    )  # fmt: skip
    commit = repository.git("commit-tree", "-m", "Twice", tree)
    before = commit_tree(repository, [(FILE, b"same", b"0")])
    repository.git("update-ref", "refs/heads/main", commit)
    head = git.head(local)
    assert [(e.key, e.revision) for e in git.entries(local, head)] == [("same", one)]
    assert git.changes(local, before, head) is None
