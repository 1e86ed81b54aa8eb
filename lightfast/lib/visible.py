"""Showing any text in HTML so that nothing in it can act or hide."""

import re
from html import escape
from unicodedata import name

# Controls, marks of direction, characters without a shape, tags. Joiners stay: scripts and emoji need them.
HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    """Return `text` as HTML; what would not be seen, or would turn the text around, stands there by its number."""
    return HIDDEN.sub(_shown, escape(text)) if HIDDEN.search(text) else escape(text)


def bare(text: str) -> str:
    """Return `text`, not as HTML, without what would not be seen."""
    return HIDDEN.sub("", text)


def _shown(match: re.Match[str]) -> str:
    point = f"U+{ord(match[0]):04X}"
    return f'<span class="hidden-char" title="{name(match[0], "control character")}">{point}</span>'
