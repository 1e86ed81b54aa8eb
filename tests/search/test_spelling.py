"""A slip of the finger finds what was meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.models import Workspace
from ingestion.models import Integration
from search.modes import Mode
from search.retrieve import search
from search.spelling import distance


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("verify_signatrue", "shop/webhooks.py"),
        ("OrderServce", "shop/orders.py"),
        ("forgeAnvli", "shop/anvils.js"),
        ("sunhsine", "docs/weather.md"),
    ],
)
def test_a_misspelled_word_is_found(
    typed: str, expected: str, indexed: Integration, workspace: Workspace
) -> None:
    found = search(workspace, typed, mode=Mode.LEXICAL).results
    assert [result.document.key for result in found][:1] == [expected]


@pytest.mark.parametrize("typed", ["zzzzzz", "sun", "x9f8e7d6"])
def test_what_is_near_nothing_finds_nothing(typed: str, indexed: Integration, workspace: Workspace) -> None:
    assert not search(workspace, typed, mode=Mode.LEXICAL).results


def test_another_teams_words_are_not_meant(
    indexed: Integration, foreign: Integration, workspace: Workspace
) -> None:
    assert not search(workspace, "bypasesd", mode=Mode.LEXICAL).results


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("signature", "signatrue", 1), ("abc", "abc", 0), ("abc", "abd", 1), ("abc", "ab", 1), ("", "ab", 2)],
)
def test_a_distance_counts_letters(one: str, other: str, expected: int) -> None:
    assert distance(one, other) == expected


words = st.text("abc", max_size=6)


@given(words, words)
def test_a_distance_is_the_same_from_both_ends(one: str, other: str) -> None:
    assert distance(one, other) == distance(other, one)
    assert (distance(one, other) == 0) == (one == other)
    assert distance(one, other) <= max(len(one), len(other))
