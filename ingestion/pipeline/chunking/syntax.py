"""Outlining code by its syntax."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from tree_sitter import Node, Tree

from ingestion.pipeline.chunking.layout import BAD, BAD_LEVEL, LEVEL, NO_CUT, Layout, Outline
from ingestion.pipeline.chunking.names import join
from ingestion.pipeline.chunking.symbols import definition

MAX_SYNTAX_BYTES = 1_048_576
MAX_LINE_AVERAGE = 250  # bytes; of longer ones, pieces of whole lines have nothing to gain from syntax
MAX_PATH = 8

# What belongs to the definition after it, when no blank line comes between.
LEADING = {"comment", "line_comment", "block_comment", "decorator", "attribute_item"}


class Open(NamedTuple):
    """A node whose children are still to be looked at. `line` is where what it begins with begins: a decorator, say."""

    node: Node
    line: int
    level: int
    path: tuple[str, ...]


class Child(NamedTuple):
    """A child of a node, its lines, and whether it is the first thing on a line."""

    node: Node
    first: int
    last: int
    begins_line: bool


def outline_syntax(layout: Layout, tree: Tree, grammar: str, budget: int) -> Outline:
    """Allow cuts between the children of every node that is larger than the budget, outer ones first.

    Only such nodes are entered, so most of the tree is never seen from Python.
    """
    walk = _Walk(layout, grammar, budget)
    waiting = [Open(tree.root_node, -1, 1, ())]
    while waiting:
        waiting.extend(walk.enter(waiting.pop()))
    return walk.outline


class _Walk:
    def __init__(self, layout: Layout, grammar: str, budget: int) -> None:
        self.layout, self.grammar, self.budget = layout, grammar, budget
        self.after_blank = layout.after_blank()
        self.outline = Outline(np.full(layout.lines, NO_CUT, dtype=np.uint8))

    def enter(self, parent: Open) -> list[Open]:
        """Note where the children of a node begin and what they define; return those too large for a piece."""
        too_large: list[Open] = []
        unit: list[Open] = []  # the children of more than one line since the last cut
        unit_line = group_line = end = parent.line
        leading, in_head = False, parent.line >= 0
        for child in self._children(parent):
            attached = child.begins_line and leading and not self.after_blank[child.first]
            leading = (child.begins_line or leading) and child.node.type in LEADING
            found = None if leading else self._definition(child.node)
            node, path = child.node, parent.path
            if child.begins_line:
                # Between a comment and what it is about, after the head of a block, before what closes it.
                self._allow_cut(child.first, parent.level, bad=attached or in_head or not node.is_named)
                group_line = group_line if attached else child.first
                # The head of a definition and its body are one, but that is no reason to cut what the body defines.
                if not in_head or found:
                    too_large += self._if_too_large(unit, unit_line, child.first)
                    unit, unit_line = [], child.first
                in_head = False
            if found:
                node, path = found[1], (*path, found[0])[:MAX_PATH]
                self.outline.sections.append((group_line, child.last + 1, join(path)))
            if child.last > child.first:
                unit.append(Open(node, child.first if unit else unit_line, parent.level + 1, path))
            end = max(end, child.last)
        return too_large + self._if_too_large(unit, unit_line, end + 1)

    def _children(self, parent: Open) -> Iterator[Child]:
        layout, starts = self.layout, self.layout.starts
        last = layout.line_of(parent.node.start_byte) if parent.line >= 0 else -1
        for node in parent.node.children:
            start, end = node.start_byte, node.end_byte
            first = layout.line_of(start) if last < 0 or start >= starts[last + 1] else last
            begins_line = first > last
            last = max(last, first if end <= starts[first + 1] else layout.line_of(end - 1))
            yield Child(node, first, last, begins_line)

    def _definition(self, node: Node) -> tuple[str, Node] | None:
        return definition(node, self.grammar, self.layout.data) if node.is_named else None

    def _allow_cut(self, line: int, level: int, *, bad: bool) -> None:
        if self.outline.penalties[line] == NO_CUT:
            nuance = 0 if self.after_blank[line] else 1
            self.outline.penalties[line] = BAD if bad else (min(level, BAD_LEVEL - 1) << LEVEL) + nuance

    def _if_too_large(self, unit: list[Open], first: int, end: int) -> list[Open]:
        return unit if unit and self.layout.cost(first, end) > self.budget else []
