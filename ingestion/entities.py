"""Where the activity pages find what ingestion's activities tell of."""

from console.entities import KINDS, Kind
from ingestion.models import Connection, Integration, Purge

KINDS["integration"] = Kind(
    lambda team: Integration.objects.alive().filter(workspace__organization=team),
    "ingestion:source",
    ["workspace__slug", "pk"],
)
KINDS["connection"] = Kind(Connection.objects.of_organization, "ingestion:connections", [])
KINDS["purge"] = Kind(lambda team: Purge.objects.filter(organization=team), "ingestion:receipt", ["pk"])
