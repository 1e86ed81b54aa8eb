"""How pages say what they show of sources."""

import re
from functools import cache
from typing import Any

from django import template
from django.template.context import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from console.templatetags.ui import badge
from ingestion.filters import Filter
from ingestion.reasons import Reason
from ingestion.sources import get_source, source_folder
from ingestion.words import kind_label
from lightfast.lib.window import Window

BADGES = {"private": "lock", "archived": "archive", "fork": "git-fork"}

register = template.Library()
register.filter("kind_label", kind_label)


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


@register.simple_block_tag(takes_context=True)
def paths(context: Context, content: SafeString, id: str, window: Window[Any], form: Filter) -> SafeString:  # noqa: A002
    """Wrap the rows of a list of paths: a table where there are any, else what is said then, and the way to more."""
    values = {"content": content, "id": id, "window": window, "form": form, "here": context["request"].path}
    return render_to_string("ingestion/paths.html", {**values, "request": context["request"]})


@register.filter
def reason_label(code: str) -> str:
    """Return a reason in words; a code of an older version as it is."""
    return Reason(code).label if code in Reason.values else code


@register.simple_tag
def source_icon(kind: str) -> SafeString:
    """Return the icon of a kind of source, hidden from screen readers: its name stands beside it."""
    return _icon(kind)


@cache
def _icon(kind: str) -> SafeString:
    drawing = (source_folder(kind) / "icon.svg").read_text()
    opening, bracket, rest = drawing.partition(">")
    opening = re.sub(r"\s(width|height|aria-hidden|class)=\"[^\"]*\"", "", opening)
    # The drawing is a file of ours, not of anybody's making.
    return mark_safe(f'{opening} width="20" height="20" aria-hidden="true"{bracket}{rest.strip()}')  # noqa: S308


@register.simple_tag
def setup_guide(kind: str) -> SafeString:
    """Return what a person does at the provider, step by step, as its source says."""
    return _guide(kind)


@cache
def _guide(kind: str) -> SafeString:
    return mark_safe((source_folder(kind) / "setup.html").read_text())  # noqa: S308
