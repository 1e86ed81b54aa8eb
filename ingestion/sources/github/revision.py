"""Revisions: the commit, and how far each kind of conversation has come."""

from dataclasses import dataclass, field
from typing import Self

NOTHING = "-"


@dataclass(frozen=True, slots=True)
class Revision:
    """A state of a repository: `commit` (empty without any), and a mark for each kind besides files."""

    commit: str
    marks: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        marks = [f"{kind}={mark}" for kind, mark in sorted(self.marks.items())]
        return " ".join([self.commit or NOTHING, *marks]) if marks else self.commit

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str` has written; anything else is a state of nothing."""
        commit, *marks = text.split(" ")
        pairs = (mark.partition("=") for mark in marks)
        return cls("" if commit == NOTHING else commit, {kind: value for kind, _, value in pairs})
