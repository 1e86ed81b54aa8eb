"""Lines that match, and where in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.exact import LineMatch, lines_of
from search.lines import CONTEXT, MOST_LINES, groups
from search.patterns import compile_pattern

PATTERNS = ["a", "^", "$", "ab|b", "é+", "x*", "(?i)A", "[^a]", "a*$", "^a?", r"\b", ".", "日b"]
texts = st.text(alphabet="ab\né日x \r", max_size=40)


def line_by_line(text: str, pattern: str) -> list[LineMatch]:
    """Match each line by itself, without what is empty beside a match."""
    compiled, found = compile_pattern(pattern), []
    for number, line in enumerate(text.removesuffix("\n").split("\n") if text else [""], 1):
        spans: list[tuple[int, int]] = []
        for match in compiled.finditer(line):
            if not spans or match.end() > match.start():
                spans.append(match.span())
        if spans:
            found.append(LineMatch(number, tuple(spans)))
    return found


@given(texts, st.sampled_from(PATTERNS))
def test_a_text_matches_as_its_lines_do(text: str, pattern: str) -> None:
    assert list(lines_of(text, compile_pattern(pattern))) == line_by_line(text, pattern)


def test_a_match_that_cuts_a_character_moves_nothing_after_it() -> None:
    [match] = lines_of("éa", compile_pattern(r"\C"))
    assert match.spans == ((0, 1), (1, 1), (1, 2))


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ([], []),
        ([1], [[1]]),
        ([1, 2 * CONTEXT + 1], [[1, 2 * CONTEXT + 1]]),
        ([1, 2 * CONTEXT + 2], [[1], [2 * CONTEXT + 2]]),
        (list(range(1, MOST_LINES + 2)), [list(range(1, MOST_LINES + 1)), [MOST_LINES + 1]]),
    ],
)
def test_lines_near_one_another_are_shown_together(numbers: list[int], expected: list[list[int]]) -> None:
    found = groups(LineMatch(number, ()) for number in numbers)
    assert [[match.line for match in group] for group in found] == expected
