"""Markdown is shown as people read it, and can do nothing."""

import re

import pytest

from search.reading import rendered

TEXT = """# Refund twice (#7)

The *second* refund fails, see [the log](https://logs.example/1).

- one
- two

```python
def refund(): return "<b>"
```

## bob

Fixed by #8 \u202e.
"""


def test_a_conversation_has_its_headings_lists_links_and_code() -> None:
    html = rendered(TEXT)
    assert '<h2 id="L1">Refund twice (#7)</h2>' in html
    assert "<em>second</em>" in html
    assert '<a href="https://logs.example/1" rel="noopener noreferrer nofollow">the log</a>' in html
    assert '<span class="k">def</span>' in html
    assert '<h3 id="L12">bob</h3>' in html
    assert "U+202E" in html


def test_blocks_of_the_chosen_lines_are_marked() -> None:
    assert re.findall(r'<(\w+) id="(L\d+)" class="chosen">', rendered(TEXT, (5, 9))) == [
        ("ul", "L5"),
        ("pre", "L8"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        '[x](https://e.example "\\" onmouseover=alert(1) \\"")',
        '![" onerror="alert(1)](https://e.example/x.png)',
        "![x](javascript:alert(1))",
        '```"><script>alert(1)</script>\nx\n```',
        "<a href='vbscript:x'>x</a>",
        "`</code><script>`",
        "| <svg/onload=alert(1)> |\n|-|\n| x |",
    ],
)
def test_no_text_becomes_something_that_acts(text: str) -> None:
    tags = re.findall(r"<(/?[a-z0-9]+)([^>]*)>", rendered(text))
    for name, attributes in tags:
        assert name.lstrip("/") not in {"script", "img", "svg", "iframe", "style", "form"}
        assert not re.search(r'\son\w+=(?=(?:[^"]*"[^"]*")*[^"]*$)', attributes)
        assert not re.search(r'href="(?!https?:|mailto:|#)', attributes)


def test_images_are_links_for_pages_load_nothing_from_elsewhere() -> None:
    assert rendered("![A chart](https://e.example/c.png)") == (
        '<p id="L1"><a href="https://e.example/c.png" rel="noopener noreferrer nofollow">A chart</a></p>\n'
    )
