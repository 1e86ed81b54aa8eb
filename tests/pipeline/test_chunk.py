import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.pipeline.chunk import Piece, chunk
from ingestion.pipeline.chunking.tokens import estimate_tokens

PATHS = [
    "a.c", "a.cpp", "a.cs", "a.go", "a.h", "a.java", "a.js", "a.md", "a.php", "a.py", "a.rb", "a.rs", "a.ts", "a.tsx",
    "a.kt", "a.txt", "a",
]  # fmt: skip
FRAGMENTS = [
    "def f(x):", "class A:", "@decorator", "# comment", "// comment", "/* comment", "*/",
    "function g() {", "}", "{", "};", "if (x) {", "} else {", "end", "module M",
    "func (s *S) F() error {", "impl T for S {", "fn f() {", "#[attr]", "<?php", "public class A {",
    "public void f() {", "# Heading", "## Heading ##", "Heading", "===", "---", "```", "~~~~", "- item",
    "x = 'a string'", '"""', "`", "é = '東京'", "return a + b * 12345", "", " ", "\t", "    ", "\x0c",
    "\ufeff", "\u2028", "\r",
]  # fmt: skip
lines = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "    ", "\t", "        "]),
    st.one_of(
        st.sampled_from(FRAGMENTS), st.text(max_size=80), st.sampled_from("ab é東;").map(lambda c: c * 300)
    ),
    st.sampled_from(["\n", "\n", "\n", "\r\n", "\n\n", "\r", ""]),
)
texts = st.lists(lines, max_size=60).map("".join)
paths = st.sampled_from(PATHS)
budgets = st.integers(8, 120)


@given(texts, paths, budgets)
@settings(deadline=None, max_examples=300)
def test_pieces_joined_are_the_text(text: str, path: str, max_tokens: int) -> None:
    assert "".join(piece.text for piece in chunk(text, path, max_tokens=max_tokens)) == text


@given(texts, paths, budgets)
@settings(deadline=None, max_examples=200)
def test_no_piece_is_over_the_budget(text: str, path: str, max_tokens: int) -> None:
    for piece in chunk(text, path, max_tokens=max_tokens):
        assert piece.tokens == estimate_tokens(piece.text) <= max_tokens


@given(texts, paths, budgets)
@settings(deadline=None, max_examples=200)
def test_line_numbers_are_where_the_piece_is(text: str, path: str, max_tokens: int) -> None:
    start = 0
    for ordinal, piece in enumerate(chunk(text, path, max_tokens=max_tokens)):
        end = start + len(piece.text)
        assert piece.ordinal == ordinal
        assert piece.first_line == text.count("\n", 0, start) + 1
        assert piece.last_line == text.count("\n", 0, end - 1) + 1
        start = end


@given(texts, paths, budgets)
@settings(deadline=None, max_examples=200)
def test_a_line_that_fits_is_never_cut(text: str, path: str, max_tokens: int) -> None:
    position = 0
    for piece in chunk(text, path, max_tokens=max_tokens)[:-1]:
        position += len(piece.text)
        if text[position - 1] != "\n":
            line = text[text.rfind("\n", 0, position) + 1 :].split("\n", 1)[0]
            assert estimate_tokens(line) > max_tokens


@given(texts, paths, budgets)
@settings(deadline=None, max_examples=200)
def test_no_piece_is_white_space_only_beside_others(text: str, path: str, max_tokens: int) -> None:
    pieces = chunk(text, path, max_tokens=max_tokens)
    assert len(pieces) <= 1 or all(piece.text.strip(" \t\r\n\f\v") for piece in pieces)


@given(texts, paths, budgets)
@settings(deadline=None, max_examples=50)
def test_the_same_text_gives_the_same_pieces_in_every_thread(text: str, path: str, max_tokens: int) -> None:
    def cut(_: int) -> list[Piece]:
        return chunk(text, path, max_tokens=max_tokens)

    with ThreadPoolExecutor(3) as pool:
        assert all(pieces == cut(0) for pieces in pool.map(cut, range(3)))


@given(st.text())
def test_the_estimate_of_a_text_is_that_of_its_parts(text: str) -> None:
    middle = len(text) // 2
    parts = estimate_tokens(text[:middle]) + estimate_tokens(text[middle:])
    assert parts - 1 <= estimate_tokens(text) <= parts


@pytest.mark.parametrize("path", PATHS)
def test_an_empty_text_has_no_pieces(path: str) -> None:
    assert chunk("", path, max_tokens=100) == []


@pytest.mark.parametrize("text", ["\n", " \n\t\n\r\n", "\n" * 5000])
def test_a_blank_text_is_one_piece(text: str) -> None:
    [piece] = chunk(text, "a.py", max_tokens=8)
    assert (piece.text, piece.tokens, piece.first_line, piece.last_line) == (text, 0, 1, text.count("\n"))


def test_a_budget_too_small_for_anything_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 8"):
        chunk("text", "a.txt", max_tokens=7)


def test_a_line_longer_than_the_budget_is_cut_after_separators() -> None:
    pieces = chunk("before\n" + "word " * 200 + "\nafter\n", "a.txt", max_tokens=50)
    inside = pieces[1:-1]
    assert len(inside) > 2
    assert {(piece.first_line, piece.last_line) for piece in inside} == {(2, 2)}
    assert all(re.fullmatch(r"(word )+\n?", piece.text) for piece in inside)


@pytest.mark.parametrize("path", ["a.js", "a.txt", "a.md"])
@pytest.mark.parametrize("line", ["x", "é", "東", "🙂", "f(a);", " " * 99 + "x"])
def test_one_enormous_line_is_cut_into_full_pieces(path: str, line: str) -> None:
    text = line * (400_000 // len(line))
    pieces = chunk(text, path, max_tokens=240)
    assert "".join(piece.text for piece in pieces) == text
    assert all(piece.first_line == piece.last_line == 1 for piece in pieces)
    assert min(piece.tokens for piece in pieces[:-1]) > 240 * 0.55


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", "(" * 20_000),
        ("a.py", "(\n" * 20_000),
        ("a.py", "".join(" " * depth + "if x:\n" for depth in range(400))),
        ("a.js", "{\n" * 20_000 + "}\n" * 20_000),
        ("a.js", "a(\n" * 5_000 + "b\n" + ")\n" * 5_000),
        ("a.ts", '"\n' * 20_000),
        ("a.java", "class A {\n" * 3_000),
        ("a.rb", "module A\n" * 3_000),
        ("a.c", "#if X\n" * 3_000),
        ("a.md", "# x\n" * 20_000),
        ("a.md", "> " * 20_000),
        ("a.go", "x + \n" * 20_000),
    ],
)
def test_deep_nesting_and_garbage_are_cut_like_anything_else(path: str, text: str) -> None:
    pieces = chunk(text, path, max_tokens=100)
    assert "".join(piece.text for piece in pieces) == text
    assert all(piece.tokens <= 100 and len(piece.heading) < 500 for piece in pieces)


def test_lone_surrogates_survive() -> None:
    text = "a = '\ud800'\n" * 50
    assert "".join(piece.text for piece in chunk(text, "a.py", max_tokens=20)) == text


def test_lone_carriage_returns_end_no_line() -> None:
    [piece] = chunk("a\rb\rc\nd", "a.txt", max_tokens=50)
    assert (piece.first_line, piece.last_line) == (1, 2)


def test_plain_text_is_cut_between_paragraphs() -> None:
    paragraph = "Some words of a paragraph\nthat goes on for a line or two.\n\n"
    pieces = chunk(paragraph * 30, "a.txt", max_tokens=60)
    assert len(pieces) > 3
    assert all(piece.text.replace(paragraph, "") == "" for piece in pieces)


def test_code_without_a_grammar_is_cut_where_something_begins_at_the_margin() -> None:
    function = "fun f(x: Int): Int {\n    val y = x + 1\n\n    return y * 2\n}\n\n"
    pieces = chunk(function * 30, "a.kt", max_tokens=60)
    assert len(pieces) > 3
    assert all(piece.text.replace(function, "") == "" for piece in pieces)


def test_the_rest_of_what_was_cut_is_not_tiny() -> None:
    text = "".join(f"line number {number} of a text that is a little too long\n" for number in range(20))
    budget = estimate_tokens(text) - 5
    pieces = chunk(text, "a.txt", max_tokens=budget)
    assert [piece.tokens >= budget * 0.15 for piece in pieces] == [True, True]
