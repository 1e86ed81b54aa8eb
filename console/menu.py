"""The menus of workspaces and teams: every app registers its pages in `AppConfig.ready`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.urls import reverse

from console.access import PERMISSIONS, Permission


@dataclass(frozen=True, slots=True)
class Entry:
    """One page of a menu.

    `parts` are the first words after the workspace's or the team's address at which the entry is the current one.
    """

    label: str
    icon: str
    view: str
    position: int
    parts: frozenset[str] | set[str] = frozenset()
    permission: Permission = Permission.VIEW


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as one page shows it."""

    label: str
    icon: str
    href: str
    current: bool


# Pages of one's own account, most of them django-allauth's: label, icon, view, where else it is the current one.
ACCOUNT = (
    ("Profile", "circle-user", "console:profile", "/account/"),
    ("Email addresses", "mail", "account_email", "/accounts/email/"),
    ("Password", "lock", "account_change_password", "/accounts/password/"),
    ("Two-factor and passkeys", "shield-check", "mfa_index", "/accounts/2fa/"),
    ("Connected logins", "link", "socialaccount_connections", "/accounts/3rdparty/"),
    ("Sessions", "monitor-smartphone", "usersessions_list", "/accounts/sessions/"),
)
WORKSPACE: dict[str, Entry] = {}
TEAM: dict[str, Entry] = {}


def links(menu: Mapping[str, Entry], *, slugs: Iterable[str], role: str, path: str) -> list[Link]:
    """Return what a role sees of a menu, in order, at one address."""
    slugs = list(slugs)
    rest = path.strip("/").split("/")[len(slugs) :]
    part = rest[0] if rest else ""
    allowed = PERMISSIONS.get(role, frozenset())
    entries = sorted(menu.values(), key=lambda entry: entry.position)
    return [
        Link(entry.label, entry.icon, reverse(entry.view, args=slugs), part in entry.parts)
        for entry in entries
        if entry.permission in allowed
    ]


def account_links(path: str) -> list[Link]:
    """Return the menu of one's own account at one address."""
    return [
        Link(label, icon, reverse(view), path.startswith(prefix)) for label, icon, view, prefix in ACCOUNT
    ]
