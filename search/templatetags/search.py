"""How pages show what others have written."""

from urllib.parse import urlsplit

from django import template

register = template.Library()


@register.filter
def host(url: str) -> str:
    """Return the name of the host that a link leads to."""
    return urlsplit(url).hostname or "the source"


@register.filter
def kind_words(kind: str) -> str:
    """Return the words for a kind of document: `pull_request` is "pull request"."""
    return kind.replace("_", " ")
