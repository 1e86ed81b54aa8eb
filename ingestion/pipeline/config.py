"""Reading `lightfast.yml`, and telling people everything that is wrong with it at once."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml
from pathspec import GitIgnoreSpec

CONFIG_NAMES = ("lightfast.yml", ".lightfast.yml", "lightfast.yaml", ".lightfast.yaml")
KEYS = ("version", "store", "include", "exclude")
LARGEST = 65_536  # bytes
STORE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


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
        super().__init__("\n".join(f"{name}, line {p.line}, {p.key or 'file'}: {p.message}" for p in problems))


def parse_config(data: bytes, name: str) -> Config:
    """Parse a configuration; raise `ConfigError` with every problem, its key and its line."""
    root = _compose(data, name)
    if not isinstance(root, yaml.MappingNode):
        raise ConfigError(name, [Problem("", 1, "It must be a mapping that begins with: version: 1")])
    values: dict[str, yaml.Node] = {}
    problems: list[Problem] = []
    for key_node, value in root.value:
        key, line = str(key_node.value), key_node.start_mark.line + 1
        if key not in KEYS:
            close = difflib.get_close_matches(key, KEYS, 1)
            hint = f"Did you mean {close[0]}?" if close else f"Known keys are {', '.join(KEYS)}."
            problems.append(Problem(key, line, f"There is no such key. {hint}"))
        elif key in values:
            problems.append(Problem(key, line, "It stands twice. Remove one."))
        else:
            values[key] = value
    problems += _version(values.get("version"))
    problems += _store(values.get("store"))
    for key in ("include", "exclude"):
        problems += _patterns(key, values.get(key))
    if problems:
        raise ConfigError(name, sorted(problems, key=lambda problem: problem.line))
    store = values.get("store")
    return Config(name, _strings(values, "include"), _strings(values, "exclude"), store.value if store else "default")


def _compose(data: bytes, name: str) -> yaml.Node | None:
    if len(data) > LARGEST:
        raise ConfigError(name, [Problem("", 1, "It is larger than 64 KB. List folders instead of files.")])
    try:
        text = data.decode("utf-8-sig")
        for event in yaml.parse(text, yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                line = event.start_mark.line + 1 if event.start_mark else 1
                raise ConfigError(name, [Problem("", line, "Anchors and aliases cannot be used. Write the value out.")])
        return yaml.compose(text, yaml.SafeLoader)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(name, [Problem("", line, "It is not UTF-8. Save it as UTF-8.")]) from error
    except RecursionError as error:
        raise ConfigError(name, [Problem("", 1, "It is nested too deeply. Each key takes a value or a list.")]) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise ConfigError(name, [Problem("", line, f"It is not YAML: {error.problem}.")]) from error
    except yaml.YAMLError as error:
        raise ConfigError(name, [Problem("", 1, f"It is not YAML: {error}.")]) from error


def _version(node: yaml.Node | None) -> Iterator[Problem]:
    if node is None:
        yield Problem("version", 1, "It is missing. Write: version: 1")
    elif node.value != "1" or not isinstance(node, yaml.ScalarNode):
        yield Problem("version", node.start_mark.line + 1, "The only version is 1. Write: version: 1")


def _store(node: yaml.Node | None) -> Iterator[Problem]:
    if node is not None and not (isinstance(node, yaml.ScalarNode) and STORE_NAME.fullmatch(node.value)):
        yield Problem("store", node.start_mark.line + 1, "Give a store's name: small letters, digits and hyphens.")


def _patterns(key: str, node: yaml.Node | None) -> Iterator[Problem]:
    if node is None:
        return
    line = node.start_mark.line + 1
    if not isinstance(node, yaml.SequenceNode):
        yield Problem(key, line, "It must be a list of patterns, each on a line of its own after a hyphen.")
        return
    if not node.value:
        yield Problem(key, line, "It is empty. List at least one pattern, or leave the key out.")
    for item in node.value:
        line = item.start_mark.line + 1
        if not isinstance(item, yaml.ScalarNode) or item.tag != "tag:yaml.org,2002:str" or not item.value.strip():
            yield Problem(key, line, 'A pattern must be text. Put it in quotes, such as "docs/**".')
            continue
        try:
            GitIgnoreSpec.from_lines([item.value])
        except ValueError as error:
            yield Problem(key, line, f"{item.value!r} is not a pattern that .gitignore would take: {error}")


def _strings(values: dict[str, yaml.Node], key: str) -> tuple[str, ...]:
    node = values.get(key)
    return tuple(item.value for item in node.value) if node is not None else ()
