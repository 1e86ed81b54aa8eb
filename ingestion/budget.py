"""A workspace's budget: what may be embedded is reserved before it is sent, and settled when the bill is known.

A reservation is for no fewer tokens than the texts can have, one a byte, so that requests side by side cannot go
over a cap together. Near a cap fewer texts are taken at a time, and what they did not use is there for the next.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, QuerySet, Sum
from django.db.models.functions import Now
from django.utils import timezone

from console.audit import SYSTEM, Action, Actor, record
from console.models import Workspace
from ingestion.embedding import EmbeddingConfig
from ingestion.embedding.base import EmbedderError
from ingestion.embedding.prices import dollars_of, estimated_tokens, price_of
from ingestion.models import Budget, Hold, Reservation, Run, RunState, Usage
from ingestion.wake import wake
from lightfast.lib.clock import shared_time_after
from lightfast.lib.errors import UserError

MARKS = 8  # tokens that a model may put around a text

ADD_USAGE = """
INSERT INTO ingestion_usage AS u (workspace_id, month, model, tokens, dollars) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (workspace_id, month, model) DO UPDATE
SET tokens = greatest(0, u.tokens + excluded.tokens), dollars = greatest(0, u.dollars + excluded.dollars)
"""


class BudgetReached(EmbedderError):
    """Not even one more text fits into the budget; `need` is the most tokens that it may have under `config`."""

    def __init__(self, message: str, config: EmbeddingConfig, need: int) -> None:
        super().__init__(message)
        self.config, self.need = config, need


class BudgetBusy(EmbedderError):
    """What is left is reserved by requests in flight; most of it comes back when they end."""

    retry_after = 2.0


@dataclass(frozen=True, slots=True)
class Standing:
    """How a workspace stands this month."""

    month: date
    tokens: int
    dollars: Decimal
    token_cap: int | None
    dollar_cap: Decimal | None

    @property
    def reached(self) -> bool:
        """Whether nothing is left."""
        return (self.token_cap is not None and self.tokens >= self.token_cap) or (
            self.dollar_cap is not None and self.dollars >= self.dollar_cap
        )

    def room(self, config: EmbeddingConfig) -> int | None:
        """Return how many tokens of a model fit in; None for any number."""
        rooms = []
        if self.token_cap is not None:
            rooms.append(self.token_cap - self.tokens)
        if self.dollar_cap is not None and (price := price_of(config)):
            rooms.append(int((self.dollar_cap - self.dollars) * 1_000_000 / price))
        return min(rooms) if rooms else None


def this_month() -> date:
    """Return the first day of the month, in UTC."""
    return timezone.now().astimezone(UTC).date().replace(day=1)


def month_after(month: date) -> date:
    """Return the first day of the month that follows."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def standing_of(workspace_id: UUID) -> Standing:
    """Return what a workspace has used this month, requests in flight included, beside its caps."""
    month = this_month()
    budget = Budget.objects.filter(pk=workspace_id).first() or Budget()
    used = Usage.objects.filter(workspace=workspace_id, month=month)
    reserved = Reservation.objects.filter(workspace=workspace_id, month=month)
    tokens, dollars = 0, Decimal(0)
    for rows in (used, reserved):
        sums = rows.aggregate(tokens=Sum("tokens"), dollars=Sum("dollars"))
        tokens, dollars = tokens + (sums["tokens"] or 0), dollars + (sums["dollars"] or 0)
    return Standing(month, tokens, dollars, budget.tokens, budget.dollars)


@transaction.atomic
def reserve(run: Run, config: EmbeddingConfig, texts: Sequence[str]) -> tuple[Reservation, int]:
    """Reserve what the first of the texts may use; return the reservation and how many of them it is for.

    Raises `BudgetReached` when not one fits, `BudgetBusy` when one may as soon as others have settled.
    """
    _lock(run.workspace_id)
    standing = standing_of(run.workspace_id)
    room = standing.room(config)
    bound = size = count = 0
    for text in texts:
        length = len(text.encode())
        if room is not None and bound + length + MARKS > room:
            break
        bound, size, count = bound + length + MARKS, size + length, count + 1
    if not count:
        if Reservation.objects.filter(workspace=run.workspace_id).exists():
            raise BudgetBusy("Waits for other requests, which have reserved what is left of the budget.")
        raise BudgetReached(reached_message(standing), config, len(texts[0].encode()) + MARKS)
    reservation = Reservation.objects.create(
        workspace_id=run.workspace_id,
        run=run,
        month=standing.month,
        model=config.model,
        tokens=bound,
        dollars=dollars_of(config, bound),
        expected=estimated_tokens(size),
        expires_at=shared_time_after(timedelta(seconds=settings.LEASE_SECONDS)),
    )
    return reservation, count


@transaction.atomic
def settle(reservation: Reservation, config: EmbeddingConfig, tokens: int) -> None:
    """Replace a reservation by what was used; one that has expired was taken to have used what was expected."""
    _lock(reservation.workspace_id)
    kept, _ = Reservation.objects.filter(pk=reservation.pk).delete()
    tokens -= 0 if kept else reservation.expected
    _add_usage(reservation, tokens, dollars_of(config, tokens))


def settle_expired() -> None:
    """Take the requests of workers that died to have used what was expected."""
    for expired in Reservation.objects.filter(expires_at__lt=Now())[:100]:
        with transaction.atomic():
            _lock(expired.workspace_id)
            if Reservation.objects.filter(pk=expired.pk).delete()[0]:
                share = Decimal(expired.expected) / max(expired.tokens, 1)
                _add_usage(expired, expired.expected, expired.dollars * share)


@transaction.atomic
def hold(run: Run, refusal: BudgetReached) -> bool:
    """Let a run wait until the budget is raised or the month turns, unless it has been raised just now."""
    _lock(run.workspace_id)
    standing = standing_of(run.workspace_id)
    room = standing.room(refusal.config)
    if room is None or room >= refusal.need:
        return False
    turn = datetime.combine(month_after(standing.month), datetime.min.time(), UTC)
    held = Run.objects.filter(pk=run.pk, state=RunState.RUNNING, hold="").update(
        hold=Hold.BUDGET, held_until=turn, error=str(refusal)
    )
    if held:
        record(SYSTEM, Action.BUDGET_REACHED, run, workspace=run.workspace, after={"reason": str(refusal)})
    return True


@transaction.atomic
def set_budget(
    *, workspace: Workspace, tokens: int | None, dollars: Decimal | None, actor: Actor = SYSTEM
) -> Budget:
    """Set a workspace's caps a month, None for no cap; what waits for them goes on if it may."""
    if (tokens is not None and tokens < 0) or (dollars is not None and dollars < 0):
        raise UserError("A budget cannot be less than nothing. Leave it empty for no cap.")
    budget = _lock(workspace.pk)
    before = {"tokens": budget.tokens, "dollars": _text(budget.dollars)}
    budget.tokens, budget.dollars = tokens, dollars
    budget.save()
    after = {"tokens": tokens, "dollars": _text(dollars)}
    if before != after:
        record(actor, Action.BUDGET_CHANGED, workspace, workspace=workspace, before=before, after=after)
    release(Run.objects.in_workspace(workspace).filter(hold=Hold.BUDGET))
    return budget


def release_due() -> None:
    """Let the runs go on whose wait for the next month is over."""
    release(Run.objects.filter(hold=Hold.BUDGET, held_until__lte=timezone.now()))


@transaction.atomic
def release(runs: QuerySet[Run]) -> None:
    """Let runs that are held go on."""
    ids = list(runs.filter(state=RunState.RUNNING).values_list("pk", flat=True)[:500])
    Run.objects.filter(pk__in=ids).update(
        hold="", held_until=None, error="", moving_since=timezone.now(), settled_before=F("settled")
    )
    for pk in ids:
        for _ in range(settings.RUN_CONCURRENCY):
            wake("process_batch", pk)


def reached_message(standing: Standing) -> str:
    """Say which cap is reached, and what to do."""
    parts = []
    if standing.token_cap is not None:
        parts.append(f"{standing.tokens:,} of {standing.token_cap:,} tokens")
    if standing.dollar_cap is not None:
        parts.append(f"${standing.dollars:,.2f} of ${standing.dollar_cap:,.2f}")
    turn = month_after(standing.month)
    return (
        f"The budget for {standing.month:%B} is used up ({', '.join(parts)}). Raise it to go on at once; "
        f"else this goes on by itself on 1 {turn:%B} (UTC)."
    )


def _add_usage(reservation: Reservation, tokens: int, dollars: Decimal) -> None:
    if not tokens:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            ADD_USAGE, [reservation.workspace_id, reservation.month, reservation.model, tokens, dollars]
        )


def _lock(workspace_id: UUID) -> Budget:
    Budget.objects.get_or_create(pk=workspace_id)
    return Budget.objects.select_for_update(no_key=True).get(pk=workspace_id)


def _text(dollars: Decimal | None) -> str | None:
    return None if dollars is None else str(dollars)
