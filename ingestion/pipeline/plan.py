"""Planning a run: name the head, list or compare, select, and turn the difference into run items."""

import hashlib
import logging
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from time import perf_counter
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Now
from django.utils import timezone

from console.audit import SYSTEM, Action, record
from ingestion.embedding.prices import estimated_tokens, is_paid
from ingestion.models import (
    ConfigState,
    Connection,
    ConnectionState,
    Hold,
    Integration,
    IntegrationState,
    ItemAction,
    Run,
    RunItem,
    RunState,
    Trigger,
)
from ingestion.pipeline.changes import count_omissions
from ingestion.pipeline.context import source_of
from ingestion.pipeline.diff import Comparison, compare
from ingestion.pipeline.lease import kept, lease_end
from ingestion.pipeline.select import (
    CONFIG_NAMES,
    SELECTION_VERSION,
    Config,
    ConfigError,
    Problem,
    Selector,
    parse_config,
)
from ingestion.reasons import Reason
from ingestion.runs import end_run, lock_active
from ingestion.sources.base import Entry, Head, Source, SourceContext
from ingestion.sources.errors import Blocking, RateLimited, SourceError, Unavailable
from ingestion.states import change_state, unblock
from ingestion.wake import wake
from lightfast.lib.clock import shared_time_after
from lightfast.lib.in_hand import in_hand

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 8
FILE = "file"  # the kind that the patterns of a configuration are about


@dataclass(frozen=True, slots=True)
class Selection:
    """What decides which entries are kept, and where it came from."""

    selector: Selector
    config: Config | None
    digest: str


def plan_run(run_id: UUID) -> None:
    """Plan a queued run; a failure of the source ends it, or puts it off when waiting can help."""
    run = _claim(run_id)
    if run is None:
        return
    try:
        with kept(run), in_hand(partial(_give_back, run)):
            _plan(run)
    except Unavailable as error:
        _put_off(run, error)
    except Blocking as error:
        block(run, str(error))
    except ConfigError as error:
        _refuse_config(run, error)
    except SourceError as error:
        _fail(run, str(error))
    except Exception as error:
        logger.exception("Planning run %s failed", run_id)
        _put_off(
            run, Unavailable(f"Unexpected {type(error).__name__} while planning; the log has the details.")
        )


def backoff(attempts: int, retry_after: float | None = None) -> timedelta:
    """Return how long to wait before the next attempt: 5 s doubling to 15 minutes, and no less than was asked for."""
    return timedelta(seconds=max(min(5 * 2 ** max(0, attempts - 1), 900), retry_after or 0))


@transaction.atomic
def _claim(run_id: UUID) -> Run | None:
    free = Q(lease_expires_at=None) | Q(lease_expires_at__lt=Now())
    claimed = (
        Run.objects.active()
        .filter(free, pk=run_id, planned_at=None, due_at__lte=Now())
        .update(
            state=RunState.RUNNING,
            started_at=timezone.now(),
            lease_expires_at=lease_end(),
            attempts=F("attempts") + 1,
        )
    )
    if not claimed:
        return None
    return Run.objects.select_related(
        "integration__connection", "integration__store__target", "workspace"
    ).get(pk=run_id)


def _plan(run: Run) -> None:
    integration = run.integration
    clock = perf_counter()
    if run.trigger == Trigger.CONFIG:
        head, digest = Head(integration.cursor, integration.cursor_label), integration.selection_digest
        selection, comparison = None, Comparison(entries=(), removed=(), full=False)
    else:
        source, context = source_of(integration)
        head = source.head(context)
        _go_on(integration)
        selection = _selection(source, context, head)
        digest = selection.digest
        comparison = _compare(run, source, context, head, selection)
    with transaction.atomic():
        Integration.objects.select_for_update(no_key=True).get(
            pk=integration.pk
        )  # before the run, as everywhere
        locked = (
            Run.objects.select_for_update(no_key=True)
            .filter(pk=run.pk, state=RunState.RUNNING, attempts=run.attempts)
            .first()
        )
        if locked is None:
            return
        if selection is not None:
            _note(integration, head, selection.config)
        target = integration.store.target
        assert target is not None
        counts = compare(locked, comparison, config_hash=target.config_hash)
        locked.listed, locked.unchanged, locked.skipped = counts.listed, counts.unchanged, counts.skipped
        locked.revision, locked.revision_label, locked.selection_digest = head.revision, head.label, digest
        locked.config_hash, locked.full = target.config_hash, comparison.full
        _measure(locked)
        if locked.confirm and locked.estimate["documents"] and is_paid(target):
            locked.hold = Hold.CONFIRMATION
        count_omissions(integration.pk)
        locked.planned_at = locked.moving_since = timezone.now()
        locked.lease_expires_at = None
        locked.stage_seconds = {"plan": round(perf_counter() - clock, 3)}
        locked.save()
        if not locked.hold:
            start_batches(locked)


def _selection(source: Source, context: SourceContext, head: Head) -> Selection:
    """Read `lightfast.yml` at the head; its text and our own rules make up the digest."""
    data, name = b"", ""
    found = {entry.key: entry for entry in source.lookup(context, head, CONFIG_NAMES)}
    for name in (name for name in CONFIG_NAMES if name in found):
        data = _read(source, context, head, found[name])
        break
    config = parse_config(data, name) if name else None
    digest = hashlib.sha256(f"{SELECTION_VERSION}\0{name}\0".encode() + data).hexdigest()
    return Selection(Selector(config), config, digest)


def _read(source: Source, context: SourceContext, head: Head, entry: Entry) -> bytes:
    """Return the bytes of a configuration file; raise `ConfigError` for one that is no plain file of small size."""
    reason = entry.skip
    if reason is None:
        [fetched] = source.fetch(context, head, [entry])
        if fetched.data is not None:
            return fetched.data
        reason = fetched.failure or Reason.UNREADABLE
    message = f"It cannot be read: {reason.label.lower()}. Make it a plain file."
    raise ConfigError(entry.key, [Problem("", 1, message)])


def _compare(
    run: Run, source: Source, context: SourceContext, head: Head, selection: Selection
) -> Comparison:
    """Take the exact difference to the cursor where the source can tell it, else the whole listing."""
    integration = run.integration
    same_rules = selection.digest == integration.selection_digest
    if integration.cursor and same_rules and not run.full and not _full_is_due(integration, source):
        changes = source.changes(context, integration.cursor, head)
        if changes is not None:
            return Comparison(_selected(changes.entries, selection), tuple(changes.removed), full=False)
    return Comparison(_selected(source.entries(context, head), selection), (), full=True)


def _full_is_due(integration: Integration, source: Source) -> bool:
    """Tell whether it is time to compare everything again, for a source whose differences may miss deletions."""
    interval = source.manifest.full_interval
    if interval is None:
        return False
    full = Run.objects.filter(integration=integration, full=True, finished_at__gt=timezone.now() - interval)
    return not full.filter(state__in=(RunState.COMPLETED, RunState.COMPLETED_WITH_ERRORS)).exists()


def _selected(entries: Iterable[Entry], selection: Selection) -> list[tuple[Entry, str]]:
    """Decide on every file, before any row is locked: the source may be slow."""
    decide = selection.selector.decide
    return [
        (entry, entry.skip or (decide(entry.key, entry.size) if entry.kind == FILE else None) or "")
        for entry in entries
    ]


def _measure(run: Run) -> None:
    """Note what the run is to read and to remove, and about how many tokens that has."""
    items = RunItem.objects.filter(run=run)
    rows = items.values("kind", "action").annotate(number=Count("pk"), sized=Count("size"), bytes=Sum("size"))
    run.total = sum(row["number"] for row in rows)
    kept = [row for row in rows if row["action"] != ItemAction.REMOVE]
    planned = Counter[str]()
    for row in kept:
        planned[row["kind"]] += row["number"]
    run.planned = dict(planned)
    size = sum(int(row["bytes"] or 0) for row in kept)
    run.estimate = {
        "documents": planned.total(),
        "bytes": size,
        "tokens": estimated_tokens(size),
        "unsized": sum(row["number"] - row["sized"] for row in kept),
    }


@transaction.atomic
def _go_on(integration: Integration) -> None:
    """Let a source that was blocked go on, and all of its connection, now that the provider has answered again."""
    suspended = Connection.objects.select_for_update(no_key=True).filter(
        integrations=integration, state=ConnectionState.SUSPENDED
    )
    connection = suspended.first()
    unblock(integration)
    if connection is not None:
        change_state(connection, ConnectionState.ACTIVE, "")
        connection.save()


def _note(integration: Integration, head: Head, config: Config | None) -> None:
    Integration.objects.filter(pk=integration.pk).update(
        name=head.name[:200] or F("name"),
        notice=head.notice,
        config_state=ConfigState.CONFIGURED if config else ConfigState.DEFAULT,
        config_file=config.name if config else "",
        config_problems=[],
    )


def start_batches(run: Run) -> None:
    """Wake as many batches as may be in work at a time, or the end of a run that has no documents to index."""
    open_items = RunItem.objects.filter(run=run, state="queued").exclude(action=ItemAction.REMOVE)
    pending = open_items[: settings.BATCH_DOCUMENTS * settings.RUN_CONCURRENCY].count()
    if not pending:
        wake("finish_run", run.pk)
    for _ in range(-(-pending // settings.BATCH_DOCUMENTS)):
        wake("process_batch", run.pk)


@transaction.atomic
def _give_back(run: Run) -> None:
    """Let another worker plan a run that this one has no time left for."""
    given = Run.objects.filter(
        pk=run.pk, state=RunState.RUNNING, attempts=run.attempts, planned_at=None
    ).update(state=RunState.QUEUED, lease_expires_at=None)
    if given:
        wake("plan_run", run.pk)


@transaction.atomic
def _put_off(run: Run, error: Unavailable) -> None:
    counted = not isinstance(error, RateLimited)
    if counted and run.attempts >= MAX_ATTEMPTS:
        _fail(run, f"Gave up after {run.attempts} attempts. {error}")
        return
    wait = backoff(run.attempts, error.retry_after)
    Run.objects.filter(pk=run.pk, state=RunState.RUNNING, attempts=run.attempts).update(
        state=RunState.QUEUED,
        lease_expires_at=None,
        due_at=shared_time_after(wait),
        error=str(error),
        attempts=run.attempts if counted else run.attempts - 1,
    )
    wake("plan_run", run.pk, delay=wait.total_seconds())


@transaction.atomic
def _fail(run: Run, error: str) -> None:
    locked = lock_active(run.pk)
    if locked is not None:
        end_run(locked, RunState.FAILED, error=error)


@transaction.atomic
def block(run: Run, reason: str) -> None:
    """Fail the run and stop syncing its integration until somebody has done what the reason says."""
    stopped = Integration.objects.filter(pk=run.integration_id)
    values = {"state_reason": reason, "dirty": False}
    if stopped.filter(state=IntegrationState.ACTIVE).update(state=IntegrationState.BLOCKED, **values):
        record(
            SYSTEM, Action.SOURCE_BLOCKED, run.integration, workspace=run.workspace, after={"reason": reason}
        )
    else:
        stopped.filter(state=IntegrationState.BLOCKED).update(**values)
    _fail(run, reason)


@transaction.atomic
def _refuse_config(run: Run, error: ConfigError) -> None:
    Integration.objects.filter(pk=run.integration_id).update(
        config_state=ConfigState.INVALID,
        config_problems=[{"key": p.key, "line": p.line, "message": p.message} for p in error.problems],
    )
    _fail(run, str(error))
