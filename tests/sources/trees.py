"""Commits with names and modes that no work tree could hold."""

from collections.abc import Sequence

from tests.repositories import Repository

FILE, EXECUTABLE, SYMLINK, SUBMODULE = "100644", "100755", "120000", "160000"

Item = tuple[str, bytes, bytes | str]  # mode, path, content or object id


def commit_tree(repository: Repository, items: Sequence[Item], *, branch: str = "main") -> str:
    """Commit exactly these items on a branch, without a work tree, and return the commit."""
    contents = {content for _, _, content in items if isinstance(content, bytes)}
    blobs = {content: blob(repository, content) for content in contents}
    lines = []
    for mode, path, content in items:
        object_id = content if isinstance(content, str) else blobs[content]
        lines.append(f"{mode} {object_id}\t".encode() + path + b"\0")
    repository.git("read-tree", "--empty")
    repository.git("update-index", "-z", "--index-info", data=b"".join(lines))
    tree = repository.git("write-tree")
    commit = repository.git("commit-tree", "-m", "A tree", tree)
    repository.git("update-ref", f"refs/heads/{branch}", commit)
    return commit


def blob(repository: Repository, content: bytes) -> str:
    return repository.git("hash-object", "-w", "--stdin", data=content)
