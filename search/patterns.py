"""RE2 patterns: compiled safely, and the texts without which they cannot match, by which an index finds candidates."""

import re
from dataclasses import dataclass
from typing import Any

import re2

from lightfast.lib.errors import UserError

LONGEST = 500  # characters
MEMORY = 16 << 20  # bytes, of a compiled pattern
SHORTEST = 3  # characters of a text that a trigram index can look up
COUNT = re.compile(r"\{(\d+)(?:,(\d*))?\}")
CLASS = re.compile(r"\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]", re.DOTALL)
GROUP = re.compile(r"\((?:\?(?:P?<\w+>|[a-zA-Z]*-?[a-zA-Z]*:))?")
FLAGS = re.compile(r"\(\?[a-zA-Z-]+\)")
ESCAPE = re.compile(r"\\(?:x\{[0-9a-fA-F]+\}|x[0-9a-fA-F]{2}|[pP]\{\^?\w+\}|[pP]\w|[0-7]{1,3}|.)", re.DOTALL)
QUOTED = re.compile(r"\\Q(.*?)(?:\\E|$)", re.DOTALL)


class WrongPattern(UserError):
    """A pattern that is none; `at` is where in it, from 0."""

    def __init__(self, says: str, pattern: str, at: int) -> None:
        super().__init__(says)
        self.pattern, self.at = pattern, at

    @property
    def before(self) -> str:
        """What of the pattern stands before the wrong place."""
        return self.pattern[: self.at]

    @property
    def rest(self) -> str:
        """The pattern from the wrong place on."""
        return self.pattern[self.at :]


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every one of the parts has to be there; with no parts, anything may match."""

    parts: tuple["Need", ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One of the parts at least has to be there."""

    parts: tuple["Need", ...]


Need = str | AllOf | AnyOf


def compile_pattern(pattern: str, *, literal: bool = False, case_sensitive: bool = True) -> Any:
    """Compile a pattern that matches within lines; raise `UserError` saying where it is wrong.

    RE2 never backtracks, so that no pattern can take longer than its text is long.
    """
    if len(pattern) > LONGEST:
        raise UserError(f"The pattern has {len(pattern)} characters; {LONGEST} are the most.")
    options = re2.Options()
    options.never_nl, options.literal, options.case_sensitive = True, literal, case_sensitive
    options.max_mem, options.log_errors = MEMORY, False
    try:
        # The flag m: ^ and $ are the ends of a line.
        return re2.compile(pattern if literal else f"(?m:{pattern})", options)
    except re2.error as error:
        raise _explained(pattern, error) from None


def _explained(pattern: str, error: Exception) -> WrongPattern:
    said = error.args[0].decode(errors="replace") if isinstance(error.args[0], bytes) else str(error)
    reason, _, part = said.partition(": ")
    part = part.removeprefix("(?m:")
    if reason == "missing )":
        at = pattern.rfind("(")
    elif reason == "unexpected )":
        at = pattern.rfind(")")
    else:
        at = pattern.find(part) if part else -1
    where = f" at character {at + 1}" if at >= 0 else ""
    shown = f": {part}" if part and len(part) < len(pattern) + 1 and at >= 0 else ""
    says = f"The pattern is wrong{where}: {reason}{shown}. Patterns are written in RE2 syntax."
    return WrongPattern(says, pattern, max(at, 0))


def needs(pattern: str) -> Need:
    """Return texts without which a pattern cannot match, whatever their case; what cannot be told is left out."""
    return _simplified(_Reader(pattern).alternatives())


class _Reader:
    """Reads a pattern from left to right. It errs on the side of needing less."""

    def __init__(self, pattern: str) -> None:
        self.pattern, self.at = pattern, 0

    def alternatives(self) -> Need:
        branches = [self.sequence()]
        while self.at < len(self.pattern) and self.pattern[self.at] == "|":
            self.at += 1
            branches.append(self.sequence())
        return branches[0] if len(branches) == 1 else AnyOf(tuple(branches))

    def sequence(self) -> Need:
        found: list[Need] = []
        run = ""
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            need = self.atom()
            least, once = self.repetition()
            if least == 0:
                need = AllOf()
            if isinstance(need, str) and need:
                run += need
                if once:
                    continue
                found.append(run)
                # What repeats ends a run, and may begin the next: in ab+c, ab and bc.
                run = need
            elif need != "":
                found += [run, need]
                run = ""
        return AllOf((*found, run))

    def atom(self) -> Need:
        """Read one thing: a text, a group, or something unknown; an empty text takes no room, as anchors do."""
        if match := FLAGS.match(self.pattern, self.at):
            self.at = match.end()
            return ""
        if match := GROUP.match(self.pattern, self.at):
            self.at = match.end()
            inside = self.alternatives()
            self.at += 1
            return AllOf((inside,))
        if match := CLASS.match(self.pattern, self.at):
            self.at = match.end()
            return AllOf()
        if match := QUOTED.match(self.pattern, self.at):
            self.at = match.end()
            return AllOf(tuple(re.split(r"[^\x20-\x7e]", match[1])))
        if match := ESCAPE.match(self.pattern, self.at):
            self.at = match.end()
            escaped = match[0][1:]
            if escaped in ("b", "B", "A", "z"):
                return ""
            return escaped if len(escaped) == 1 and not escaped.isalnum() and escaped.isascii() else AllOf()
        character = self.pattern[self.at]
        self.at += 1
        if character in "^$":
            return ""
        # The case of other letters is not known to every database's LIKE.
        return character if character != "." and " " <= character <= "~" else AllOf()

    def repetition(self) -> tuple[int, bool]:
        """Read what follows an atom; return how often it has to be there, and whether exactly once."""
        least, once = 1, True
        while self.at < len(self.pattern):
            character = self.pattern[self.at]
            if character in "*?":
                least, once = 0, False
            elif character == "+":
                once = False
            elif match := COUNT.match(self.pattern, self.at):
                least, once = min(least, int(match[1])), False
                self.at = match.end() - 1
            else:
                break
            self.at += 1
        return least, once


def _simplified(need: Need) -> Need:
    """Leave out texts too short to be looked up; one of several alternatives that needs nothing frees them all."""
    if isinstance(need, str):
        return need if len(need) >= SHORTEST else AllOf()
    parts = [_simplified(part) for part in need.parts]
    if isinstance(need, AnyOf):
        return AllOf() if AllOf() in parts else AnyOf(tuple(dict.fromkeys(parts)))
    flat: list[Need] = []
    for part in parts:
        flat += part.parts if isinstance(part, AllOf) else [part]
    kept = tuple(dict.fromkeys(flat))
    return kept[0] if len(kept) == 1 else AllOf(kept)
