"""Listings and comparisons of trees."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import IO

from ingestion.reasons import Reason
from ingestion.sources.base import Changes, Entry
from ingestion.sources.git.process import Git

KIND = "file"
OBJECT_ID = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
LONGEST_NAME = 4_096  # bytes
SHOWN = 1_000  # bytes of a name that cannot be a key
SKIPPED_MODES = {"120000": Reason.SYMLINK, "160000": Reason.SUBMODULE}
ARGUMENT_BYTES = 65_536  # of names that one command line is given


def entries_of(git: Git, revision: str) -> Iterator[Entry]:
    """List all files of a revision in one process."""
    seen: set[str] = set()
    with git.stream("ls-tree", "-r", "-z", "-l", "--full-tree", revision) as pipes:
        for record in _records(pipes.read):
            entry = _listed(record)
            if entry.key not in seen:  # old tools have made trees that name a file twice
                seen.add(entry.key)
                yield entry


def lookup(git: Git, revision: str, keys: Sequence[str]) -> list[Entry]:
    """Return the entries of those files that are there."""
    found = {}
    for names in _portions(sorted({key for key in keys if _may_be_a_path(key)})):
        output = git.run("ls-tree", "-z", "-l", "--full-tree", revision, "--", *names)
        for record in output.split(b"\0")[:-1]:
            entry = _listed(record)
            if entry.key in names and b" tree " not in record.partition(b"\t")[0]:
                found[entry.key] = entry
    return list(found.values())


def changes_between(git: Git, since: str, revision: str) -> Changes | None:
    """Compare two revisions in two processes; None for malformed trees, raise `GitFailed` for unknown revisions."""
    options = ("-r", "-z", "--raw", "--no-renames", "--no-ext-diff", "--ignore-submodules=none")
    records = iter(git.run("diff-tree", *options, since, revision).split(b"\0")[:-1])
    entries: dict[str, Entry] = {}
    removed: set[str] = set()
    for description, name in zip(records, records, strict=True):
        mode_before, mode, object_id_before, object_id, _ = description.decode().lstrip(":").split(" ")
        entry = _entry(mode, object_id, None, name)
        if entry.key in entries or entry.key in removed:
            return None
        if not object_id.strip("0"):
            removed.add(entry.key)
        elif entry != _entry(mode_before, object_id_before, None, name):  # not only made executable
            entries[entry.key] = entry
    return Changes(_with_sizes(git, list(entries.values())), [(KIND, key) for key in sorted(removed)])


def _with_sizes(git: Git, entries: Sequence[Entry]) -> list[Entry]:
    """Add the sizes, which a comparison of trees does not tell."""
    wanted = sorted({entry.revision for entry in entries if entry.skip is not Reason.SUBMODULE})
    if not wanted:
        return list(entries)
    questions = "".join(f"{object_id}\n" for object_id in wanted).encode()
    answers = git.run("cat-file", "--batch-check=%(objectname) %(objectsize)", data=questions).decode()
    pairs = (line.split() for line in answers.splitlines())
    sizes = {object_id: int(size) for object_id, size in pairs if size.isdecimal()}
    return [replace(entry, size=sizes.get(entry.revision)) for entry in entries]


def _listed(record: bytes) -> Entry:
    description, _, name = record.partition(b"\t")
    mode, _, object_id, size = description.decode().split()
    return _entry(mode, object_id, int(size) if size.isdecimal() else None, name)


def _entry(mode: str, object_id: str, size: int | None, name: bytes) -> Entry:
    try:
        key = name.decode()
    except UnicodeDecodeError:
        key = ""
    if not key or len(name) > LONGEST_NAME:
        return Entry(KIND, _stand_in(name), object_id, size, Reason.BAD_NAME)
    return Entry(KIND, key, object_id, size, SKIPPED_MODES.get(mode))


def _stand_in(name: bytes) -> str:
    """Return a key for a name that cannot be one: printable, and ending in a way that no path in a tree can."""
    shown = name[:SHOWN].decode(errors="backslashreplace")
    return f"{shown} (sha256 {sha256(name).hexdigest()})/"


def _may_be_a_path(key: str) -> bool:
    """Refuse what git would take for a path out of the repository, or for another spelling of one in it."""
    is_text = key == key.encode(errors="replace").decode()
    return is_text and "\0" not in key and not {"", ".", ".."} & set(key.split("/"))


def _portions(names: Sequence[str]) -> Iterator[list[str]]:
    portion: list[str] = []
    length = 0
    for name in names:
        length += len(name.encode()) + 1
        if portion and length > ARGUMENT_BYTES:
            yield portion
            portion, length = [], len(name.encode()) + 1
        portion.append(name)
    if portion:
        yield portion


def _records(output: IO[bytes]) -> Iterator[bytes]:
    """Split what git writes at its NUL bytes."""
    rest = b""
    while piece := output.read(1 << 16):
        *records, rest = (rest + piece).split(b"\0")
        yield from records
