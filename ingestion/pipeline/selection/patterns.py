"""Matching paths as git does with the lines of a .gitignore file."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

CACHED_FOLDERS = 50_000

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
    (re.compile(r".*\{.*,.*\}"), "has {…,…}, which this syntax does not know; write one pattern for each"),
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
    for regex, message in PROBLEMS:
        if regex.match(pattern):
            return message
    try:
        GitIgnoreSpecPattern(pattern)
    except (ValueError, re.error):
        return "cannot be read; see the documentation of .gitignore"
    return ""


class Rule(NamedTuple):
    """What a pattern says of a path it matches, and not merely of a folder above it."""

    regex: re.Pattern[str]
    slash: bool  # a folder is given to `regex` with a slash at its end
    matches: bool  # False for a pattern with `!`


def _compile(patterns: Sequence[str]) -> list[tuple[re.Pattern[str], bool]]:
    """Return the library's expressions, the last first; they take what is below a folder too."""
    compiled = [GitIgnoreSpecPattern(pattern) for pattern in reversed(patterns)]
    return [(pattern.regex, bool(pattern.include)) for pattern in compiled if pattern.regex is not None]


def _rule(regex: re.Pattern[str], matches: bool) -> Rule:
    """Narrow an expression to exactly the paths that the pattern names: what is below them follows a marked group."""
    source, marked = regex.pattern, bool(regex.groupindex)
    before = "" if source.startswith("^") else "(?s:.*?)"
    after = "" if marked else "(?s:.*)"
    return Rule(re.compile(f"{before}(?:{source}){after}"), marked, matches)


class IncludePatterns:
    """The last pattern that matches a path, or a folder above it, decides: `src/`, then `!src/generated/`."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._expressions = _compile(patterns)

    def match(self, path: str) -> bool:
        """Tell whether the file `path`, relative and with slashes, is matched."""
        return next((matches for regex, matches in self._expressions if regex.search(path)), False)


class IgnorePatterns:
    """As in a .gitignore file: a matched folder is matched with all below it, else the last pattern decides."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._rules = [_rule(regex, matches) for regex, matches in _compile(patterns)]
        self._folders: dict[str, bool] = {"": False}

    def match(self, path: str) -> bool:
        """Tell whether the file `path`, relative and with slashes, is matched."""
        return self._folder(path[: max(path.rfind("/"), 0)]) or self._one(path, folder=False)

    def _folder(self, path: str) -> bool:
        if (known := self._folders.get(path)) is not None:
            return known
        if len(self._folders) >= CACHED_FOLDERS:
            self._folders = {"": False}
        matched = self._folder(path[: max(path.rfind("/"), 0)]) or self._one(path, folder=True)
        self._folders[path] = matched
        return matched

    def _one(self, path: str, *, folder: bool) -> bool:
        for rule in self._rules:
            if rule.regex.fullmatch(f"{path}/" if folder and rule.slash else path):
                return rule.matches
        return False
