"""A long text is shown some lines at a time."""

from hypothesis import given
from hypothesis import strategies as st

from search import windows
from search.windows import LINES, Window, numbered, split_lines, window_around, window_at

LONG = [f"line {number}" for number in range(1, 2_001)]


def numbers(window: Window) -> list[int]:
    return [line.number for line in window.lines]


def chosen(window: Window) -> list[int]:
    return [line.number for line in window.lines if line.chosen]


@given(st.integers(1, 40), st.integers(0, 3))
def test_windows_one_after_another_show_every_line_once(count: int, width: int) -> None:
    lines = ["x" * (width * 10_000)] * count
    shown: list[int] = []
    first: int | None = 1
    while first is not None:
        window = window_at(lines, "", first)
        shown += numbers(window)
        first = window.next
    assert shown == list(range(1, count + 1))


def test_a_window_ends_after_so_many_lines() -> None:
    window = window_at(LONG, "", 1)
    assert (window.first, window.last, window.next, window.previous) == (1, LINES, LINES + 1, None)
    assert window_at(LONG, "", LINES + 1).previous == 1
    assert window_at(LONG, "", 1_900).next is None


def test_the_lines_that_were_asked_for_are_in_the_window() -> None:
    window = window_around(LONG, "", (1_200, 1_210))
    assert chosen(window) == list(range(1_200, 1_211))
    assert window.first == 1_200 - windows.ABOVE
    assert window_around(LONG, "", (20, 30)).first == 1


def test_lines_beyond_the_end_show_the_end() -> None:
    assert numbers(window_around(["only"], "", (50, 60))) == [1]
    assert numbers(window_at(["only"], "", 9_999)) == [1]


def test_what_is_not_shown_of_a_long_line_is_counted() -> None:
    [line] = window_at(["x" * 6_000], "", 1).lines
    assert (line.cut, len(line.html)) == (1_000, 5_000)


def test_a_window_knows_what_began_before_it() -> None:
    lines = ["'''", *["text"] * 600, "'''", "end = 1"]
    assert 'class="s"' in window_at(lines, "python", 100).lines[0].html


def test_lines_end_with_a_line_feed_and_the_last_may_go_without() -> None:
    assert split_lines("a\r\nb\n") == split_lines("a\nb") == ["a", "b"]
    assert split_lines("a\n\n") == ["a", ""]
    assert split_lines("\n") == [""]


def test_a_snippet_keeps_the_numbers_of_its_lines() -> None:
    assert [line.number for line in numbered("a\nb", "", 41, [])] == [41, 42]
