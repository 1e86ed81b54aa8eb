"""Workspaces: made here; deleting one is ingestion's, which purges what it holds."""

from django.db import transaction

from console.audit import SYSTEM, Action, Actor, record
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
