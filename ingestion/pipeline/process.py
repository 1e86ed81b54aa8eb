"""Processing a run's documents a batch at a time: lease, fetch, decode, chunk, embed, write."""

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, OperationalError, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from ingestion.budget import BudgetBusy, BudgetReached, hold
from ingestion.embedding import embedder_of
from ingestion.embedding.base import AuthError, EmbedderError, NotConfigured
from ingestion.models import OPEN_ITEM_STATES, Document, ItemAction, ItemState, Run, RunItem
from ingestion.pipeline.context import source_of
from ingestion.pipeline.embed import Embedded, embed
from ingestion.pipeline.lease import lease_end
from ingestion.pipeline.plan import backoff, block
from ingestion.pipeline.prepare import Outcome, held, prepare
from ingestion.pipeline.stages import Stopwatch
from ingestion.pipeline.write import Cancelled, write
from ingestion.reasons import Reason
from ingestion.sources.base import Entry, Fetched, Head
from ingestion.sources.errors import Blocking, RateLimited, SourceError
from ingestion.wake import wake
from lightfast.lib.clock import shared_time_after
from lightfast.lib.in_hand import in_hand

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 6
ALONE_AFTER = 3  # attempts
BYTES_PER_TOKEN = 3


class OutOfBudget(Exception):
    """The budget has no room for some of a batch."""

    def __init__(self, items: Sequence[RunItem], refusal: BudgetReached | BudgetBusy) -> None:
        super().__init__(str(refusal))
        self.items, self.refusal = items, refusal


def process_batch(run_id: UUID) -> None:
    """Index the next few documents of a run, then wake what comes next."""
    run = (
        Run.objects.select_related(
            "workspace",
            "integration__connection",
            "integration__store__target",
            "integration__store__serving",
        )
        .at_work()
        .filter(pk=run_id)
        .first()
    )
    if run is None:
        return
    items: list[RunItem] = []
    try:
        items = _lease(run)
        if not items:
            _finish_if_nothing_is_left(run)
            return
        with in_hand(partial(_give_back, run, items)):
            if items[0].attempts > MAX_ATTEMPTS:
                _give_up(run, items)
            else:
                _index(run, items)
    except (Blocking, AuthError, NotConfigured) as error:
        block(run, str(error))
    except OutOfBudget as error:
        _wait_for_budget(run, error)
    except (SourceError, EmbedderError) as error:
        _put_back(run, items, error)
    except Cancelled:
        return
    wake_next(run)


def wake_next(run: Run) -> None:
    """Wake the next batch of a run, or its end when nothing is queued."""
    queued = RunItem.objects.filter(run=run, state=ItemState.QUEUED).exclude(action=ItemAction.REMOVE)
    wake("process_batch" if queued.exists() else "finish_run", run.pk)


def _finish_if_nothing_is_left(run: Run) -> None:
    open_items = RunItem.objects.filter(run=run, state__in=OPEN_ITEM_STATES).exclude(action=ItemAction.REMOVE)
    if not open_items.exists():
        wake("finish_run", run.pk)


def _lease(run: Run) -> list[RunItem]:
    """Take the next queued items: at most BATCH_DOCUMENTS, about BATCH_TOKENS, never more batches than allowed.

    One that came to nothing several times is taken alone: it may be what ends the workers, or fails the others.
    An embedder that is slow takes fewer tokens at a time. One batch of a run leases after another, or the one would
    find the last items locked that the other then does not take.
    """
    target = run.integration.store.target
    assert target is not None
    with transaction.atomic():
        most_tokens = min(settings.BATCH_TOKENS, embedder_of(target).batch_tokens)
        running = Run.objects.select_for_update(no_key=True).at_work().filter(pk=run.pk)
        if not running.exists():
            return []
        in_work = RunItem.objects.filter(run=run, state=ItemState.LEASED, lease_expires_at__gt=Now())
        if in_work.count() > settings.BATCH_DOCUMENTS * (settings.RUN_CONCURRENCY - 1):
            return []
        ready = Q(due_at=None) | Q(due_at__lte=Now())
        queued = (
            RunItem.objects.select_for_update(skip_locked=True, no_key=True)
            .filter(ready, run=run, state=ItemState.QUEUED)
            .exclude(action=ItemAction.REMOVE)
            .order_by("id")[: settings.BATCH_DOCUMENTS]
        )
        items: list[RunItem] = []
        tokens = 0
        for item in queued:
            tokens += (item.size or 0) // BYTES_PER_TOKEN
            if items and (tokens > most_tokens or max(item.attempts, items[0].attempts) >= ALONE_AFTER):
                break
            items.append(item)
        RunItem.objects.filter(pk__in=[item.pk for item in items]).update(
            state=ItemState.LEASED,
            attempts=F("attempts") + 1,
            lease_expires_at=lease_end(),
        )
    for item in items:
        item.attempts += 1
    return items


def _index(run: Run, items: Sequence[RunItem]) -> None:
    """Turn the leased items into rows; a document that fails takes no other with it."""
    clock = Stopwatch()
    store = run.integration.store
    target, serving = store.target, store.serving or store.target
    assert target is not None and serving is not None
    with clock.stage("fetch"):
        known = _known(run, items)
        contents = _contents(run, items, known)
    with clock.stage("chunk"):
        outcomes = [
            prepare(item, contents[item.pk], known.get((item.kind, item.key)), target=target, serving=serving)
            for item in items
        ]
    with clock.stage("embed"):
        embedded = embed(run, outcomes)
    ready = [outcome for outcome in outcomes if embedded.complete(outcome)]
    with clock.stage("write"):
        _write_all(run, ready, embedded)
    clock.add_to(run.pk)
    if embedded.refusal is not None:
        raise OutOfBudget([o.item for o in outcomes if not embedded.complete(o)], embedded.refusal)


def _known(run: Run, items: Sequence[RunItem]) -> dict[tuple[str, str], Document]:
    """Return the documents that the items are about to change, by kind and key."""
    digests = [sha256(item.key.encode()).digest() for item in items if item.action == ItemAction.CHANGE]
    found = Document.objects.filter(integration_id=run.integration_id, key_digest__in=digests)
    return {(document.kind, document.key): document for document in found}


def _contents(
    run: Run, items: Sequence[RunItem], known: Mapping[tuple[str, str], Document]
) -> dict[int, Fetched]:
    """Return each item's content by item id: what we hold where the revision is the same, else from the source."""
    contents, wanted = {}, {}
    for item in items:
        document = known.get((item.kind, item.key))
        if document is not None and document.revision == item.revision:
            contents[item.pk] = held(document)
        else:
            wanted[item.kind, item.key] = item
    if wanted:
        source, context = source_of(run.integration, run)
        entries = [Entry(i.kind, i.key, i.revision, i.size) for i in wanted.values()]
        for fetched in source.fetch(context, Head(run.revision, run.revision_label), entries):
            contents[wanted.pop((fetched.kind, fetched.key)).pk] = fetched
    for (kind, key), item in wanted.items():
        contents[item.pk] = Fetched(kind, key, item.revision, failure=Reason.MISSING)
    return contents


def _write_all(run: Run, outcomes: Sequence[Outcome], embedded: Embedded) -> None:
    try:
        write(run, outcomes, embedded)
    except OperationalError:
        raise  # the database is away: the leases expire and the sweep has the batch done again
    except DatabaseError:
        logger.exception(
            "A batch of run %s could not be written: each of its documents is written alone", run.pk
        )
        for outcome in outcomes:
            _write_alone(run, outcome, embedded)


def _write_alone(run: Run, outcome: Outcome, embedded: Embedded) -> None:
    try:
        write(run, [outcome], embedded.of([outcome]))
    except OperationalError:
        raise
    except DatabaseError as error:
        logger.exception("Document %s of run %s could not be written", outcome.item.key, run.pk)
        outcome.end(ItemState.FAILED, Reason.ERROR, f"{type(error).__name__}: {error}")
        write(run, [outcome], Embedded())


def _give_up(run: Run, items: Sequence[RunItem]) -> None:
    """Fail what no worker has lived to tell of."""
    outcomes = [Outcome(item) for item in items]
    for outcome in outcomes:
        times = outcome.item.attempts - 1
        outcome.end(
            ItemState.FAILED,
            Reason.ERROR,
            f"{times} workers ended in the middle of it; their log may say why.",
        )
    write(run, outcomes, Embedded())


@transaction.atomic
def _give_back(run: Run, items: Sequence[RunItem]) -> None:
    """Queue items again that this worker has no time left for; they count as tried, so that it writes them no more."""
    for item in items:
        RunItem.objects.filter(pk=item.pk, state=ItemState.LEASED, attempts=item.attempts).update(
            state=ItemState.QUEUED, lease_expires_at=None
        )
    wake("process_batch", run.pk)


def _put_back(run: Run, items: Sequence[RunItem], error: SourceError | EmbedderError) -> None:
    """Queue the items again for later; those tried too often fail with the error as their reason."""
    retry_after = getattr(error, "retry_after", None)
    wait = backoff(max(item.attempts for item in items), retry_after)
    embedding = isinstance(error, EmbedderError)
    limited = isinstance(error, RateLimited)
    exhausted = [item for item in items if item.attempts >= MAX_ATTEMPTS and not limited]
    with transaction.atomic():
        RunItem.objects.filter(
            pk__in=[item.pk for item in items if item not in exhausted], state=ItemState.LEASED
        ).update(
            state=ItemState.QUEUED,
            lease_expires_at=None,
            due_at=shared_time_after(wait),
            attempts=F("attempts") - int(limited),
            detail=str(error)[:2000],
        )
        outcomes = []
        for item in exhausted:
            outcome = Outcome(item)
            outcome.end(ItemState.FAILED, Reason.NOT_EMBEDDED if embedding else Reason.UNREADABLE, str(error))
            outcomes.append(outcome)
        if outcomes:
            write(run, outcomes, Embedded())
        wake("process_batch", run.pk, delay=wait.total_seconds())


@transaction.atomic
def _wait_for_budget(run: Run, error: OutOfBudget) -> None:
    """Queue the items again, which is no attempt, and hold the run; or try soon, when others only reserve too much."""
    refusal = error.refusal
    held = isinstance(refusal, BudgetReached) and hold(run, refusal)
    wait = timedelta(0) if held else timedelta(seconds=BudgetBusy.retry_after)
    RunItem.objects.filter(pk__in=[item.pk for item in error.items], state=ItemState.LEASED).update(
        state=ItemState.QUEUED,
        lease_expires_at=None,
        due_at=shared_time_after(wait),
        attempts=F("attempts") - 1,
        detail=str(refusal)[:2000],
    )
    if not held:
        wake("process_batch", run.pk, delay=wait.total_seconds())
