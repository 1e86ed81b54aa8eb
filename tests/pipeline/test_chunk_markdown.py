from textwrap import dedent

import pytest

from ingestion.pipeline.chunk import chunk

WORDS = "Some words that fill the section up to a size at which it takes a piece of its own.\n" * 3


def headings(text: str) -> list[str]:
    """Return the headings of pieces so small that every section has one."""
    return [piece.heading for piece in chunk(dedent(text).replace("…", WORDS), "a.md", max_tokens=80)]


def test_a_piece_has_the_titles_that_lead_to_it() -> None:
    text = """\
    …
    # Install ##
    …
    ## Linux
    …
    ### From *source* with [make](https://example.com) and `cc` {#anchor}
    …
    ## macOS
    …
    # Use
    …
    """
    assert headings(text) == [
        "",
        "Install",
        "Install > Linux",
        "Install > Linux > From source with make and cc",
        "Install > macOS",
        "Use",
    ]


def test_underlined_headings_count() -> None:
    text = """\
    Title
    =====
    …
    Section
    -------
    …
    """
    assert headings(text) == ["Title", "Title > Section"]


@pytest.mark.parametrize("fence", ["```", "~~~~", "  ```python"])
def test_what_looks_like_a_heading_in_fenced_code_is_none(fence: str) -> None:
    close = fence.replace("python", "")
    assert headings(f"# Title\n{WORDS}\n{fence}\n# comment\n{WORDS}\n{close}\n") == ["Title", "Title"]


def test_fenced_code_that_is_never_closed_goes_on_to_the_end() -> None:
    assert set(headings(f"# Title\n```\n{WORDS}\n# comment\n{WORDS}")) == {"Title"}


def test_a_shorter_fence_inside_closes_nothing() -> None:
    assert set(headings(f"# Title\n````\n```\n# comment\n```\n{WORDS}# comment\n````\n{WORDS}")) == {"Title"}


@pytest.mark.parametrize(
    "text",
    [
        "    # indented code\n…",
        "#hashtag\n…",
        "####### seven\n…",
        "| table |\n|-------|\n…",
        "- item\n---\n…",
        "\n---\n…",
        "…\n\n***\n…",
        "> quoted\n---\n…",
    ],
)
def test_what_is_no_heading_gives_no_title(text: str) -> None:
    assert set(headings(text)) == {""}


def test_front_matter_is_no_heading() -> None:
    assert headings("---\ntitle: A page\n---\n…\n# Title\n…") == ["", "Title"]


def test_small_sections_share_a_piece_and_cuts_are_before_headings() -> None:
    text = "".join(f"## Section {number}\n\nA sentence in it.\n\n" for number in range(30))
    pieces = chunk(text, "a.md", max_tokens=60)
    assert 4 <= len(pieces) <= 8
    assert all(piece.text.startswith("## Section") for piece in pieces)


def test_fenced_code_is_cut_only_where_there_is_no_other_way() -> None:
    code = "```\n" + "call();\n" * 5 + "\n" + "call();\n" * 5 + "```\n\n"
    pieces = chunk(("Words before it.\n\n" + code) * 10, "a.md", max_tokens=80)
    assert len(pieces) > 5
    assert all(piece.text.count("```") % 2 == 0 for piece in pieces)


def test_windows_line_endings_are_no_part_of_a_title() -> None:
    assert (
        chunk("# One\r\nx\r\n\r\nTwo\r\n---\r\n" + "y\r\n" * 50, "a.md", max_tokens=20)[-1].heading
        == "One > Two"
    )
