"""Matching paths as git does with the lines of a .gitignore file."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import re2
from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

CACHED_FOLDERS = 10_000  # files come folder by folder; names may be of 4 KB each
LONGEST = 500  # characters of a pattern
MOST_STARS = 20  # of a pattern

# What is wrong with a pattern, first match first, and what to do about it. The last three are patterns that the
# library reads otherwise than git.
PROBLEMS = (
    (re.compile(r"\s*$"), "is empty; remove it, or write a path such as src/"),
    (re.compile(r"[^\x00-\x1f\x7f]*[\x00-\x1f\x7f]"), "has a control character in it; remove that"),
    (re.compile(r"#"), 'is a comment in this syntax; write "\\#" for a name that begins with #'),
    (re.compile(r"!?/?$"), "names nothing; write a path such as src/"),
    (
        re.compile(r"!?\.?\./|.*/\.?\.(/|$)|!?\.\.?$"),
        'has "." or ".." in it; begin paths at the top of the repository',
    ),
    (re.compile(r"!?[A-Za-z]:[\\/]"), "begins with a drive; begin paths at the top of the repository"),
    (re.compile(r".*\\([A-Za-z0-9]|$)"), "has a backslash; put / between folders"),
    (re.compile(r".*//"), "has two slashes together, and so matches nothing; write one"),
    (
        re.compile(r"[^{]*\{[^,]*,.*\}"),
        "has {…,…}, which this syntax does not know; write one pattern for each",
    ),
    (
        re.compile(r"(?:[^\[\\]|\\.|\[[!^]?+\]?+[^]/\[\\]*\])*+\[|.*\[[^]]*(?:--|&&|\|\||~~)"),
        'has a "[" that begins no plain list of characters; write [abc], or "\\[" for the character',
    ),
    (
        re.compile(r"!?+(?:.*\*\*(?!/|$)|.*[^/]\*\*)"),
        "has ** next to something else; write it between slashes only",
    ),
    (re.compile(r"!?(?:.+/)?\*\*/$"), "ends with **/; leave out the last slash"),
)


def problem_of(pattern: str) -> str:
    """Return what is wrong with a pattern and what to do; empty when nothing is."""
    if len(pattern) > LONGEST or pattern.count("*") > MOST_STARS:
        return f"is too long; {LONGEST} characters and {MOST_STARS} asterisks are the most"
    for regex, message in PROBLEMS:
        if regex.match(pattern):
            return message
    try:
        for compiled in _compile([pattern]):
            compiled.regex()
    except (ValueError, re.error, re2.error):
        return "cannot be read; see the documentation of .gitignore"
    return ""


class Rule(NamedTuple):
    """What a pattern says of a path it matches, and not merely of a folder above it."""

    regex: Any
    slash: bool  # a folder is given to `regex` with a slash at its end
    matches: bool  # False for a pattern with `!`


class Compiled(NamedTuple):
    """A pattern as the library writes it; it takes what is below a folder too."""

    source: str
    marked: bool  # a group tells where the name of a folder ends
    matches: bool  # False for a pattern with `!`

    def regex(self, before: str = "", after: str = "") -> Any:
        """Compile it for the bytes of paths; RE2 never backtracks, whatever others have written."""
        options = re2.Options()
        options.never_capture, options.log_errors = True, False
        return re2.compile(f"{before}(?:{self.source}){after}".encode(), options)

    def rule(self) -> Rule:
        """Narrow it to exactly the paths that the pattern names: what is below them follows a marked group."""
        before = "" if self.source.startswith("^") else "(?s:.*?)"
        after = "" if self.marked else "(?s:.*)"
        return Rule(self.regex(before, after), self.marked, self.matches)


def _compile(patterns: Sequence[str]) -> list[Compiled]:
    """Return what the library makes of patterns, the last first."""
    found = [GitIgnoreSpecPattern(pattern) for pattern in reversed(patterns)]
    return [
        Compiled(pattern.regex.pattern, bool(pattern.regex.groupindex), bool(pattern.include))
        for pattern in found
        if pattern.regex is not None
    ]


class IncludePatterns:
    """The last pattern that matches a path, or a folder above it, decides: `src/`, then `!src/generated/`."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._expressions = [(pattern.regex(), pattern.matches) for pattern in _compile(patterns)]

    def match(self, path: str) -> bool:
        """Tell whether the file `path`, relative and with slashes, is matched."""
        name = path.encode()
        return next((matches for regex, matches in self._expressions if regex.search(name)), False)


class IgnorePatterns:
    """As in a .gitignore file: a matched folder is matched with all below it, else the last pattern decides."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._rules = [pattern.rule() for pattern in _compile(patterns)]
        self._folders: dict[str, bool] = {"": False}

    def match(self, path: str) -> bool:
        """Tell whether the file `path`, relative and with slashes, is matched."""
        return self._folder(path[: max(path.rfind("/"), 0)]) or self._one(path, folder=False)

    def _folder(self, path: str) -> bool:
        if len(self._folders) >= CACHED_FOLDERS:
            self._folders = {"": False}
        waiting = []  # no recursion: there may be thousands of folders in each other
        while path not in self._folders:
            waiting.append(path)
            path = path[: max(path.rfind("/"), 0)]
        matched = self._folders[path]
        for folder in reversed(waiting):
            matched = matched or self._one(folder, folder=True)
            self._folders[folder] = matched
        return matched

    def _one(self, path: str, *, folder: bool) -> bool:
        name = path.encode()
        for rule in self._rules:
            if rule.regex.fullmatch(name + b"/" if folder and rule.slash else name):
                return rule.matches
        return False
