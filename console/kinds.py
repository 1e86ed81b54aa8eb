"""Where the activity pages find what the console's activities tell of."""

from console.entities import KINDS, Kind
from console.models import ApiKey, Invitation, Membership, Organization

KINDS["organization"] = Kind(lambda team: Organization.objects.alive().filter(pk=team.pk), "console:team", [])
KINDS["membership"] = Kind(lambda team: Membership.objects.filter(organization=team), "console:members", [])
KINDS["invitation"] = Kind(lambda team: Invitation.objects.filter(organization=team), "console:members", [])
KINDS["apikey"] = Kind(
    lambda team: ApiKey.objects.filter(workspace__organization=team, workspace__deleted_at=None),
    "console:key",
    ["workspace__slug", "pk"],
)
