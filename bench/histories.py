"""Histories to measure search on: released projects whose change log names the files of every change.

A GNU change log, and the one of docutils, say of each change in words what was done and, beside them, in which files:
what a commit's message and its list of files say. So they give (query, documents) pairs as a git history does, from
packages that everybody can get in just this version. The code is indexed, and not what gives an answer away: the change
logs, and the release notes and manuals that repeat them.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.setting import connected, git, new_workspace, step_through
from console.models import Workspace
from ingestion.models import Document, Integration, Run
from ingestion.stores import default_config
from search.evaluation.pairs import Change, Pair, pairs_of

FETCH = """
import sys
from pathlib import Path
from pip._internal.models.index import PyPI
from unearth import PackageFinder

requirement, digest, target = sys.argv[1:]
finder = PackageFinder(index_urls=[PyPI.simple_url], no_binary=[":all:"], ignore_compatibility=True)
best = finder.find_best_match(requirement, allow_prereleases=True).best
assert best is not None and best.link.hashes["sha256"] == digest, best
finder.download_and_unpack(best.link, Path(target))
"""
ENTRY = re.compile(r"^\d{4}-\d{2}-\d{2}\s", re.MULTILINE)
ITEM = re.compile(r"^\*\s+([^:\s][^:]*?)(?:\s*\([^:]*\))?\s*:(?:\s|$)", re.DOTALL)
FUNCTION = re.compile(r"\([\w., *]+\): ?(?:same\b\.?)? ?")  # where in the file
FILE_NAME = re.compile(r"[\w./*-]+")
REPEATS = re.compile(
    r"(?:test(?:s|ed)? (?:for )?(?:it|same|this)|same|same here|ditto|likewise|update[sd]?)\.?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class History:
    """A release of a project, its archive's SHA-256, its change log, and the folders that are indexed: its code."""

    name: str
    version: str
    digest: str
    log: str
    folders: tuple[str, ...]

    @property
    def folder(self) -> str:
        """Name and version."""
        return f"{self.name}-{self.version}"


HISTORIES = (
    History(
        name="psycopg2",
        version="2.0.14",
        digest="902607cdbe1195a00694d2b477eed8429eda433caaa0eb6ff7f80883e1c17ac7",
        log="ChangeLog",
        folders=("psycopg", "lib", "tests", "ZPsycopgDA", "examples", "scripts"),
    ),
    History(
        name="foolscap",
        version="0.6.4",
        digest="74b283dd68a3c9d68ebf4e9b4ebf5cfb37480915b6a808ac930fe858a66f8d99",
        log="ChangeLog",
        folders=("foolscap", "bin", "misc"),
    ),
    History(
        name="docutils",
        version="0.21.2",
        digest="3a6b18732edf182daa3cd12775bbb338cf5691468f91eeeb109deff6ebfa986f",
        log="HISTORY.txt",
        folders=("docutils",),
    ),
    History(
        name="buildbot",
        version="0.7.6",
        digest="e73afc607885133ed4a68f174fe6b43a77c4436bd0923109c5a76f415a2e1b25",
        log="ChangeLog",
        folders=("buildbot", "bin", "contrib"),
    ),
    History(
        name="kiwi-gtk",
        version="1.9.23",
        digest="de237e79ca3c6d726e0c805a3a042848409c110dd57186d4e49da343c302f537",
        log="ChangeLog",
        folders=("kiwi", "gazpacho-plugin", "bin", "tests", "examples"),
    ),
    History(
        name="translate-toolkit",
        version="1.5.1",
        digest="586c339737e726e6647b9f9b91ed56244f648b62cbdc932d5ebe1498e1c41a3d",
        log="translate/ChangeLog",
        folders=tuple(
            f"translate/{folder}"
            for folder in ("convert", "filters", "lang", "misc", "search", "services", "storage", "tools")
        ),
    ),
)


def repository(history: History, cache: Path) -> tuple[Path, list[Change]]:
    """Return a git repository of the release without what repeats its change log, and the changes of the log."""
    target = cache / history.folder
    if not (target / ".git").exists():
        shutil.rmtree(target, ignore_errors=True)
        _fetch(history, target)
        log = (target / history.log).read_text(encoding="utf-8", errors="replace")
        (target / history.log).unlink()
        (cache / f"{history.folder}.log").write_text(log, encoding="utf-8")
        git(target, "init", "--quiet", "--initial-branch", "main")
        git(target, "add", "--force", "--", *history.folders)
        git(target, "commit", "--quiet", "--message", history.folder)
    log = (cache / f"{history.folder}.log").read_text(encoding="utf-8")
    listed = git(target, "ls-files", "-z").decode().split("\0")[:-1]
    changes = _docutils(log) if history.name == "docutils" else _gnu(log)
    return target, list(_resolved(changes, listed))


def _fetch(history: History, target: Path) -> None:
    """Get the source archive with a client of the package index that builds nothing: these setups need Python 2."""
    target.parent.mkdir(parents=True, exist_ok=True)
    command = [
        str(Path(sys.executable).with_name("uv")),
        "run",
        "--quiet",
        "--no-project",
        "--with",
        "unearth",
        "--with",
        "pip",
    ]
    arguments = [f"{history.name}=={history.version}", history.digest, str(target)]
    subprocess.run([*command, "python", "-c", FETCH, *arguments], check=True)


def _gnu(log: str) -> Iterator[Change]:
    """Read `* file (function): what was done`; a blank line ends a change."""
    for entry in ENTRY.split(log)[1:]:
        for paragraph in re.split(r"\n\s*\n", entry):
            items = re.split(r"\n\s*(?=\*\s)", "\n" + paragraph)[1:]
            files: list[str] = []
            said: list[str] = []
            for item in items:
                text = " ".join(item.split())
                if (head := ITEM.match(text)) is None:
                    continue
                files += FILE_NAME.findall(re.sub(r"\([^)]*\)", " ", head[1]))
                message = FUNCTION.sub("", text[head.end() :])
                if not REPEATS.fullmatch(message):
                    said.append(message)
            yield Change(" ".join(said), tuple(files))


def _docutils(log: str) -> Iterator[Change]:
    """Read `* file, file` with its changes as a list below it; each item is a change."""
    for block in re.split(r"\n(?=\* )", log)[1:]:
        head, _, body = block.partition("\n\n")
        files = FILE_NAME.findall(head.removeprefix("* "))
        for item in re.split(r"\n\s*(?=- )", "\n" + body)[1:]:
            first = item.split("\n\n")[0]
            yield Change(" ".join(first.removeprefix("- ").split()), tuple(files))


def _resolved(changes: Iterator[Change], listed: list[str]) -> Iterator[Change]:
    """Give names of files that the log shortens the path that they have, where only one can be meant."""
    for change in changes:
        paths = []
        for name in change.paths:
            ends = [path for path in listed if path == name or path.endswith(f"/{name}")]
            paths += [name] if name in listed else ends[:1] if len(ends) == 1 else [name]
        yield Change(change.message, tuple(paths))


def indexed(history: History, cache: Path) -> tuple[Integration, list[Pair]]:
    """Return the release as a source indexed with the local model, as it was before or made now, and its pairs."""
    path, changes = repository(history, cache)
    workspaces = Workspace.objects.filter(organization__slug="bench", slug=history.name)
    workspace = workspaces.first() or new_workspace(history.name, default_config())
    source = Integration.objects.filter(workspace=workspace).first()
    if source is None:
        source, _ = connected(workspace, path)
    if source.synced_at is None:
        print(f"Indexing {history.folder} …", flush=True)
        step_through(Run.objects.get(integration=source))
        source.refresh_from_db()
    files = Document.objects.filter(integration=source, kind="file")
    return source, pairs_of(changes, frozenset(files.values_list("key", flat=True)))
