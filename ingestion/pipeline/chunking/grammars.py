"""Parsers of the languages whose syntax we know."""

import importlib
import threading
from collections.abc import Callable
from functools import cache

from tree_sitter import Language, Parser, Point, Tree

# Where a grammar comes from: a module, and the function in it.
GRAMMARS = {
    "c": ("tree_sitter_c", "language"),
    "cpp": ("tree_sitter_cpp", "language"),
    "csharp": ("tree_sitter_c_sharp", "language"),
    "go": ("tree_sitter_go", "language"),
    "java": ("tree_sitter_java", "language"),
    "javascript": ("tree_sitter_javascript", "language"),
    "php": ("tree_sitter_php", "language_php"),
    "python": ("tree_sitter_python", "language"),
    "ruby": ("tree_sitter_ruby", "language"),
    "rust": ("tree_sitter_rust", "language"),
    "tsx": ("tree_sitter_typescript", "language_tsx"),
    "typescript": ("tree_sitter_typescript", "language_typescript"),
}
READ_BYTES = 65_536
# Calls of the progress callback: real code takes 2 to 15 for a thousand bytes, and the worst garbage some 50. Counting
# them, unlike a time limit, gives the same pieces on every machine.
FREE_STEPS, STEPS_PER_KILOBYTE = 2_000, 20

_parsers = threading.local()


def grammar_of(language: str, path: str, data: bytes) -> str:
    """Return the name of the grammar for a file, empty when we have none."""
    if language == "javascript" and b"@flow" in data[:2000]:
        return "tsx"  # the types of Flow look like those of TypeScript
    if language == "typescript" and path.lower().endswith(".tsx"):
        return "tsx"
    if language == "c" and path.lower().endswith(".h"):
        return "cpp"  # a header may be of either, and the grammar of C++ takes both
    return language if language in GRAMMARS else ""


def parse(data: bytes, grammar: str) -> Tree | None:
    """Parse `data`; None when that would take unreasonably long."""
    limit = FREE_STEPS + STEPS_PER_KILOBYTE * len(data) // 1000
    steps = 0

    def read(offset: int, _: Point) -> bytes:
        return data[offset : offset + READ_BYTES]

    def give_up(_offset: int, _has_error: bool) -> bool:
        nonlocal steps
        steps += 1
        return steps > limit

    parser = _parser(grammar)
    try:
        return parser.parse(read, encoding="utf8", progress_callback=give_up)
    except ValueError:
        parser.reset()
        return None


def _parser(grammar: str) -> Parser:
    """Return this thread's parser: one cannot be shared between threads."""
    parsers: dict[str, Parser] = _parsers.__dict__
    if grammar not in parsers:
        parsers[grammar] = Parser(_language(grammar))
    return parsers[grammar]


@cache
def _language(grammar: str) -> Language:
    module, function = GRAMMARS[grammar]
    make: Callable[[], object] = getattr(importlib.import_module(module), function)
    return Language(make())
