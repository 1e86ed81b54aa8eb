"""Colors change how a text looks, and nothing else of it."""

import html
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.pipeline.languages import EXTENSIONS_BY_LANGUAGE, LANGUAGES_BY_INTERPRETER, LANGUAGES_BY_NAME
from search.coloring import colored, lexer_of

LANGUAGES = sorted({*EXTENSIONS_BY_LANGUAGE, *LANGUAGES_BY_NAME.values(), *LANGUAGES_BY_INTERPRETER.values()})
PLAIN = {"asciidoc", "csv", "go module", "prisma", "text"}
TAG = re.compile(r"<[^>]*>")
HOSTILE = "<script>alert(1)</script>\n\"'><img src=x onerror=alert(1)>\n</span></code>&lt;\n"

# Characters that are shown as they are, and what tends to begin and end things in languages.
texts = st.text(st.sampled_from("ab1 _\n\t<>&\"'`/*#{}()[]=;:.,-+\\@$%!?|~^é語🦆"), max_size=80)


def words(lines: list[str]) -> str:
    return html.unescape(TAG.sub("", "\n".join(lines)))


@settings(deadline=None)  # the first use of a language loads its rules
@given(texts, st.sampled_from(LANGUAGES))
def test_every_language_keeps_every_character_on_its_line(text: str, language: str) -> None:
    lines = colored(text, language)
    assert words([*lines]) == text


@settings(deadline=None)  # the first use of a language loads its rules
@given(texts, st.sampled_from(LANGUAGES), st.lists(st.integers(0, 80), max_size=8))
def test_exactly_the_given_characters_are_marked(text: str, language: str, cuts: list[int]) -> None:
    edges = sorted({min(cut, len(text)) for cut in cuts})
    marks = list(zip(edges[::2], edges[1::2], strict=False))
    lines = colored(text, language, marks)
    marked = "".join(
        TAG.sub("", part) for part in re.findall(r"<mark>(.*?)</mark>", "\n".join(lines), re.DOTALL)
    )
    assert html.unescape(marked) == "".join(text[start:end] for start, end in marks).replace("\n", "")


@pytest.mark.parametrize("language", ["", "python", "html", "javascript", "markdown", "php", "text"])
def test_nothing_in_a_text_becomes_a_tag(language: str) -> None:
    found = set(re.findall(r"<[^>]*>", "\n".join(colored(HOSTILE, language, [(0, 8)]))))
    assert all(re.fullmatch(r'</?(mark|span)>|<span class="\w+">', tag) for tag in found)


def test_every_language_is_colored_or_known_to_have_no_colors() -> None:
    assert {language for language in LANGUAGES if lexer_of(language) is None} == PLAIN


def test_a_text_over_several_lines_is_colored_on_each() -> None:
    lines = colored('x = """one\ntwo"""\n', "python")
    assert [line.count('<span class="s">') for line in lines] == [1, 1, 0]


@pytest.mark.parametrize(
    "character", ["\u202e", "\u2066", "\u200b", "\x1b", "\r", "\x00", "\ufeff", "\U000e0041"]
)
def test_what_would_not_be_seen_is_shown_by_its_number(character: str) -> None:
    [line] = colored(f"a{character}b", "python")
    assert character not in line
    assert f"U+{ord(character):04X}" in line


def test_letters_of_every_script_and_emoji_stay_as_they_are() -> None:
    text = "naïve שלום नमस्ते 日本語 👩‍👩‍👧 می‌خواهم"
    assert words([*colored(text, "")]) == text
    assert "<" not in colored(text, "")[0]


def test_a_line_without_end_is_not_colored() -> None:
    assert "<span" not in colored("x = 1;" * 1_000, "javascript")[0]
