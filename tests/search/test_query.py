"""What people type is understood: words, phrases, filters."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from lightfast.lib.errors import UserError
from search.filters import Facts, Filters
from search.modes import Mode
from search.query import FIELDS, parse


@pytest.mark.parametrize(
    ("typed", "text", "filters"),
    [
        (
            "repo:acme/shop lang:go verify webhook",
            "verify webhook",
            Filters(repositories=("acme/shop",), languages=("go",)),
        ),
        ("ship -path:vendor/ order", "ship order", Filters(without=Facts(paths=("vendor/",)))),
        ("kind:pr author:bob state:open", "", Filters(kinds=("pull_request",), authors=("bob",), states=("open",))),
        ('label:"good first issue" start', "start", Filters(labels=("good first issue",))),
        ("lang:py lang:c++ x", "x", Filters(languages=("python", "cpp"))),
        ("source:github -source:Docs x", "x", Filters(sources=("github",), without=Facts(sources=("Docs",)))),
        ("after:2026-01-31 x", "x", Filters(after=datetime(2026, 1, 31, tzinfo=UTC))),
        ("std::vector http://a.b/c repo: x", "std::vector http://a.b/c repo: x", Filters()),
        ('"the repo:x of lang:go"', '"the repo:x of lang:go"', Filters()),
        ("foo:bar", "foo:bar", Filters()),
        ("xrepo:y", "xrepo:y", Filters()),
    ],
)  # fmt: skip
def test_filters_are_taken_out_of_the_text(typed: str, text: str, filters: Filters) -> None:
    query = parse(typed)
    assert (query.text, query.filters, query.typed) == (text, filters, typed)


def test_an_age_is_a_time_before_now() -> None:
    after = parse("after:2w x").filters.after
    assert after is not None
    assert abs(timezone.now() - after - timedelta(days=14)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("after:yesterday x", "after:yesterday is no time. Write a day, as in after:2026-01-31"),
        ("-after:2026-01-31 x", "Write before:2026-01-31 instead"),
        ("", "Type something"),
    ],
)
def test_an_error_tells_what_to_write_instead(typed: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        parse(typed)


def test_text_to_be_found_as_it_is_keeps_its_spaces_and_quotes() -> None:
    assert parse('lang:go x  = "y"', mode=Mode.EXACT).text == 'x  = "y"'
    assert parse("lang:go x", mode=Mode.EXACT, syntax=False).text == "lang:go x"
    with pytest.raises(UserError, match="Type something"):
        parse("lang:go", mode=Mode.REGEX)


def test_without_syntax_quotes_are_nothing_but_quotes() -> None:
    assert parse('the "very words"').phrases == ("very words",)
    assert parse('the "very words"', syntax=False).phrases == ()


def test_quotes_around_signs_alone_ask_for_nothing() -> None:
    """A message of an error has such: they stand for no word that an index could have."""
    assert parse('the default is "/", not "a.b" or " "').phrases == ("a.b",)


words = st.text("abcxyz_.", min_size=1, max_size=8)
filters = st.tuples(st.booleans(), st.sampled_from(sorted(FIELDS)), words)


@given(st.lists(words | filters, min_size=1, max_size=8))
def test_every_filter_is_found_and_every_word_is_left(parts: list[str | tuple[bool, str, str]]) -> None:
    typed = " ".join(
        part if isinstance(part, str) else f"{'-' if part[0] else ''}{part[1]}:{part[2]}" for part in parts
    )
    query = parse(typed)
    assert query.text.split() == [part for part in parts if isinstance(part, str)]
    found = query.filters
    number = sum(len(values) for facts in (found, found.without) for values in Facts.as_json(facts).values())
    assert number == sum(not isinstance(part, str) for part in parts)


@given(st.text(max_size=80), st.sampled_from(Mode))
def test_any_text_parses_or_says_why_not(typed: str, mode: Mode) -> None:
    with suppress(UserError):
        query = parse(typed, mode=mode)
        assert query.text.strip() or query.filters != Filters()
