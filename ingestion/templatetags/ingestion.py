"""How pages say what they show of sources."""

from django import template
from django.utils.safestring import SafeString

from console.templatetags.ui import badge
from ingestion.sources import get_source

BADGES = {"private": "lock", "archived": "archive", "fork": "git-fork"}

register = template.Library()


@register.filter
def kind_label(kind: str, number: int = 2) -> str:
    """Return the words for a kind of document, one or many: `pull_request` is "pull requests"."""
    words = kind.replace("_", " ")
    return words if number == 1 else f"{words}s"


@register.filter
def source_name(kind: str) -> str:
    """Return what a kind of source is called."""
    return get_source(kind).manifest.name


@register.simple_tag
def resource_badge(name: str) -> SafeString:
    """Return what a provider says of a resource: that it is private, archived, a fork."""
    return badge(
        name.capitalize(), icon=BADGES.get(name, ""), tone="warning" if name == "archived" else "neutral"
    )
