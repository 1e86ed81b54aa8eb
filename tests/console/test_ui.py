"""The tags and filters of pages say what they are told, and escape it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.template import Context, Template
from django.utils import timezone

from console import words
from console.models import User


def render(source: str, **values: object) -> str:
    return Template(source).render(Context(values))


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (0.042, "42 ms"),
        (2.5, "2.5 s"),
        (59, "59 s"),
        (125, "2 min 5 s"),
        (3600, "1 h"),
        (90061, "1 d 1 h"),
        (timedelta(minutes=3), "3 min"),
        (None, words.NOTHING),
    ],
)
def test_durations_have_two_units_at_most(seconds: object, said: str) -> None:
    assert words.duration(seconds) == said


@pytest.mark.parametrize(
    ("size", "said"), [(0, "0 B"), (999, "999 B"), (1432, "1.4 KB"), (5_000_000, "5.0 MB"), (2e12, "2.0 TB")]
)
def test_sizes_have_the_unit_that_fits(size: object, said: str) -> None:
    assert words.size(size) == said


def test_numbers_have_their_thousands_apart() -> None:
    assert words.number(1234567) == "1,234,567"
    assert words.number(0) == "0"
    assert words.number(None) == words.NOTHING


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (timedelta(seconds=3), "just now"),
        (timedelta(seconds=61), "1 minute ago"),
        (timedelta(hours=5), "5 hours ago"),
        (timedelta(days=-2), "in 2 days"),
        (timedelta(days=400), "1 year ago"),
    ],
)
def test_times_are_told_from_now(ago: timedelta, said: str) -> None:
    now = datetime(2026, 5, 4, 12, tzinfo=UTC)
    assert words.relative(now - ago, now) == said


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Ada Byron", "AB"), ("ada@acme.example", "AD"), ("x", "X"), ("", "?"), ("a-b c", "AC")],
)
def test_initials_stand_for_a_name(name: str, letters: str) -> None:
    assert words.initials(name) == letters


def test_browsers_are_told_as_people_call_them() -> None:
    chrome = (
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"
    )
    assert words.browser(chrome) == "Chrome on Linux"
    assert words.browser("curl/8") == "A browser"


def test_a_time_has_its_exact_moment_as_title() -> None:
    html = render("{% when moment %}", moment=timezone.now() - timedelta(hours=3))
    assert "<time datetime=" in html and "title=" in html and "3 hours ago" in html
    assert "never" in render("{% when moment %}", moment=None)


def test_a_state_is_icon_and_word() -> None:
    html = render("{% status 'completed_with_errors' %}")
    assert "<svg" in html and "Completed with errors" in html
    assert "Something new" in render("{% status 'something_new' %}")


def test_what_is_shown_is_escaped() -> None:
    evil = "<b>&\"'"
    for source in (
        "{% badge evil %}",
        "{% status evil %}",
        "{% stat evil evil hint=evil %}",
        "{% copy evil %}",
        "{% secret evil label=evil %}",
        "{% tooltip evil %}",
        "{% avatar evil %}",
        "{% icon 'x' label=evil %}",
        "{% opener evil evil %}",
        "{% card title=evil %}{{ evil }}{% endcard %}",
        "{% alert title=evil %}{{ evil }}{% endalert %}",
        "{% emptystate title=evil %}{{ evil }}{% endemptystate %}",
        "{% code title=evil %}{{ evil }}{% endcode %}",
        "{% dialog id='a' title=evil %}{{ evil }}{% enddialog %}",
        "{% confirm id='a' title=evil action=evil button=evil word=evil %}{{ evil }}{% endconfirm %}",
        "{% dropdown label=evil %}{{ evil }}{% enddropdown %}",
    ):
        html = render(source, evil=evil)
        assert "<b>" not in html, source
        assert "&lt;b" in html or "&lt;B" in html or "avatar" in source, source


def test_an_icon_that_is_not_known_breaks_no_page() -> None:
    assert "<svg" in render("{% icon 'no-such-icon' %}")


def test_an_error_is_a_toast_of_danger() -> None:
    html = render("{% toast message %}", message=Message(constants.ERROR, "Broken"))
    assert "tone-danger" in html and "Broken" in html


def test_a_person_is_told_by_the_letters_of_the_name() -> None:
    assert ">AB<" in render("{% avatar user %}", user=User(name="Ada Byron", email="x@y.example"))
