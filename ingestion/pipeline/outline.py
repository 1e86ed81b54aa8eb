"""Where the parts of a text begin, and what they are called: symbols of code, headings of Markdown."""

import re
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib import import_module
from typing import NamedTuple

from tree_sitter import Language, Node, Parser


class Mark(NamedTuple):
    """A line, counted from 0, where a piece may begin, and the heading path of what begins there."""

    line: int
    heading: str


TooLarge = Callable[[int, int], bool]  # of lines first (included) to last (not included)

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

# Nodes that name a part, over all the grammars; the names hang on the field given.
DEFINITIONS = {
    "name": """
        class_definition function_definition class_declaration function_declaration generator_function_declaration
        method_definition method_declaration interface_declaration enum_declaration type_alias_declaration
        abstract_class_declaration internal_module module trait_declaration namespace_definition
        namespace_declaration file_scoped_namespace_declaration struct_declaration record_declaration
        constructor_declaration property_declaration delegate_declaration annotation_type_declaration
        class method singleton_method function_item struct_item enum_item trait_item mod_item type_item
        macro_definition const_item static_item type_spec class_specifier struct_specifier enum_specifier
        union_specifier namespace_alias_definition variable_declarator
    """,
    "type": "impl_item",
}
NAME_FIELDS = {kind: field for field, kinds in DEFINITIONS.items() for kind in kinds.split()}

# Nodes that only wrap a definition.
WRAPPERS = frozenset(
    "decorated_definition export_statement lexical_declaration variable_declaration type_declaration "
    "template_declaration declaration const_declaration ambient_declaration".split()
)
LEADING = frozenset("comment line_comment block_comment decorator attribute_item attribute_list".split())
DEEPEST = 40

_local = threading.local()


@cache
def _language(name: str) -> Language:
    module, function = GRAMMARS[name]
    return Language(getattr(import_module(module), function)())


def _parser(name: str) -> Parser:
    """Return this thread's parser: one must not be used by two threads at once."""
    parsers: dict[str, Parser] = _local.__dict__.setdefault("parsers", {})
    if name not in parsers:
        parsers[name] = Parser(_language(name))
    return parsers[name]


def symbols(text: str, language: str, too_large: TooLarge) -> list[Mark]:
    """Return where the definitions and statements of code begin; only those too large are looked into."""
    if language not in GRAMMARS:
        return []
    tree = _parser(language).parse(text.encode("utf-8", "replace"))
    marks: dict[int, str] = {}
    for mark in _walk(tree.root_node, (), too_large, 0):
        if not marks.get(mark.line):
            marks[mark.line] = mark.heading
    return [Mark(line, heading) for line, heading in marks.items()]


def _walk(node: Node, path: tuple[str, ...], too_large: TooLarge, depth: int) -> Iterator[Mark]:
    leading: Node | None = None
    last_row = -1
    for child in node.children:
        if child.type in LEADING:
            if leading is None or child.start_point.row > last_row + 1:
                leading = child
                yield Mark(child.start_point.row, " > ".join(path))
            last_row = child.end_point.row
            continue
        follows = leading is not None and child.start_point.row <= last_row + 1
        start = leading.start_point.row if follows and leading is not None else child.start_point.row
        leading = None
        name = _name(child)
        inside = (*path, name) if name else path
        yield Mark(start, " > ".join(inside)) if name or not follows else Mark(start, "")
        if depth < DEEPEST and child.child_count and too_large(start, child.end_point.row + 1):
            yield from _walk(child, inside, too_large, depth + 1)


def _name(node: Node) -> str:
    """Return what a definition defines, or an empty string for any other node."""
    field = NAME_FIELDS.get(node.type)
    if field is not None:
        found = node.child_by_field_name(field) or node.child_by_field_name("declarator")
        return _identifier(found)
    if node.type in WRAPPERS:
        inner = node.child_by_field_name("definition") or node.child_by_field_name("declaration")
        candidates = [inner] if inner is not None else node.named_children
        return next((name for name in map(_name, candidates) if name), "")
    return ""


def _identifier(node: Node | None) -> str:
    """Return the identifier that a declarator comes down to."""
    while node is not None and (inner := node.child_by_field_name("declarator")) is not None:
        node = inner
    if node is None or node.text is None or node.end_point.row > node.start_point.row:
        return ""
    return node.text.decode(errors="replace")[:200]


ATX = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
SETEXT = re.compile(r" {0,3}(=+|-+)[ \t]*$")


def headings(lines: Sequence[str]) -> list[Mark]:
    """Return where the sections of a Markdown text begin, with the path of headings; fenced code has none."""
    marks, stack, fence = [], [], ""  # type: list[Mark], list[tuple[int, str]], str
    for number, line in enumerate(lines):
        bare = line.rstrip("\r\n")
        if opened := FENCE.match(bare):
            run = opened[1]
            if not fence:
                fence = run
            elif run[0] == fence[0] and len(run) >= len(fence) and not bare.strip().strip(run[0]):
                fence = ""
            continue
        if fence:
            continue
        if atx := ATX.match(bare):
            level, title, start = len(atx[1]), atx[2] or "", number
        elif number and (setext := SETEXT.match(bare)) and _is_title(lines[number - 1]):
            level, title, start = (1 if setext[1][0] == "=" else 2), lines[number - 1].strip(), number - 1
        else:
            continue
        stack = [(depth, name) for depth, name in stack if depth < level] + [(level, title)]
        marks.append(Mark(start, " > ".join(name for _, name in stack if name)[:500]))
    return marks


def _is_title(line: str) -> bool:
    bare = line.strip()
    return bool(bare) and not bare.startswith(("#", ">", "- ", "* ", "|", "```")) and not SETEXT.match(line)
