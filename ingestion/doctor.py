"""The examination of what comes in: embedders, work that stands still, sources that need somebody, the index."""

from collections.abc import Iterator
from datetime import timedelta

from django.db import connection
from django.db.models import F, Q
from django.utils import timezone

from ingestion.embedding import EmbeddingConfig, embedder_of
from ingestion.embedding.base import EmbedderError
from ingestion.models import (
    Connection,
    ConnectionState,
    Delivery,
    DeliveryState,
    Integration,
    IntegrationState,
    Purge,
    Run,
    RunState,
    Store,
)
from ingestion.pipeline.vector_index import indexes, large
from ingestion.stores import default_config
from lightfast.lib.findings import Finding, error, ok, warning

PATIENCE = timedelta(minutes=10)
SHOWN = 10

# What the index says against what it is: a chunk without a vector is not found by meaning, a document without
# chunks not at all, and a term's count that is far off ranks badly.
DRIFT = """
SELECT s.name, w.name,
       (SELECT count(*) FROM ingestion_chunk c WHERE c.version_id = s.serving_id
          AND NOT EXISTS (SELECT FROM ingestion_vector v WHERE v.chunk_id = c.id)) AS without_vector,
       (SELECT count(*) FROM ingestion_document d JOIN ingestion_integration i ON i.id = d.integration_id
          WHERE i.store_id = s.id AND d.text <> '' AND s.serving_id = s.target_id
          AND NOT EXISTS (SELECT FROM ingestion_chunk c WHERE c.document_id = d.id AND c.version_id = s.serving_id))
FROM ingestion_store s JOIN console_workspace w ON w.id = s.workspace_id
WHERE s.serving_id IS NOT NULL
"""


def embedders() -> Iterator[Finding]:
    """Examine whether each embedder that an index was made with, and the one of new indexes, can embed."""
    used: list[EmbeddingConfig] = [default_config()]
    stores = Store.objects.exclude(serving=None).select_related("serving")
    used += [store.serving for store in stores if store.serving]
    configs = {(config.embedder, config.model, config.dimensions): config for config in used}
    for name, config in configs.items():
        label = f"{name[0]} ({name[1]}, {name[2]} dimensions)"
        try:
            embedder_of(config).embed_query("Is anybody there?")
        except EmbedderError as problem:
            yield error(f"The embedder {label} does not work: {problem}", "Search goes by words only.")
        else:
            yield ok(f"The embedder {label} works.")


def work() -> Iterator[Finding]:
    """Examine whether workers and scheduler move what waits."""
    before = timezone.now() - PATIENCE
    waiting = Run.objects.filter(state=RunState.QUEUED, due_at__lt=before).count()
    deaf = Delivery.objects.filter(state=DeliveryState.RECEIVED, created_at__lt=before).count()
    purges = Purge.objects.filter(completed_at=None, created_at__lt=before).count()
    if waiting or deaf:
        yield error(
            f"{waiting} runs and {deaf} deliveries have waited for more than ten minutes.",
            "Is a worker running (manage.py up, or rundramatiq), and does it reach the same BROKER_URL?",
        )
    overdue = Integration.objects.alive().filter(
        state=IntegrationState.ACTIVE, next_sync_at__lt=before - PATIENCE
    )
    if number := overdue.count():
        yield error(
            f"{number} sources are overdue for their periodic sync.", "Is manage.py scheduler running?"
        )
    still = Run.objects.filter(
        Q(lease_expires_at=None) | Q(lease_expires_at__lt=before), updated_at__lt=before
    )
    quiet = still.filter(state=RunState.RUNNING).exclude(
        items__state="leased", items__lease_expires_at__gt=timezone.now()
    )
    if number := quiet.distinct().count():
        yield warning(
            f"{number} runs have not moved for ten minutes.", "The log tells why; cancel and sync again."
        )
    if purges:
        yield warning(f"{purges} deletions have not ended.", "A worker does them; the log tells why not.")
    if not (waiting or deaf or number or purges):
        yield ok("Nothing waits that should not.")


def sources() -> Iterator[Finding]:
    """Examine which sources and connections need somebody."""
    blocked = Integration.objects.alive().filter(state=IntegrationState.BLOCKED)
    for source in blocked.select_related("workspace").order_by("pk")[:SHOWN]:
        yield warning(
            f"{source} of {source.workspace} needs attention: {source.state_reason}", "Resume it then."
        )
    shut = Connection.objects.filter(organization__deleted_at=None).exclude(state=ConnectionState.ACTIVE)
    for row in shut.select_related("organization").order_by("pk")[:SHOWN]:
        state = row.get_state_display().lower()
        yield warning(f"{row} of {row.organization} is {state}. {row.state_reason}", "Connect it again.")
    if not blocked.exists() and not shut.exists():
        yield ok("Every source and every connection is in order.")


def index() -> Iterator[Finding]:
    """Examine whether each index holds what its documents say."""
    with connection.cursor() as cursor:
        cursor.execute(DRIFT)
        rows = cursor.fetchall()
    for store, workspace, without_vector, without_chunks in rows:
        if without_vector or without_chunks:
            yield error(
                f"The index {store} of {workspace} misses {without_vector:,} vectors and the chunks of "
                f"{without_chunks:,} documents.",
                "Start a full sync of its sources.",
            )
    stale = Store.objects.exclude(serving=F("target")).exclude(serving=None).count()
    if stale:
        yield warning(f"{stale} indexes are being made anew.", "They switch by themselves when all is ready.")
    if not stale and not any(row[2] or row[3] for row in rows):
        yield ok(f"{len(rows)} indexes hold what their documents say.")


def vector_indexes() -> Iterator[Finding]:
    """Examine whether large versions have their index over vectors."""
    there, wanted = indexes(), set(large().values_list("pk", flat=True))
    missing = {pk for pk in wanted if not there.get(pk)}
    if not missing:
        yield ok(f"{len(wanted)} large indexes find vectors without looking at each.")
        return
    unfinished = {pk for pk in missing if pk in there}
    yield warning(
        f"{len(missing)} of {len(wanted)} large indexes look at each vector"
        + (f"; the build of {len(unfinished)} was not finished, or is in work." if unfinished else "."),
        "Searches are right but slow. A worker builds what is missing, and tries again after a quarter of an hour: if"
        " this stays, its log tells why (memory, disk, or a transaction that was open for too long).",
    )
