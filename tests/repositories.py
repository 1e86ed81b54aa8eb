"""Real git repositories, made for a test."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

IDENTITY = {
    "GIT_AUTHOR_NAME": "Alice", "GIT_AUTHOR_EMAIL": "alice@acme.example",
    "GIT_COMMITTER_NAME": "Alice", "GIT_COMMITTER_EMAIL": "alice@acme.example",
    "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull,
}  # fmt: skip


class Repository:
    """A work tree with a history."""

    def __init__(self, path: Path, files: Mapping[str, str | bytes | None] | None = None) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main")
        if files:
            self.commit(files)

    def git(self, *arguments: str, data: bytes | None = None) -> str:
        """Run git in the work tree and return what it prints."""
        command = ["git", "-C", str(self.path), *arguments]
        done = subprocess.run(
            command, input=data, capture_output=True, env={**os.environ, **IDENTITY}, check=False
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode(errors="surrogateescape").strip()

    def commit(self, files: Mapping[str, str | bytes | None], message: str = "Change things") -> str:
        """Write the files (None deletes one), commit everything and return the commit."""
        for name, content in files.items():
            path = self.path / name
            if content is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.git("add", "--all", "--force")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")
