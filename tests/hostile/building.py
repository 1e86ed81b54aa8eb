"""Repositories of nasty files, made with git's own plumbing, which asks no questions."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.hostile.corpus import Nasty
from tests.repositories import Repository
from tests.sources.trees import SUBMODULE


def repository(path: Path, files: Iterable[Nasty]) -> Repository:
    """Return a repository whose only commit has exactly these files."""
    made = Repository(path)
    commit(made, files)
    return made


def commit(made: Repository, files: Iterable[Nasty]) -> str:
    """Replace all that is in a repository by these files, and return the commit."""
    made.git("fast-import", "--quiet", "--force", data=b"".join(_stream(files)))
    return made.git("rev-parse", "main")


def tree(made: Repository, entries: Iterable[tuple[str, bytes, str]]) -> str:
    """Write a tree of (mode, name, object) as it is, with names that no tool would take; return its id."""
    rows = b"".join(f"{mode} ".encode() + name + b"\0" + bytes.fromhex(sha) for mode, name, sha in entries)
    return made.git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", data=rows)


def commit_tree(made: Repository, top: str) -> str:
    """Make a tree the head, and return the commit."""
    made_commit = made.git("commit-tree", "-m", "A tree", top)
    made.git("update-ref", "refs/heads/main", made_commit)
    return made_commit


def _stream(files: Iterable[Nasty]) -> Iterator[bytes]:
    yield b"commit refs/heads/main\ncommitter Mallory <mallory@evil.example> 1767225600 +0000\ndata 5\nNasty\n"
    yield b"deleteall\n"
    for nasty in files:
        name = b'"' + b"".join(_escaped(byte) for byte in nasty.name) + b'"'
        if nasty.mode == SUBMODULE:
            yield f"M {nasty.mode} {nasty.content!s} ".encode() + name + b"\n"
            continue
        content = nasty.content if isinstance(nasty.content, bytes) else nasty.content.encode()
        yield f"M {nasty.mode} inline ".encode() + name + b"\n"
        yield b"data %d\n" % len(content) + content + b"\n"


def _escaped(byte: int) -> bytes:
    return bytes([byte]) if 32 <= byte < 127 and byte not in b'"\\' else b"\\%03o" % byte
