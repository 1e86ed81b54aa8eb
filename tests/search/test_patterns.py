"""What a pattern needs is needed: no line that matches is missed by the index."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.patterns import AllOf, AnyOf, Need, compile_pattern, needs


def fulfilled(need: Need, text: str) -> bool:
    if isinstance(need, str):
        return need.lower() in text.lower()
    parts = [fulfilled(part, text) for part in need.parts]
    return all(parts) if isinstance(need, AllOf) else any(parts)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("verify_signature", "verify_signature"),
        ("foo.*bar", AllOf(("foo", "bar"))),
        ("(foo|bar)baz", AllOf((AnyOf(("foo", "bar")), "baz"))),
        ("colou?r", "colo"),
        (r"\bdef\s+ship\(", AllOf(("def", "ship("))),
        ("(abc)?def", "def"),
        ("foo|", AllOf()),
        (".*", AllOf()),
        (r"\Qa.b\E", "a.b"),
        ("[[:alpha:]]foo", "foo"),
        ("(?i)Hello", "Hello"),
    ],
)
def test_the_texts_without_which_a_pattern_cannot_match(pattern: str, expected: Need) -> None:
    assert needs(pattern) == expected


pieces = st.recursive(
    st.sampled_from(["a", "b", "c", "ab", "abc", ".", "[ab]", "[^c]", r"\w", r"\.", "^", "$", r"\b", "é"]),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=4).map("".join),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"({'|'.join(parts)})"),
        st.tuples(inner, st.sampled_from(["?", "*", "+", "{2}", "{0,1}", "{1,}"])).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        ),
    ),
    max_leaves=8,
)


@given(pieces, st.data())
def test_whatever_matches_has_what_is_needed(pattern: str, data: st.DataObject) -> None:
    text = data.draw(st.from_regex(re.compile(pattern, re.ASCII)) | st.text("abc.é", max_size=12))
    line = text.split("\n")[0]
    if compile_pattern(pattern).search(line):
        assert fulfilled(needs(pattern), line)


@given(st.text(max_size=40))
def test_any_text_can_be_asked_what_it_needs(pattern: str) -> None:
    needs(pattern)
