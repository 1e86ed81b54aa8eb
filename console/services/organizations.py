"""Teams: made and changed; deleting one is ingestion's, which purges what it holds."""

from django.db import transaction

from console.audit import Action, Actor, record
from console.models import Membership, Organization, Role, User
from console.services.naming import clean_name, refuse_taken
from console.slugs import check_team_slug, team_slug


@transaction.atomic
def create_organization(
    *, name: str, owner: User, slug: str = "", actor: Actor | None = None
) -> Organization:
    """Create a team whose owner is `owner`; without an address it gets one made of its name."""
    name = clean_name(name)
    slug = check_team_slug(slug) if slug else team_slug(name)
    with refuse_taken(slug):
        organization = Organization.objects.create(name=name, slug=slug)
    Membership.objects.create(organization=organization, user=owner, role=Role.OWNER)
    record(
        actor or Actor(user=owner),
        Action.ORGANIZATION_CREATED,
        organization,
        organization=organization,
        after={"name": name, "slug": slug},
    )
    return organization


@transaction.atomic
def change_organization(*, organization: Organization, name: str, slug: str, actor: Actor) -> Organization:
    """Change a team's name and address; links to the old address end at once."""
    locked = Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    before = {"name": locked.name, "slug": locked.slug}
    locked.name, locked.slug = clean_name(name), check_team_slug(slug, besides=locked.pk)
    after = {"name": locked.name, "slug": locked.slug}
    if after == before:
        return locked
    with refuse_taken(slug):
        locked.save(update_fields=["name", "slug", "updated_at"])
    record(actor, Action.ORGANIZATION_CHANGED, locked, organization=locked, before=before, after=after)
    return locked
