"""Deleting purges every row, touches nothing else, and leaves a receipt."""

from django.apps import apps
from django.db import models

from console.models import Activity, Organization, Workspace
from ingestion.models import Chunk, Document, Integration, Purge, TermStatistic, Vector
from ingestion.pipeline.purge import run_purge
from ingestion.services import connect, delete_organization, delete_workspace, disconnect
from tests.ingestion.conftest import unattended
from tests.queue import Drain
from tests.repositories import Repository

KEPT = {"Purge", "Activity", "Metric"}  # they outlive what they tell of


def rows() -> dict[str, int]:
    names = ("console", "ingestion", "search")
    return {
        model.__name__: model._default_manager.count()
        for name in names
        for model in apps.get_app_config(name).get_models()
        if model.__name__ not in KEPT
    }


def second_source(workspace: Workspace, worker: Drain, repository: Repository) -> Integration:
    other = Repository(repository.path.parent / "other", {"OTHER.md": "# Other\n"})
    integration = connect(workspace=workspace, kind="git", resource=str(other.path), allow_local=True)
    worker()
    return integration


def test_a_removed_source_is_out_of_sight_at_once(source: Integration, workspace: Workspace) -> None:
    disconnect(integration=source)
    assert not Integration.objects.in_workspace(workspace).exists()
    assert not Document.objects.in_workspace(workspace).exists()


def test_a_removed_source_leaves_a_receipt_and_no_rows(
    source: Integration, workspace: Workspace, worker: Drain, repository: Repository
) -> None:
    other = second_source(workspace, worker, repository)
    purge = disconnect(integration=source)
    assert disconnect(integration=source) == purge
    worker()
    purge.refresh_from_db()
    assert purge.completed_at is not None
    assert purge.counts_before["documents"] == 2
    assert purge.counts_before["chunks"] == purge.counts_before["vectors"] == 2
    assert purge.counts_after is not None
    assert not any(purge.counts_after.values())
    assert set(Document.objects.values_list("integration", flat=True)) == {other.pk}
    assert Vector.objects.count() == Chunk.objects.count() == 1
    actions = Activity.objects.in_workspace(workspace).values_list("action", flat=True)
    assert {"source.removed", "source.purged"} <= set(actions)


def test_a_purge_that_runs_twice_ends_once(source: Integration, workspace: Workspace) -> None:
    with unattended():
        purge = disconnect(integration=source)
    run_purge(purge.pk)
    run_purge(purge.pk)
    assert Activity.objects.filter(action="source.purged").count() == 1


def test_a_source_can_be_connected_again_after_its_purge(
    source: Integration, workspace: Workspace, worker: Drain, repository: Repository
) -> None:
    disconnect(integration=source)
    worker()
    again = connect(workspace=workspace, kind="git", resource=str(repository.path), allow_local=True)
    worker()
    assert Document.objects.filter(integration=again).count() == 2


def test_a_deleted_workspace_is_gone_with_everything_in_it(
    workspace: Workspace, organization: Organization, worker: Drain, repository: Repository
) -> None:
    before = rows()
    doomed = Workspace.objects.create(organization=organization, name="Doomed", slug="doomed")
    connect(workspace=doomed, kind="git", resource=str(repository.path), allow_local=True)
    worker()
    purge = delete_workspace(workspace=doomed)
    assert not Workspace.objects.alive().filter(pk=doomed.pk).exists()
    worker()
    purge.refresh_from_db()
    assert rows() == before
    assert purge.counts_before["documents"] == 2
    assert purge.counts_after is not None
    assert not any(purge.counts_after.values())
    assert not TermStatistic.objects.exists()


def test_a_deleted_organization_is_gone_with_its_workspaces(
    source: Integration, organization: Organization, other_workspace: Workspace, worker: Drain
) -> None:
    delete_organization(organization=organization)
    worker()
    assert set(Organization.objects.all()) == {other_workspace.organization}
    assert not Document.objects.exists()
    assert Purge.objects.filter(completed_at=None).count() == 0


def test_every_relation_to_a_workspace_is_purged_or_kept_on_purpose() -> None:
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if isinstance(field, models.ForeignKey) and field.related_model is Workspace:
                deletes = field.remote_field.on_delete is models.CASCADE
                assert deletes or model.__name__ in KEPT, model
