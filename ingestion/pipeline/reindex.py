"""Moving a store from one index configuration to another while searches go on."""

from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from console.audit import SYSTEM, Action, record
from ingestion.models import Document, IndexVersion, Integration, Omission, Run, Store, Trigger
from ingestion.pipeline.statistics import refresh_statistics
from ingestion.runs import request_run


def stale_documents(store: Store) -> QuerySet[Document]:
    """Return the documents of a store that are not in its target version yet.

    One that failed under it is not counted: it is an omission that people see, and holds the others back no longer.
    """
    assert store.target is not None
    failed = Omission.objects.filter(
        integration=OuterRef("integration"),
        kind=OuterRef("kind"),
        key_digest=OuterRef("key_digest"),
        state="failed",
    )
    kept = Document.objects.filter(integration__in=Integration.objects.alive().filter(store=store))
    return kept.exclude(config_hash=store.target.config_hash).exclude(Exists(failed))


@transaction.atomic
def switch_when_ready(store_id: UUID) -> bool:
    """Let searches read the store's target version once every document is in it; return whether that happened."""
    stores = Store.objects.select_for_update(no_key=True, of=("self",))
    store = stores.select_related("workspace__organization", "target", "serving").get(pk=store_id)
    if store.serving_id == store.target_id or store.target is None or stale_documents(store).exists():
        return False
    refresh_statistics(store.target, always=True)
    old, store.serving = store.serving, store.target
    store.save(update_fields=["serving", "updated_at"])
    if old is not None:
        IndexVersion.objects.filter(pk=old.pk).update(retired_at=timezone.now())
    record(
        SYSTEM,
        Action.STORE_SWITCHED,
        store,
        workspace=store.workspace,
        before={"config": str(old)},
        after={"config": str(store.serving)},
    )
    return True


def continue_reindexing() -> None:
    """Go on with every store that is on its way to another configuration: a run may have been cancelled."""
    moving = Store.objects.exclude(serving=F("target")).filter(workspace__deleted_at=None)
    for store in moving.select_related("target"):
        if switch_when_ready(store.pk):
            continue
        stale = stale_documents(store).filter(integration=OuterRef("pk"))
        active = Run.objects.active().filter(integration=OuterRef("pk"))
        for integration in Integration.objects.alive().filter(Exists(stale), ~Exists(active), store=store):
            request_run(integration=integration, trigger=Trigger.CONFIG)
