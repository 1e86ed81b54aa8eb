"""The design system's tags and filters: see docs/design.md."""

from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django import template
from django.contrib.messages.storage.base import Message
from django.template.context import Context
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from lucide import IconDoesNotExist, _render_icon

from console import menu, words
from console.models import Organization, User, Workspace
from console.shell import Here
from console.states import MOVING, look_of
from lightfast.lib import visible as texts

register = template.Library()
ALERTS = {"info": "info", "success": "circle-check", "warning": "triangle-alert", "danger": "octagon-alert"}


class Toast(NamedTuple):
    """What is said for a moment."""

    message: str
    level_tag: str

    def __str__(self) -> str:
        """Return what is said."""
        return self.message


register.filter("number", words.number)
register.filter("bytes", words.size)
register.filter("duration", words.duration)
register.filter("browser", words.browser)


@register.filter(is_safe=True)
def visible(text: object) -> SafeString:
    """Show what others have written with nothing hidden in it."""
    return mark_safe(texts.visible(str(text)))  # noqa: S308 (made safe there)


@register.filter
def bare(text: object) -> str:
    """Name something where no tag can stand, with nothing hidden in it."""
    return texts.bare(str(text))


@lru_cache(maxsize=512)
def _icon(name: str, size: int, css: str, label: str) -> SafeString:
    naming = {"role": "img", "aria-label": label} if label else {"aria-hidden": "true"}
    attributes = {"stroke_width": "1.75", **({"class": css} if css else {}), **naming}
    try:
        drawn = _render_icon(name, size, **attributes)
    except (IconDoesNotExist, KeyError):  # its own exception is not what it raises for every name
        drawn = _render_icon("circle-dashed", size, **attributes)
    return mark_safe(drawn)  # noqa: S308


@register.simple_tag
def icon(name: str, size: int = 16, label: str = "", css: str = "") -> SafeString:
    """Return an icon of Lucide; with a label where it stands alone."""
    # Texts of templates are safe strings, which would not be escaped.
    return _icon(str(name) + "", size, css + "", label + "")


@register.simple_tag
def badge(text: object, tone: str = "neutral", icon: str = "") -> SafeString:
    """Return a short fact about something."""
    picture = _icon(icon + "", 16, "", "") if icon else ""
    return format_html('<span class="badge tone-{}">{}{}</span>', tone, picture, text)


@register.simple_tag
def status(state: object, label: str = "") -> SafeString:
    """Return a state as icon and word."""
    value = str(state)
    look = look_of(value)
    picture = _icon(look.icon, 16, "spin" if value in MOVING else "", "")
    return format_html('<span class="badge tone-{}">{}{}</span>', look.tone, picture, label or look.label)


@register.simple_tag
def when(moment: datetime | None, missing: str = "never") -> SafeString:
    """Return a time in relative words, with the exact time as its title."""
    if moment is None:
        return format_html('<span class="quiet">{}</span>', missing)
    exact = timezone.localtime(moment)
    return format_html(
        '<time datetime="{}" title="{}" class="nowrap">{}</time>',
        exact.isoformat(timespec="seconds"),
        exact.strftime("%Y-%m-%d %H:%M:%S %Z"),
        words.relative(moment, timezone.now()),
    )


@register.simple_tag
def avatar(who: object, size: str = "") -> SafeString:
    """Return the initials of a person, a team or a name."""
    name = who.get_full_name() if isinstance(who, User) else str(who)
    css = f"avatar {size}" if isinstance(who, User) else f"avatar team {size}"
    return format_html('<span class="{}" aria-hidden="true">{}</span>', css.strip(), words.initials(name))


@register.simple_tag
def crumb(label: object, view: str, *args: object) -> SafeString:
    """Return one step of a breadcrumb."""
    return format_html('<span><a href="{}">{}</a></span>', reverse(view, args=args), label)


@register.inclusion_tag("ui/stat.html")
def stat(
    label: str, value: object, hint: str = "", href: str = "", icon: str = "", tone: str = ""
) -> dict[str, Any]:
    """Show a figure."""
    shown = words.number(value) if isinstance(value, int) else value
    return {"label": label, "value": shown, "hint": hint, "href": href, "icon": icon, "tone": tone}


@register.inclusion_tag("ui/progress.html")
def progress(done: int, total: int, label: str = "") -> dict[str, Any]:
    """Show how much of something is done."""
    return {"done": done, "total": total, "label": label}


@register.inclusion_tag("ui/copy.html")
def copy(text: str, label: str = "Copy") -> dict[str, Any]:
    """Show a button that copies a text."""
    return {"text": text, "label": label}


@register.inclusion_tag("ui/secret.html")
def secret(text: str, label: str = "Secret") -> dict[str, Any]:
    """Show a secret once, to be copied."""
    return {"text": text, "label": label}


@register.inclusion_tag("ui/tooltip.html")
def tooltip(text: str, icon: str = "info") -> dict[str, Any]:
    """Show words on hover and focus."""
    return {"text": text, "icon": icon}


@register.inclusion_tag("ui/toast.html")
def toast(message: Message | Toast) -> dict[str, Any]:
    """Show a message of Django's as a toast."""
    tone = "danger" if message.level_tag == "error" else message.level_tag
    tone = tone if tone in ALERTS else "info"
    return {"message": message, "tone": tone, "symbol": ALERTS[tone]}


@register.simple_tag
def blank_toasts() -> list[Toast]:
    """Return one empty toast of each tone, from which scripts make theirs."""
    return [Toast("", tone) for tone in ALERTS]


@register.inclusion_tag("ui/panel.html")
def panel(url: str, label: str, trigger: str = "load") -> dict[str, Any]:
    """Load a part of the page from another address."""
    return {"url": url, "label": label, "trigger": trigger}


@register.inclusion_tag("ui/opener.html")
def opener(target: str, label: str, tone: str = "", icon: str = "", css: str = "") -> dict[str, Any]:
    """Show the button that opens a dialog."""
    return {"target": target, "label": label, "css": f"{tone} {css}".strip(), "icon": icon}


@register.simple_block_tag
def card(
    content: SafeString,
    title: str = "",
    icon: str = "",
    href: str = "",
    link: str = "View all",
    flush: bool = False,
    css: str = "",
) -> SafeString:
    """Wrap something in a card."""
    values = {"title": title, "icon": icon, "href": href, "link": link, "flush": flush, "css": css}
    return _wrapped("ui/card.html", content, values)


@register.simple_block_tag
def alert(content: SafeString, tone: str = "info", title: str = "") -> SafeString:
    """Wrap something that people must read."""
    return _wrapped("ui/alert.html", content, {"tone": tone, "title": title, "icon": ALERTS[tone]})


@register.simple_block_tag
def emptystate(content: SafeString, title: str, icon: str = "inbox") -> SafeString:
    """Wrap what is said where nothing is yet: why, and the next action."""
    return _wrapped("ui/emptystate.html", content, {"title": title, "icon": icon})


@register.simple_block_tag
def code(content: SafeString, title: str = "") -> SafeString:
    """Wrap code in a block with a copy button."""
    return _wrapped("ui/code.html", mark_safe(content.strip("\n")), {"title": title})  # noqa: S308


@register.simple_block_tag
def dropdown(
    content: SafeString, label: str, icon: str = "", align: str = "end", css: str = "", hide: bool = False
) -> SafeString:
    """Wrap links and buttons in a menu that opens."""
    values = {"label": label, "icon": icon, "align": align, "css": css, "hide": hide}
    return _wrapped("ui/dropdown.html", content, values)


@register.simple_block_tag
def dialog(content: SafeString, id: str, title: str) -> SafeString:  # noqa: A002
    """Wrap something in a dialog."""
    return _wrapped("ui/dialog.html", content, {"id": id, "title": title})


@register.simple_block_tag(takes_context=True)
def confirm(
    context: Context,
    content: SafeString,
    id: str,  # noqa: A002
    title: str,
    action: str,
    button: str,
    word: str = "",
    tone: str = "danger",
) -> SafeString:
    """Wrap the form of something grave in a dialog, which may want a word typed."""
    values = {"id": id, "title": title, "action": action, "button": button, "word": word, "tone": tone}
    return _wrapped("ui/confirm.html", content, {**values, "csrf_token": context.get("csrf_token")})


def _wrapped(name: str, content: SafeString, values: dict[str, Any]) -> SafeString:
    return render_to_string(name, {**values, "content": content})


@register.simple_tag(takes_context=True)
def here(context: Context) -> Here:
    """Return the team and the workspace that the page is about."""
    workspace, team = context.get("workspace"), context.get("organization")
    workspace = workspace if isinstance(workspace, Workspace) else None
    if workspace is not None:
        return Here(workspace.organization, workspace)
    path = context["request"].path if "request" in context else ""
    signed_in = getattr(context.get("user"), "is_authenticated", False)
    return Here(
        team if isinstance(team, Organization) else None, account=signed_in and path.startswith("/account")
    )


@register.simple_tag(takes_context=True)
def menu_links(context: Context) -> list[menu.Link]:
    """Return the menu of the workspace, else of the team, that the page is about."""
    place = here(context)
    if place.team is None:
        return []
    slugs = [place.team.slug] + ([place.workspace.slug] if place.workspace else [])
    entries = menu.WORKSPACE if place.workspace else menu.TEAM
    request = context["request"]
    return menu.links(entries, slugs=slugs, role=context["shell"].role_in(place.team), path=request.path)


@register.simple_tag(takes_context=True)
def account_links(context: Context) -> list[menu.Link]:
    """Return the menu of one's own account."""
    return menu.account_links(context["request"].path)


@register.simple_tag
def workspace_url(team: str, workspace: str) -> str:
    """Return the address of a workspace's first page: that of the first entry of its menu."""
    first = min(menu.WORKSPACE.values(), key=lambda entry: entry.position)
    return reverse(first.view, args=[team, workspace])
