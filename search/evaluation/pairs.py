"""Queries with the documents that they should find: what people wrote of a change, and the files that it touched."""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lightfast.lib.errors import UserError

MOST_FILES = 5  # of a change; larger ones are about no file in particular
FEWEST_WORDS = 4
LONGEST = 300  # characters of a query
DEV_SHARE = 0.5

CHORE = re.compile(
    r"(?:merge|revert|bump|release[sd]?|version|chore|ci|wip|lint|format(?:ting)?|pre-commit|(?:fix )?typos?)\b"
    r"|prepare[sd]?\b.*\brelease|update[sd]? (?:changelog|version|news)|fixup!|squash!|v?\d+(?:\.\d+)+|build\(deps",
    re.IGNORECASE,
)
BOT = re.compile(r"\[bot\]|\b(?:dependabot|renovate|pre-commit-ci|github-actions)\b", re.IGNORECASE)
# They repeat what people said of a change, and would be found before what was changed. For Python and Postgres alike.
CHANGE_LOG = (
    r"(^|/)(changelog|changes|history|news|release[^/.]*notes)[^/.]*"
    r"([.](md|markdown|rst|txt|html?|adoc|org|textile))?$"
)
TRAILER = re.compile(r"^[A-Z][\w-]*(?:-by|-on|): .*$", re.MULTILINE)
REFERENCE = re.compile(
    r"\(?(?:(?:fix(?:e[sd])?|close[sd]?|resolve[sd]?|refs?|see)[: ]+)?#\d+\)?|https?://\S+", re.IGNORECASE
)
SENTENCE_END = re.compile(r"(?<=[.!?])\s")


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody said of a change, and the paths that it touched."""

    message: str
    paths: tuple[str, ...]
    author: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """A query, and the keys of the documents that answer it."""

    query: str
    documents: frozenset[str]

    @property
    def is_dev(self) -> bool:
        """Whether it belongs to the half by which search may be tuned; told by its text alone, so for good."""
        return hashlib.sha256(self.query.encode()).digest()[0] < 256 * DEV_SHARE


def pairs_of(changes: Iterable[Change], indexed: frozenset[str]) -> list[Pair]:
    """Return the changes that make fair queries, each wording once.

    Left out are merges, bots, chores and versions, changes of more files than a few or of files that are no longer
    there, and messages that name one of their files, or say too little.
    """
    found: dict[str, Pair] = {}
    for change in changes:
        documents = frozenset(path for path in change.paths if path in indexed and not is_change_log(path))
        query = query_of(change.message)
        if (
            documents
            and len(set(change.paths)) <= MOST_FILES
            and len(query.split()) >= FEWEST_WORDS
            and not CHORE.match(change.message.strip())
            and not BOT.search(change.author)
            and not names_a_file(query, change.paths)
        ):
            found.setdefault(query.casefold(), Pair(query, documents))
    return list(found.values())


def is_change_log(path: str) -> bool:
    """Tell whether a path is that of a change log or of release notes; code and folders of such a name are not."""
    return re.search(CHANGE_LOG, path, re.IGNORECASE) is not None


def query_of(message: str) -> str:
    """Return the first line or sentence of a message without references and trailers."""
    subject = TRAILER.sub("", message).strip().partition("\n")[0]
    subject = " ".join(REFERENCE.sub(" ", subject).split())
    if len(subject) > LONGEST:
        subject = SENTENCE_END.split(subject)[0]
    return subject[:LONGEST].strip()


def names_a_file(query: str, paths: Iterable[str]) -> bool:
    """Tell whether a query has the name of one of the files, with its ending, or its module's as a word."""
    text = query.casefold()
    for path in paths:
        name = path.rsplit("/", 1)[-1].casefold()
        stem = name.split(".")[0].strip("_")
        if name in text or (len(stem) > 3 and re.search(rf"(?<!\w){re.escape(stem)}(?!\w)", text)):
            return True
    return False


def read_pairs(path: Path) -> list[Pair]:
    """Read `[{"query": …, "documents": [key, …]}, …]`; raise `UserError` for anything else."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        return [Pair(str(row["query"]), frozenset(map(str, row["documents"]))) for row in rows]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f'{path} has no pairs: it must be JSON like [{{"query": "…", "documents": ["path", …]}}]. ({error})'
        ) from error
