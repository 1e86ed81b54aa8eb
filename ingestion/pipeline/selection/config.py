"""Reading `lightfast.yml`, and telling people everything that is wrong with it at once."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from ingestion.pipeline.selection.document import CannotRead, compose
from ingestion.pipeline.selection.patterns import problem_of

# In the order they are looked for; the first there is counts, and the others are passed over.
CONFIG_NAMES = ("lightfast.yml", ".lightfast.yml", "lightfast.yaml", ".lightfast.yaml")
KEYS = ("version", "store", "include", "exclude")
STORE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
MOST_PATTERNS = 500  # of a list
TEXT, NUMBER = "tag:yaml.org,2002:str", "tag:yaml.org,2002:int"


@dataclass(frozen=True, slots=True)
class Config:
    """What a `lightfast.yml` says. An empty `include` includes everything."""

    name: str
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    store: str = "default"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: where (lines from 1), and what to do about it."""

    key: str
    line: int
    message: str


class ConfigError(Exception):
    """A configuration with problems."""

    def __init__(self, name: str, problems: list[Problem]) -> None:
        self.name, self.problems = name, problems
        super().__init__(
            "\n".join(f"{name}, line {p.line}, {p.key or 'file'}: {p.message}" for p in problems)
        )


def parse_config(data: bytes, name: str) -> Config:
    """Parse a configuration; raise `ConfigError` with every problem, its key and its line."""
    try:
        root = compose(data)
    except CannotRead as error:
        raise ConfigError(name, [Problem("", error.line, str(error))]) from error
    if root is not None and not isinstance(root, yaml.MappingNode):
        problem = Problem(
            "", _line(root), f"It must have keys ({', '.join(KEYS)}). Begin it with: version: 1"
        )
        raise ConfigError(name, [problem])
    values: dict[str, yaml.Node] = {}
    problems = list(_keys(root, values)) if root is not None else []
    problems += _version(values.get("version"), present="version" in {p.key for p in problems})
    problems += _store(values.get("store"))
    problems += _patterns("include", values.get("include"))
    problems += _patterns("exclude", values.get("exclude"))
    if problems:
        raise ConfigError(name, sorted(problems, key=lambda problem: problem.line))
    include, exclude, store = (values.get(key) for key in ("include", "exclude", "store"))
    return Config(name, _texts(include), _texts(exclude), store.value if store else "default")


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _keys(root: yaml.MappingNode, values: dict[str, yaml.Node]) -> Iterator[Problem]:
    """Yield what is wrong with the keys; put the nodes of the good ones into `values`."""
    lines: dict[str, int] = {}
    for node, value in root.value:
        key = node.value if isinstance(node, yaml.ScalarNode) else "?"
        if key not in KEYS:
            close = difflib.get_close_matches(key.lower(), KEYS, n=1)
            hint = f"Did you mean {close[0]}?" if close else f"The keys are {', '.join(KEYS)}."
            yield Problem(key, _line(node), f"There is no such key. {hint}")
        elif key in values:
            yield Problem(key, _line(node), f"It is in line {lines[key]} already. Keep one of them.")
        else:
            values[key], lines[key] = value, _line(node)


def _version(node: yaml.Node | None, *, present: bool) -> Iterator[Problem]:
    if node is None:
        if not present:
            yield Problem("version", 1, "It is missing. Write: version: 1")
    elif not isinstance(node, yaml.ScalarNode) or node.value != "1":
        yield Problem("version", _line(node), "The only version is 1. Write: version: 1")
    elif node.tag != NUMBER:
        yield Problem("version", _line(node), "It must be a number. Write it without quotes: version: 1")


def _store(node: yaml.Node | None) -> Iterator[Problem]:
    if node is not None and not (
        isinstance(node, yaml.ScalarNode) and node.tag == TEXT and STORE_NAME.fullmatch(node.value)
    ):
        message = (
            "Give a store's name: small letters, digits and hyphens, at most 60; in quotes if it is a number."
        )
        yield Problem("store", _line(node), message)


def _patterns(key: str, node: yaml.Node | None) -> Iterator[Problem]:
    if node is None:
        return
    if not isinstance(node, yaml.SequenceNode):
        yield Problem(key, _line(node), "It must be a list: one pattern a line, each after a hyphen.")
        return
    if not node.value:
        yield Problem(key, _line(node), "It is empty. List at least one pattern, or leave the key out.")
        return
    if len(node.value) > MOST_PATTERNS:
        message = (
            f"It has {len(node.value)} patterns; {MOST_PATTERNS} are the most. Name folders instead of files."
        )
        yield Problem(key, _line(node), message)
        return
    count = 0
    for item in node.value:
        problem = _pattern(item)
        count += bool(problem)
        if problem:
            yield Problem(key, _line(item), problem)
    if not count and all(item.value.startswith("!") for item in node.value):
        message = (
            "It has only patterns with !, which take away from what others match. Put another before them."
        )
        yield Problem(key, _line(node), message)


def _pattern(node: yaml.Node) -> str:
    """Return what is wrong with one item of a list; empty when nothing is."""
    if not isinstance(node, yaml.ScalarNode):
        return 'A pattern must be text, not a list or a mapping. Put it in quotes: "docs/".'
    if node.tag.startswith("!"):
        return f'Put a pattern that begins with ! in quotes: "{node.tag}".'
    if node.tag != TEXT:
        shown = node.value or "…"
        return f'A pattern must be text. Put it in quotes, also one that begins with #: "{shown}".'
    problem = problem_of(node.value)
    return f'"{node.value}" {problem}.' if problem else ""


def _texts(node: yaml.Node | None) -> tuple[str, ...]:
    return tuple(item.value for item in node.value) if node is not None else ()
