"""The files of a commit: one recursive Trees call, or a walk where the tree is too large for one."""

import gzip
import json
import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from ingestion.reasons import Reason
from ingestion.sources.base import Changes, Entry
from ingestion.sources.errors import SourceError
from ingestion.sources.github.client import Client

KIND = "file"
LONGEST_NAME = 4_096  # bytes
KEPT = 3  # listings of one repository
SKIPPED_MODES = {"120000": Reason.SYMLINK, "160000": Reason.SUBMODULE}

Listing = dict[str, Entry]


def listing(client: Client, repository: str, sha: str, folder: Path) -> Listing:
    """Return the files of a commit by path; a commit never changes, so this machine keeps what it has read."""
    kept = folder / "trees" / f"{sha}.json.gz"
    try:
        rows = json.loads(gzip.decompress(kept.read_bytes()))
        os.utime(kept)
    except (OSError, ValueError, EOFError):
        rows = list(_walk(client, repository, sha))
        _keep(kept, rows)
    found: Listing = {}
    for path, mode, object_id, size in rows:
        entry = _entry(path, mode, object_id, size)
        found.setdefault(entry.key, entry)  # old tools have made trees that name a file twice
    return found


def changes_between(before: Listing, after: Listing) -> Changes:
    """Return the difference of two listings, by blob."""
    changed = [entry for key, entry in after.items() if before.get(key) != entry]
    return Changes(changed, [(KIND, key) for key in sorted(before.keys() - after.keys())])


def _walk(
    client: Client, repository: str, tree: str, prefix: str = ""
) -> Iterator[tuple[str, str, str, int | None]]:
    """Yield path, mode, object and size of each file below a tree.

    See https://docs.github.com/en/rest/git/trees#get-a-tree
    """
    path = f"/repositories/{repository}/git/trees/{tree}"
    answer: dict[str, Any] = client.get(path, recursive="1")
    if not answer["truncated"]:
        yield from _rows(answer["tree"], prefix)
        return
    level: dict[str, Any] = client.get(path)
    if level["truncated"]:
        raise SourceError(
            f"The folder /{prefix} has more entries than GitHub lists (100,000), so the repository cannot be compared. "
            "The index stays as it was."
        )
    yield from _rows(level["tree"], prefix)
    for row in level["tree"]:
        if row["type"] == "tree":
            yield from _walk(client, repository, row["sha"], f"{prefix}{row['path']}/")


def _rows(rows: list[dict[str, Any]], prefix: str) -> Iterator[tuple[str, str, str, int | None]]:
    for row in rows:
        if row["type"] != "tree":
            yield prefix + row["path"], row["mode"], row["sha"], row.get("size")


def _entry(path: str, mode: str, object_id: str, size: int | None) -> Entry:
    name = path.encode(errors="surrogatepass")
    if (
        not path
        or "\0" in path
        or "\ufffd" in path
        or len(name) > LONGEST_NAME
        or name != path.encode(errors="replace")
    ):
        return Entry(KIND, _stand_in(name), object_id, size, Reason.BAD_NAME)
    return Entry(KIND, path, object_id, size, SKIPPED_MODES.get(mode))


def _stand_in(name: bytes) -> str:
    """Return a key for a name that cannot be one; no path in a tree ends like this."""
    shown = name[:1_000].decode(errors="backslashreplace").replace("\0", "\\0")
    return f"{shown} (sha256 {sha256(name).hexdigest()})/"


def _keep(path: Path, rows: list[tuple[str, str, str, int | None]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}.{id(rows)}")
    partial.write_bytes(gzip.compress(json.dumps(rows).encode(), 1))
    partial.replace(path)
    for old in sorted(path.parent.glob("*.gz"), key=_age, reverse=True)[KEPT:]:
        old.unlink(missing_ok=True)


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
