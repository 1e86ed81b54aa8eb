"""The parts of addresses that name teams and workspaces."""

import re
from uuid import UUID

from django.db import models
from django.utils.text import slugify

from console.models import Organization, Workspace
from lightfast.lib.errors import UserError

# Parts of addresses that are ours: the first one, where teams stand, and the second, where workspaces do.
RESERVED = frozenset(
    "about account accounts admin api app apps assets auth billing blog connections console dashboard docs favicon "
    "health help internal invitations invite jsi18n login logout mcp me media metrics new new-team new-workspace oauth "
    "organizations privacy problems profile public robots search security settings setup signup static status "
    "styleguide support teams terms up user users webhooks well-known workspaces www".split()
)
RESERVED_IN_TEAM = frozenset(
    "activity connections delete deliveries invitations keys leave members new receipts settings transfer".split()
)
LONGEST = 50
SHAPE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def team_slug(name: str) -> str:
    """Return a free address for a team of that name."""
    return _free(name, RESERVED, Organization.objects.all(), "team")


def workspace_slug(organization: Organization, name: str) -> str:
    """Return a free address for a workspace of that name."""
    return _free(name, RESERVED_IN_TEAM, Workspace.objects.filter(organization=organization), "workspace")


def check_team_slug(slug: str, *, besides: UUID | None = None) -> str:
    """Return an address that somebody chose for a team, `besides` being its own; raise `UserError`."""
    rows = Organization.objects.all()
    return _check(slug, RESERVED, rows.exclude(pk=besides) if besides else rows)


def check_workspace_slug(organization: Organization, slug: str, *, besides: UUID | None = None) -> str:
    """Return an address that somebody chose for a workspace, `besides` being its own; raise `UserError`."""
    rows = Workspace.objects.filter(organization=organization)
    return _check(slug, RESERVED_IN_TEAM, rows.exclude(pk=besides) if besides else rows)


def reserved_team_slug(name: str) -> str:
    """Return the address that a team's name makes if it is one of ours, else an empty text."""
    return _if_reserved(name, RESERVED)


def reserved_workspace_slug(name: str) -> str:
    """Return the address that a workspace's name makes if it is one of ours, else an empty text."""
    return _if_reserved(name, RESERVED_IN_TEAM)


def _if_reserved(name: str, reserved: frozenset[str]) -> str:
    slug = slugify(name)
    return slug if slug in reserved else ""


def _check(
    slug: str, reserved: frozenset[str], others: models.QuerySet[Organization] | models.QuerySet[Workspace]
) -> str:
    slug = slug.strip().lower()
    if not SHAPE.fullmatch(slug) or len(slug) > LONGEST:
        raise UserError(
            f"An address has small letters a to z, digits and single hyphens between them, {LONGEST} at most."
        )
    if slug in reserved:
        raise UserError(f"“{slug}” is an address of Lightfast itself. Choose another, such as “{slug}-team”.")
    if others.filter(slug=slug).exists():
        raise UserError(f"“{slug}” is taken. Choose another address.")
    return slug


def _free(
    name: str,
    reserved: frozenset[str],
    rows: models.QuerySet[Organization] | models.QuerySet[Workspace],
    fallback: str,
) -> str:
    base = slugify(name)[:LONGEST].strip("-_") or fallback
    if base in reserved:
        base = f"{base}-team"
    taken = set(rows.filter(slug__startswith=base).values_list("slug", flat=True))
    number, slug = 2, base
    while slug in taken:
        slug, number = f"{base}-{number}", number + 1
    return slug
