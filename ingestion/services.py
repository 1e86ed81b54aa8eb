"""What people and programs do with sources and runs; every write is one transaction and one activity."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from console.audit import SYSTEM, Action, Actor, record
from console.models import Organization, Workspace
from ingestion.budget import release
from ingestion.models import (
    Connection,
    ConnectionState,
    Hold,
    Integration,
    IntegrationState,
    Purge,
    PurgeSubject,
    Run,
    RunState,
    Trigger,
)
from ingestion.pipeline.purge import count_rows
from ingestion.runs import end_run, lock_active, next_sync_after, request_run
from ingestion.sources import get_source
from ingestion.stores import ensure_store
from ingestion.wake import wake
from lightfast.lib.errors import UserError

SHORTEST_INTERVAL = timedelta(minutes=5)


@transaction.atomic
def connect(
    *,
    workspace: Workspace,
    kind: str,
    resource: str,
    name: str = "",
    config: dict[str, Any] | None = None,
    connection: Connection | None = None,
    allow_local: bool = False,
    confirm: bool = False,
    actor: Actor = SYSTEM,
) -> Integration:
    """Add a source to a workspace and queue its first sync.

    Raises the source's `InvalidResource` for a resource it cannot read, and `UserError` for one that is already there.
    `allow_local` lets it read this machine's disk: for the command line and staff only. `confirm` has the first sync
    wait for somebody's go-ahead once it knows what it would cost, if its embedder costs money.
    """
    if connection is not None and connection.organization_id != workspace.organization_id:
        raise UserError(f"{workspace} has no such connection. Connect the account to its team first.")
    resource_id = resource_of(kind, resource, allow_local=allow_local)
    if connection is not None and not connection.covers(resource_id):
        raise UserError(
            f"Those who connected {connection.name} may not read it there. Let somebody who may connect it again."
        )
    store = ensure_store(workspace)
    try:
        with transaction.atomic():
            integration = Integration.objects.create(
                workspace=workspace,
                connection=connection,
                store=store,
                kind=kind,
                resource_id=resource_id,
                name=(name or resource_name(resource_id))[:200],
                config=config or {},
                allow_local=allow_local,
                created_by=actor.user,
            )
    except IntegrityError as error:
        raise UserError(
            f"{resource_id} is already a source of {workspace}. Open it in Sources to sync it."
        ) from error
    record(
        actor,
        Action.SOURCE_CONNECTED,
        integration,
        workspace=workspace,
        after={"kind": kind, "resource": resource_id},
    )
    request_run(integration=integration, trigger=Trigger.FIRST, confirm=confirm, actor=actor)
    return integration


@transaction.atomic
def configure(*, integration: Integration, kinds: Sequence[str], actor: Actor = SYSTEM) -> Run:
    """Choose the kinds of documents that a source indexes, and compare everything; raise `UserError`."""
    manifest = get_source(integration.kind).manifest
    unknown = sorted(set(kinds) - set(manifest.kinds))
    if unknown:
        raise UserError(f"{manifest.name} has no {', '.join(unknown)}; it has {', '.join(manifest.kinds)}.")
    if not kinds:
        raise UserError("Choose at least one kind, or remove the source.")
    locked = _lock(integration)
    before = locked.config.get("kinds")
    locked.config = {**locked.config, "kinds": [kind for kind in manifest.kinds if kind in kinds]}
    locked.save(update_fields=["config", "updated_at"])
    record(
        actor,
        Action.SOURCE_CONFIGURED,
        locked,
        workspace=locked.workspace,
        before={"kinds": before},
        after={"kinds": locked.config["kinds"]},
    )
    return request_run(integration=locked, trigger=Trigger.MANUAL, full=True, actor=actor)


@transaction.atomic
def rename(*, integration: Integration, title: str, actor: Actor = SYSTEM) -> None:
    """Call a source otherwise than its provider does; an empty title calls it as its provider does again."""
    locked = _lock(integration)
    before, locked.title = str(locked), " ".join(title.split())[:200]
    locked.save(update_fields=["title", "updated_at"])
    if str(locked) != before:
        record(
            actor,
            Action.SOURCE_CONFIGURED,
            locked,
            workspace=locked.workspace,
            before={"name": before},
            after={"name": str(locked)},
        )


@transaction.atomic
def set_interval(*, integration: Integration, interval: timedelta | None, actor: Actor = SYSTEM) -> None:
    """Choose how often a source is looked at unasked; None is as often as its kind of source usually is."""
    if interval is not None and interval < SHORTEST_INTERVAL:
        raise UserError("A source is looked at every five minutes at most. Choose a longer interval.")
    locked = _lock(integration)
    before, locked.sync_interval = locked.sync_interval, interval
    if before == interval:
        return
    locked.next_sync_at = next_sync_after(locked, locked.synced_at or timezone.now())
    locked.save(update_fields=["sync_interval", "next_sync_at", "updated_at"])
    record(
        actor,
        Action.SOURCE_CONFIGURED,
        locked,
        workspace=locked.workspace,
        before={"sync_interval": _words(before)},
        after={"sync_interval": _words(interval)},
    )


def resource_of(kind: str, resource: str, *, allow_local: bool = False) -> str:
    """Return the id of what somebody names; raise the source's `InvalidResource`."""
    return get_source(kind).normalize_resource(
        resource, allow_local=allow_local, allow_private_hosts=settings.ALLOW_PRIVATE_HOSTS
    )


def resource_name(resource_id: str) -> str:
    """Return the last part of a path or URL, without `.git`."""
    return resource_id.rstrip("/").removesuffix(".git").rsplit("/", 1)[-1] or resource_id


@transaction.atomic
def sync_now(*, integration: Integration, full: bool = False, actor: Actor = SYSTEM) -> Run:
    """Queue a sync; `full` compares every entry instead of what changed since the last one."""
    _refuse_unless_active(integration, "sync")
    run = request_run(integration=integration, trigger=Trigger.MANUAL, full=full, actor=actor)
    record(actor, Action.RUN_REQUESTED, run, workspace=integration.workspace, after={"full": full})
    return run


@transaction.atomic
def confirm(*, run: Run, actor: Actor = SYSTEM) -> bool:
    """Let a run go on that waits for somebody's go-ahead; return whether it did."""
    locked = lock_active(run.pk)
    if locked is None or locked.hold != Hold.CONFIRMATION:
        return False
    release(Run.objects.filter(pk=run.pk))
    record(actor, Action.RUN_CONFIRMED, locked, workspace=locked.workspace, after=locked.estimate)
    return True


def confirm_all(*, workspace: Workspace, actor: Actor = SYSTEM) -> int:
    """Let every run of a workspace go on that waits for somebody's go-ahead; return how many."""
    waiting = Run.objects.in_workspace(workspace).active().filter(hold=Hold.CONFIRMATION)
    return sum(confirm(run=run, actor=actor) for run in waiting)


@transaction.atomic
def retry_failed(*, run: Run, actor: Actor = SYSTEM) -> Run:
    """Queue a run that tries the failed documents again, with whatever else has changed meanwhile."""
    integration = run.integration
    _refuse_unless_active(integration, "retry")
    retry = request_run(integration=integration, trigger=Trigger.RETRY, actor=actor)
    record(actor, Action.RUN_REQUESTED, retry, workspace=run.workspace, after={"retry_of": str(run.pk)})
    return retry


@transaction.atomic
def cancel(*, run: Run, actor: Actor = SYSTEM) -> bool:
    """Cancel a run; workers stop before their next batch. Return whether it was still active."""
    locked = lock_active(run.pk)
    if locked is None:
        return False
    end_run(locked, RunState.CANCELLED, actor=actor)
    return True


@transaction.atomic
def pause(*, integration: Integration, actor: Actor = SYSTEM) -> None:
    """Stop syncing an integration, its active run included; what is indexed stays searchable."""
    locked = _lock(integration)
    if locked.state != IntegrationState.ACTIVE:
        return
    locked.state = IntegrationState.PAUSED
    locked.save(update_fields=["state", "updated_at"])
    for run in Run.objects.filter(integration=locked).active():
        cancel(run=run, actor=actor)
    record(actor, Action.SOURCE_PAUSED, locked, workspace=locked.workspace)


@transaction.atomic
def resume(*, integration: Integration, actor: Actor = SYSTEM) -> Run | None:
    """Sync a paused or blocked integration again, at once; raise `UserError` where its connection has ended."""
    locked = _lock(integration)
    if locked.state not in (IntegrationState.PAUSED, IntegrationState.BLOCKED):
        return None
    if locked.connection is not None and locked.connection.state == ConnectionState.REVOKED:
        raise UserError(locked.connection.state_reason)
    locked.state, locked.state_reason = IntegrationState.ACTIVE, ""
    locked.save(update_fields=["state", "state_reason", "updated_at"])
    record(actor, Action.SOURCE_RESUMED, locked, workspace=locked.workspace)
    return request_run(integration=locked, trigger=Trigger.MANUAL, actor=actor)


@transaction.atomic
def disconnect(*, integration: Integration, actor: Actor = SYSTEM) -> Purge:
    """Remove an integration: it is out of every search at once, its rows are purged in the background."""
    locked = _lock(integration)
    if locked.state == IntegrationState.REMOVING:
        return Purge.objects.get(subject=PurgeSubject.INTEGRATION, subject_id=locked.pk)
    workspace = locked.workspace
    purge = _order(PurgeSubject.INTEGRATION, locked, workspace.organization, workspace, actor)
    locked.state = IntegrationState.REMOVING
    locked.save(update_fields=["state", "updated_at"])
    for run in Run.objects.filter(integration=locked).active():
        cancel(run=run, actor=actor)
    record(actor, Action.SOURCE_REMOVED, locked, workspace=workspace, before=purge.counts_before)
    return purge


@transaction.atomic
def delete_workspace(*, workspace: Workspace, actor: Actor = SYSTEM) -> Purge:
    """Delete a workspace: nobody finds it from now on, its rows are purged in the background."""
    purge = _order(PurgeSubject.WORKSPACE, workspace, workspace.organization, workspace, actor)
    Workspace.objects.filter(pk=workspace.pk).update(deleted_at=timezone.now())
    for integration in Integration.objects.filter(workspace=workspace).exclude(
        state=IntegrationState.REMOVING
    ):
        disconnect(integration=integration, actor=actor)
    record(
        actor,
        Action.WORKSPACE_DELETED,
        workspace,
        organization=workspace.organization,
        before=purge.counts_before,
    )
    return purge


@transaction.atomic
def delete_organization(*, organization: Organization, actor: Actor = SYSTEM) -> Purge:
    """Delete an organization with all its workspaces."""
    purge = _order(PurgeSubject.ORGANIZATION, organization, organization, None, actor)
    Organization.objects.filter(pk=organization.pk).update(deleted_at=timezone.now())
    for workspace in Workspace.objects.filter(organization=organization, deleted_at=None):
        delete_workspace(workspace=workspace, actor=actor)
    record(
        actor,
        Action.ORGANIZATION_DELETED,
        organization,
        organization=organization,
        before=purge.counts_before,
    )
    return purge


def _order(
    subject: PurgeSubject,
    row: Integration | Workspace | Organization,
    organization: Organization,
    workspace: Workspace | None,
    actor: Actor,
) -> Purge:
    purge, created = Purge.objects.get_or_create(
        subject=subject,
        subject_id=row.pk,
        defaults={
            "name": str(row),
            "organization": organization,
            "workspace_id": workspace.pk if workspace else None,
            "requested_by": actor.user,
            "counts_before": count_rows(subject, row.pk),
        },
    )
    if created:
        wake("run_purge", purge.pk)
    return purge


def _lock(integration: Integration) -> Integration:
    locked = Integration.objects.select_for_update(no_key=True, of=("self",))
    return locked.select_related("workspace__organization").get(pk=integration.pk)


def _refuse_unless_active(integration: Integration, verb: str) -> None:
    if integration.state != IntegrationState.ACTIVE:
        state = IntegrationState(integration.state).label.lower()
        raise UserError(f"{integration} is {state}, so it cannot {verb}. Resume it first.")


def _words(interval: timedelta | None) -> str:
    return "default" if interval is None else str(interval)
