"""How far a run is, told truly: what is settled of what was planned, and nothing that is not known."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from ingestion.models import Hold, ItemState, Run, RunItem, RunState

STAGES = {
    "plan": "Comparing",
    "fetch": "Fetching",
    "chunk": "Cutting into chunks",
    "embed": "Embedding",
    "write": "Writing",
}
SURE_AFTER = timedelta(seconds=15)  # of steady work, before the time that is left can be told
SURE_ITEMS = 20
SURE_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run is. `left` is the time that it will take yet, None where that would be a guess."""

    done: int
    total: int
    stage: str
    detail: str = ""
    left: timedelta | None = None


def progress_of(run: Run, now: datetime, *, waiting: str = "") -> Progress:
    """Return a run's progress; `waiting` is why none of its documents is in work, if there is a reason."""
    stage, detail = _stage(run, now, waiting)
    steady = run.state == RunState.RUNNING and not run.hold and not waiting
    return Progress(run.settled, run.total, stage, detail, _left(run, now) if steady else None)


def waits_for(run: Run) -> str:
    """Return why none of a run's documents is in work: its next one is to be tried again later, and this is why."""
    if run.state != RunState.RUNNING or run.hold or run.planned_at is None:
        return ""
    items = RunItem.objects.filter(run=run)
    if items.filter(state=ItemState.LEASED).exists():
        return ""
    following = items.filter(state=ItemState.QUEUED).order_by("id").values_list("due_at", "detail").first()
    if following is None or following[0] is None or following[0] <= timezone.now():
        return ""
    return f"{following[1]} It is tried again at {following[0]:%H:%M:%S} UTC."


def stages_of(run: Run) -> list[tuple[str, float, float]]:
    """Return the stages of a run with their seconds, and the share of each in all of them."""
    seconds = {name: float(run.stage_seconds.get(name, 0)) for name in STAGES}
    whole = sum(seconds.values()) or 1
    return [(STAGES[name], value, value / whole) for name, value in seconds.items() if value]


def _stage(run: Run, now: datetime, waiting: str) -> tuple[str, str]:
    if not run.is_active:
        return "", run.error
    if run.state == RunState.QUEUED:
        if run.due_at > now and run.error:
            return "Waiting to try again", run.error
        return "Waiting for a worker", ""
    if run.planned_at is None:
        return "Comparing with the source", ""
    if run.hold:
        return Hold(run.hold).label, run.error
    if waiting:
        return "Waiting to go on", waiting
    if run.settled < sum(run.planned.values()):
        return "Indexing documents", ""
    return "Finishing: removals, statistics, cursor", ""


def _left(run: Run, now: datetime) -> timedelta | None:
    """Extrapolate from the pace since the run was last set going, once there is enough of it."""
    if run.moving_since is None or run.settled >= run.total:
        return None
    elapsed, items = now - run.moving_since, run.settled - run.settled_before
    if elapsed < SURE_AFTER or items < max(SURE_ITEMS, run.total * SURE_SHARE):
        return None
    left = elapsed * (run.total - run.settled) / items
    minute = timedelta(minutes=1)
    return left if left < 2 * minute else round(left / minute) * minute
