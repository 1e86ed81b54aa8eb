import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingestion.pipeline.chunk import Piece, chunk
from ingestion.pipeline.chunking.tokens import estimate_tokens
from tests.pipeline.syntax import EXAMPLES, filled


def piece_with(pieces: list[Piece], needle: str) -> Piece:
    [piece] = [piece for piece in pieces if needle in piece.text]
    return piece


@pytest.mark.parametrize("path", EXAMPLES)
def test_a_piece_is_named_after_the_definition_in_it(path: str) -> None:
    text, one, two = EXAMPLES[path]
    pieces = chunk(filled(path, text, 12), path, max_tokens=100)
    assert piece_with(pieces, "needle_one").heading == one
    assert piece_with(pieces, "needle_two").heading == two


@pytest.mark.parametrize("path", EXAMPLES)
def test_what_continues_a_definition_has_its_name(path: str) -> None:
    text, one, _ = EXAMPLES[path]
    pieces = chunk(filled(path, text, 40), path, max_tokens=100)
    at = pieces.index(piece_with(pieces, "needle_one"))
    assert [piece.heading for piece in pieces[at : at + 2]] == [one, one]


@pytest.mark.parametrize("path", EXAMPLES)
def test_a_definition_within_the_budget_is_never_cut(path: str) -> None:
    text, _, _ = EXAMPLES[path]
    source = filled(path, text, 12)
    for max_tokens in (150, 180, 220):
        pieces = chunk(source, path, max_tokens=max_tokens)
        piece = piece_with(pieces, "needle_one")
        assert piece.text.count("value = compute") >= 12
        for other in pieces:
            assert other.text.count("value = compute") % 12 == 0


def function(number: int, size: int, style: int) -> str:
    leading = ["", "# What it does.\n# And why.\n", "@decorator\n@other(1)\n"][style]
    return f"{leading}def function_{number}(a, b):\n" + "".join(
        f"    variable_{line} = call(a, {line})\n" for line in range(size)
    )


@given(
    st.lists(st.tuples(st.integers(1, 30), st.integers(0, 2)), min_size=1, max_size=15), st.integers(80, 300)
)
@example([(1, 0), (15, 1)], 201)
@settings(deadline=None, max_examples=100)
def test_functions_within_the_budget_stay_whole_with_what_leads_them(
    shapes: list[tuple[int, int]], max_tokens: int
) -> None:
    functions = [function(number, size, style) for number, (size, style) in enumerate(shapes)]
    pieces = chunk("\n\n".join(functions), "a.py", max_tokens=max_tokens)
    for source in functions:
        if estimate_tokens(source) <= max_tokens:
            assert any(source in piece.text for piece in pieces)


def test_small_definitions_share_a_piece() -> None:
    pieces = chunk("\n\n".join(function(number, 2, 0) for number in range(20)), "a.py", max_tokens=240)
    assert len(pieces) < 6
    assert all(piece.tokens > 150 for piece in pieces[:-1])


def test_the_head_of_a_definition_stays_with_its_body() -> None:
    body = "".join(f"    variable_{line} = call(a, {line})\n" for line in range(40))
    text = function(0, 8, 0) + "\n\n@decorator\ndef long(\n    a,\n):\n" + body
    for max_tokens in range(120, 300, 20):
        pieces = chunk(text, "a.py", max_tokens=max_tokens)
        assert "variable_0 = call(a, 0)\n    variable_1" in piece_with(pieces, "def long").text


def test_imports_alone_have_no_name() -> None:
    imports = "".join(f"import module_{number}\n" for number in range(60))
    pieces = chunk(imports + "\n\n" + function(0, 20, 0), "a.py", max_tokens=150)
    assert pieces[0].heading == ""
    assert pieces[-1].heading == "def function_0"


@pytest.mark.parametrize("path", EXAMPLES)
def test_broken_syntax_loses_nothing(path: str) -> None:
    source = filled(path, EXAMPLES[path][0], 12)
    for broken in (
        source[: len(source) // 2],
        source.replace("{", "", 1),
        "<<<<<<< HEAD\n" + source,
        source[::-1],
    ):
        assert "".join(piece.text for piece in chunk(broken, path, max_tokens=100)) == broken


def test_windows_line_endings_and_characters_beyond_ascii_change_no_cut() -> None:
    source = filled("a.py", EXAMPLES["a.py"][0], 12)
    lines = [(piece.first_line, piece.last_line) for piece in chunk(source, "a.py", max_tokens=100)]
    other = source.replace("\n", "\r\n").replace("Words", "ÄÖ")
    assert [(piece.first_line, piece.last_line) for piece in chunk(other, "a.py", max_tokens=100)] == lines


def test_flow_types_are_understood() -> None:
    text = (
        "/** @flow strict */\nconst Easing = {\n  ease(t: number): number {\n"
        + "    call(t);\n" * 30
        + "  },\n};\n"
    )
    assert chunk(text, "a.js", max_tokens=80)[1].heading == "object Easing > method ease"
