"""How pages show what others have written."""

from urllib.parse import urlsplit

from django import template
from django.utils.safestring import SafeString, mark_safe

from search import visible as texts

register = template.Library()


@register.filter(is_safe=True)
def visible(text: object) -> SafeString:
    """Show a name or title with nothing hidden in it."""
    return mark_safe(texts.visible(str(text)))  # noqa: S308 (made safe there)


@register.filter
def bare(text: object) -> str:
    """Name something where no tag can stand, with nothing hidden in it."""
    return texts.bare(str(text))


@register.filter
def host(url: str) -> str:
    """Return the name of the host that a link leads to."""
    return urlsplit(url).hostname or "the source"


@register.filter
def kind_words(kind: str) -> str:
    """Return the words for a kind of document: `pull_request` is "pull request"."""
    return kind.replace("_", " ")
