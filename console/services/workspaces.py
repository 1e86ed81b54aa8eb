"""Workspaces: made here; deleting one is ingestion's, which purges what it holds."""

from collections.abc import Iterator

from django.db import transaction
from django.utils import timezone

from console.audit import SYSTEM, Action, Actor, record
from console.exports import archive
from console.models import Organization, Workspace
from console.services.naming import clean_name, refuse_taken
from console.slugs import check_workspace_slug, workspace_slug


@transaction.atomic
def create_workspace(
    *, organization: Organization, name: str, slug: str = "", actor: Actor = SYSTEM
) -> Workspace:
    """Create a workspace; without an address it gets one made of its name."""
    name = clean_name(name)
    slug = check_workspace_slug(organization, slug) if slug else workspace_slug(organization, name)
    with refuse_taken(slug):
        workspace = Workspace.objects.create(organization=organization, name=name, slug=slug)
    record(
        actor, Action.WORKSPACE_CREATED, workspace, workspace=workspace, after={"name": name, "slug": slug}
    )
    return workspace


@transaction.atomic
def change_workspace(
    *, workspace: Workspace, name: str, slug: str, search_log_days: int | None, actor: Actor = SYSTEM
) -> Workspace:
    """Change a workspace's settings; links to the old address end at once, keys go on."""
    locked = Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)
    organization = workspace.organization
    before = _settings(locked)
    locked.name = clean_name(name)
    locked.slug = check_workspace_slug(organization, slug, besides=locked.pk)
    locked.search_log_days = search_log_days
    after = _settings(locked)
    if after == before:
        return locked
    with refuse_taken(slug):
        locked.save(update_fields=[*after, "updated_at"])
    record(actor, Action.WORKSPACE_CHANGED, locked, workspace=locked, before=before, after=after)
    return locked


def export_workspace(*, workspace: Workspace, actor: Actor) -> Iterator[bytes]:
    """Record that somebody takes a workspace's data along, and return it as a zip file, piece by piece."""
    record(actor, Action.WORKSPACE_EXPORTED, workspace, workspace=workspace)
    return archive(workspace)


def _settings(workspace: Workspace) -> dict[str, object]:
    return {
        "name": workspace.name,
        "slug": workspace.slug,
        "search_log_days": workspace.search_log_days,
    }


@transaction.atomic
def dismiss_setup(*, workspace: Workspace, actor: Actor = SYSTEM) -> None:
    """Hide the checklist from the pages that show it unasked."""
    hidden = Workspace.objects.filter(pk=workspace.pk, setup_dismissed_at=None)
    if hidden.update(setup_dismissed_at=timezone.now()):
        record(actor, Action.WORKSPACE_SETUP_DISMISSED, workspace, workspace=workspace)
