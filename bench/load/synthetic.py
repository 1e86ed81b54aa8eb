"""Text that looks like code to an index: lines of real files, and names that are as unevenly frequent as names are."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import exp, log
from pathlib import Path

from bench.setting import git
from ingestion.pipeline.select import Selector

BLOCK = 5  # lines of a file that stay together
BLOCKS = 3  # of a chunk
NAMES = 300_000
AREAS = ("billing", "search", "accounts", "ingest", "storage", "web", "queue", "reports")
SUFFIXES = {".py": "Python", ".go": "Go", ".ts": "TypeScript", ".rs": "Rust", ".md": "Markdown"}


@dataclass(frozen=True, slots=True)
class SyntheticDocument:
    """A file with the texts of its chunks."""

    key: str
    language: str
    chunks: list[str]


class Corpus:
    """Draws documents from the files of a repository; the same seed gives the same documents."""

    def __init__(self, path: Path, seed: int = 1) -> None:
        self._chance = random.Random(seed)
        self._blocks = _blocks(path)
        words = {word for block in self._blocks for word in re.findall(r"\b[a-z]{4,12}\b", block)}
        self._words = sorted(words)
        self._number = 0

    def name(self) -> str:
        """Return a name of two words; the n-th most frequent one is an n-th as frequent as the first (Zipf)."""
        rank = int(exp(self._chance.random() * log(NAMES)))
        one = self._words[rank % len(self._words)]
        return f"{one}_{self._words[rank * 7919 % len(self._words)]}"

    def chunk(self) -> str:
        """Return a text about as long as a chunk."""
        lines = [f"def {self.name()}({self.name()}, {self.name()}):"]
        for _ in range(BLOCKS):
            lines += [self._chance.choice(self._blocks), f"    {self.name()} = {self.name()}({self.name()})"]
        return "\n".join([*lines, ""])

    def documents(self, chunks: int) -> Iterator[SyntheticDocument]:
        """Yield documents until they have so many chunks, from one to twenty each."""
        while chunks > 0:
            suffix = self._chance.choice(list(SUFFIXES))
            number = min(chunks, self._chance.randint(1, 20))
            self._number += 1
            area = self._chance.choice(AREAS)
            key = f"{area}/{self._chance.choice(self._words)}/{self.name()}_{self._number}{suffix}"
            yield SyntheticDocument(key, SUFFIXES[suffix], [self.chunk() for _ in range(number)])
            chunks -= number


def _blocks(path: Path) -> list[str]:
    """Return every few lines of the files that would be indexed."""
    selector, found = Selector(), []
    for name in git(path, "ls-files", "-z").decode(errors="replace").split("\0")[:-1]:
        file = path / name
        if not file.is_file() or selector.decide(name, file.stat().st_size) is not None:
            continue
        lines = file.read_text(encoding="utf-8", errors="replace").replace("\0", "").split("\n")
        lines = [line[:120] for line in lines if line.strip()]
        found += ["\n".join(lines[at : at + BLOCK]) for at in range(0, len(lines), BLOCK)]
    return found
