"""Reading a bare repository with git itself."""

import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ENVIRONMENT = {"PATH": os.environ["PATH"], "HOME": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "TZ": "UTC"}
SHA = re.compile(r"[0-9a-f]{40}")
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
TYPES = {"A": "added", "M": "modified", "D": "removed", "R": "renamed", "T": "changed", "C": "copied"}
COMMIT = "%H%x00%T%x00%P%x00%an%x00%ae%x00%ad%x00%cn%x00%ce%x00%cd%x00%B%x01"


class Missing(Exception):
    """No such object or reference."""


@dataclass
class Bare:
    """A bare repository. What an object's id leads to never changes, so it is read once."""

    path: Path
    _known: dict[tuple[str, ...], Any] = field(default_factory=dict, repr=False)

    def run(self, *arguments: str, data: bytes | None = None) -> bytes:
        """Run git and return what it prints; raise `Missing` when it fails."""
        command = ["git", "-C", str(self.path), "-c", "safe.directory=*", *arguments]
        done = subprocess.run(command, input=data, capture_output=True, env=ENVIRONMENT, check=False)
        if done.returncode:
            raise Missing(done.stderr.decode(errors="replace"))
        return done.stdout

    def text(self, *arguments: str) -> str:
        """Return what git prints, without the last newline."""
        return self.run(*arguments).decode(errors="replace").strip("\n")

    def refs(self) -> dict[str, str]:
        """Return the commits by full reference name."""
        lines = self.text("for-each-ref", "--format=%(refname) %(objectname)").splitlines()
        return dict(line.split(" ", 1) for line in lines)

    def resolve(self, name: str, kind: str = "commit") -> str:
        """Return the object that a name leads to."""
        if name.startswith("-"):
            raise Missing(name)
        if SHA.fullmatch(name) and (known := self._known.get((name, kind))):
            return str(known)
        found = self.text("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{{kind}}}")
        if SHA.fullmatch(name):
            self._known[name, kind] = found
        return found

    def blob(self, sha: str) -> bytes:
        """Return a blob's content."""
        if not SHA.fullmatch(sha):
            raise Missing(sha)
        if ("blob", sha) not in self._known:
            self._known["blob", sha] = self.run("cat-file", "blob", sha)
        content: bytes = self._known["blob", sha]
        return content

    def tree(self, treeish: str, recursive: bool) -> tuple[str, list[dict[str, Any]]]:
        """Return a tree's id and its entries."""
        sha = self.resolve(treeish, "tree")
        if ("tree", sha, str(recursive)) not in self._known:
            self._known["tree", sha, str(recursive)] = self._entries(sha, recursive)
        return sha, [dict(entry) for entry in self._known["tree", sha, str(recursive)]]

    def _entries(self, sha: str, recursive: bool) -> list[dict[str, Any]]:
        flags = ["-r", "-t"] if recursive else []
        entries = []
        for record in self.run("ls-tree", "-z", "-l", *flags, sha).split(b"\0")[:-1]:
            description, _, name = record.partition(b"\t")
            mode, kind, object_id, size = description.decode().split()
            entry: dict[str, Any] = {
                "path": name.decode(errors="replace"),
                "mode": mode,
                "type": kind,
                "sha": object_id,
            }
            if kind == "blob":
                entry["size"] = int(size)
            entries.append(entry)
        return entries

    def commits(self, *arguments: str) -> list[dict[str, Any]]:
        """Return commits as `git log` lists them."""
        output = self.text(
            "log", f"--format={COMMIT}", "--date=format-local:%Y-%m-%dT%H:%M:%SZ", *arguments, "--"
        )
        names = (
            "sha",
            "tree",
            "parents",
            "author",
            "email",
            "date",
            "committer",
            "committer_email",
            "committed",
            "message",
        )
        found = []
        for record in output.split("\x01")[:-1]:
            values: dict[str, Any] = dict(zip(names, record.lstrip("\n").split("\0"), strict=True))
            values["parents"] = values["parents"].split()
            values["message"] = values["message"].strip("\n")
            found.append(values)
        return found

    def files(self, base: str, head: str) -> list[dict[str, Any]]:
        """Return what changed between two trees, renames found."""
        if ("files", base, head) not in self._known:
            self._known["files", base, head] = self._files(base, head)
        return [dict(file) for file in self._known["files", base, head]]

    def _files(self, base: str, head: str) -> list[dict[str, Any]]:
        raw = self.run("diff-tree", "-r", "-z", "-M", "--raw", base, head).split(b"\0")[:-1]
        numbers: dict[str, tuple[int, int]] = {}
        for line in self.run("diff-tree", "-r", "-z", "--no-renames", "--numstat", base, head).split(b"\0")[
            :-1
        ]:
            plus, minus, name = line.decode(errors="replace").split("\t", 2)
            numbers[name] = (int(plus), int(minus)) if plus != "-" else (0, 0)
        files, position = [], 0
        while position < len(raw):
            _mode, _mode_after, before, after, status = raw[position].decode().split(" ")
            name = raw[position + 1].decode(errors="replace")
            file: dict[str, Any] = {"status": TYPES[status[0]], "sha": after if after.strip("0") else before}
            if status[0] in "RC":
                file["previous_filename"], name = name, raw[position + 2].decode(errors="replace")
                position += 1
            added, removed = numbers.get(name, (0, 0))
            file |= {"filename": name, "additions": added, "deletions": removed, "changes": added + removed}
            files.append(file)
            position += 2
        return files
