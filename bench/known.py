"""Searches for something known, mined from code itself: a name, a file, a message, each in one file only.

What a change log says of a change are questions. People also type what they have before them: the name of a function
or the words of it, a file, an error message, and all that with a mistake. The answer is the one file that has it.
"""

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from search.evaluation.pairs import Pair

MOST = 20  # of each kind, history and half
FEWEST_WORDS = 4  # of a message or comment
DEFINITION = re.compile(r"^\s*(?:def|class)\s+(\w{6,})", re.MULTILINE)
TEXT = re.compile(r"""(?<![\w"'])[urb]?("(?:[^"\\\n]|\\.){12,100}"|'(?:[^'\\\n]|\\.){12,100}')""")
FILLED_IN = re.compile(r"%[^%\s]|[{\\]")  # where a message begins to be another each time
COMMENT = re.compile(r"#\s+([A-Za-z][^\n]{25,100})$", re.MULTILINE)
JOINT = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|_+")


def known_items(files: Mapping[str, str], *, is_dev: bool) -> dict[str, list[Pair]]:
    """Return queries for what one file alone has, by their kind, of one half; `files` are texts by path."""
    names = _owned((match[1], path) for path, text in files.items() for match in DEFINITION.finditer(text))
    names = {name: path for name, path in names.items() if not name.startswith("test")}
    messages = _owned(
        (FILLED_IN.split(match[1][1:-1])[0].strip(), path)
        for path, text in files.items()
        for match in TEXT.finditer(text)
    )
    comments = _owned(
        (match[1].strip(), path) for path, text in files.items() for match in COMMENT.finditer(text)
    )
    file_names = _owned((path.rpartition("/")[2], path) for path in files)
    found = {
        "identifier": names,
        "identifier, misspelt": {_misspelt(name): path for name, path in names.items() if len(name) > 7},
        "identifier, as words": {
            " ".join(JOINT.split(name)).strip().lower(): path for name, path in names.items()
        },
        "file": {name: path for name, path in file_names.items() if "." in name},
        "module": {
            path.removesuffix(".py").replace("/", "."): path
            for path in files
            if "/" in path and path.endswith(".py")
        },
        "message": _of_one_file(messages, files),
        "comment": _of_one_file(comments, files),
    }
    return {
        kind: _sample(
            pair for query, path in items.items() if (pair := Pair(query, frozenset([path]))).is_dev == is_dev
        )
        for kind, items in found.items()
    }


def _owned(items: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return what is in one path only, with it."""
    owners: dict[str, set[str]] = defaultdict(set)
    for item, path in items:
        owners[item].add(path)
    return {item: min(paths) for item, paths in owners.items() if len(paths) == 1}


def _of_one_file(items: Mapping[str, str], files: Mapping[str, str]) -> dict[str, str]:
    texts = [text.lower() for text in files.values()]
    return {
        item: path
        for item, path in items.items()
        if len(item.split()) >= FEWEST_WORDS and sum(item.lower() in text for text in texts) == 1
    }


def _misspelt(name: str) -> str:
    """Drop, double or swap a letter, always the same of a name."""
    chosen = random.Random(name)
    at = chosen.randrange(2, len(name) - 2)
    return chosen.choice(
        (
            name[:at] + name[at + 1 :],
            name[:at] + name[at] + name[at:],
            name[:at] + name[at + 1] + name[at] + name[at + 2 :],
        )
    )


def _sample(pairs: Iterable[Pair]) -> list[Pair]:
    found = sorted(pairs, key=lambda pair: pair.query)
    return random.Random(0).sample(found, min(MOST, len(found)))
