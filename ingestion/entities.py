"""Where the activity pages find what ingestion's activities tell of."""

from console.entities import KINDS, Kind
from console.models import Workspace
from ingestion.models import Connection, Integration, Purge, Run, Store

KINDS["workspace"] = Kind(
    lambda team: Workspace.objects.alive().filter(organization=team), "ingestion:overview", ["slug"]
)
KINDS["integration"] = Kind(
    lambda team: Integration.objects.alive().filter(workspace__organization=team),
    "ingestion:source",
    ["workspace__slug", "pk"],
)
KINDS["run"] = Kind(
    lambda team: Run.objects.filter(workspace__organization=team, workspace__deleted_at=None),
    "ingestion:job",
    ["workspace__slug", "pk"],
)
KINDS["store"] = Kind(
    lambda team: Store.objects.filter(workspace__organization=team, workspace__deleted_at=None),
    "ingestion:budget",
    ["workspace__slug"],
)
KINDS["connection"] = Kind(Connection.objects.of_organization, "ingestion:connections", [])
KINDS["purge"] = Kind(lambda team: Purge.objects.filter(organization=team), "ingestion:receipt", ["pk"])
