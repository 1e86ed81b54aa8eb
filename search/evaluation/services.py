"""Asking for an evaluation, and doing it in the background."""

import random
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from console.audit import SYSTEM, Action, Actor, record
from ingestion.models import Document, Integration
from ingestion.sources.errors import SourceError
from ingestion.wake import wake
from lightfast.lib.errors import UserError
from search.evaluation.mine import mine
from search.evaluation.pairs import Pair
from search.evaluation.run import Report, evaluate
from search.models import Evaluation, EvaluationState

MOST_QUERIES = 300  # of one evaluation: enough for intervals of some five points
FEWEST_QUERIES = 10
LEASE = timedelta(hours=1)
ROWS = 100


@transaction.atomic
def request_evaluation(*, integration: Integration, actor: Actor = SYSTEM) -> Evaluation:
    """Queue an evaluation of a source; raise `UserError` while one is under way or nothing is indexed."""
    if integration.synced_at is None:
        raise UserError(f"{integration} is not indexed yet. Wait for its first sync, then measure.")
    try:
        with transaction.atomic():
            evaluation = Evaluation.objects.create(
                workspace=integration.workspace,
                integration=integration,
                source_name=integration.name,
                origin="its own history",
                requested_by=actor.user,
            )
    except IntegrityError:
        raise UserError(f"{integration} is being measured already.") from None
    record(actor, Action.EVALUATION_REQUESTED, evaluation, workspace=integration.workspace)
    wake("evaluate_search", evaluation.pk)
    return evaluation


def run_evaluation(evaluation_id: UUID) -> None:
    """Mine queries, ask them and keep what was found; one that another worker is on is left alone."""
    evaluation = _lease(evaluation_id)
    if evaluation is None or evaluation.integration is None:
        return
    try:
        pairs = mine(evaluation.integration)
        if len(pairs) < FEWEST_QUERIES:
            raise UserError(
                f"The history has {len(pairs)} changes that make fair queries; {FEWEST_QUERIES} are the least. "
                "For GitHub, let commits or pull requests be indexed, too."
            )
        chosen = sample(pairs)
        report = evaluate(
            evaluation.workspace,
            chosen,
            source=evaluation.integration_id,
            store=evaluation.integration.store.name,
        )
    except (SourceError, UserError) as error:
        _fail(evaluation, str(error))
    except Exception:
        _fail(evaluation, "Something went wrong on our side; the log tells what. Try again.")
        raise
    else:
        keep(evaluation, report)


def sample(pairs: Sequence[Pair], most: int = MOST_QUERIES) -> list[Pair]:
    """Return so many of the pairs, the same ones each time."""
    if len(pairs) <= most:
        return list(pairs)
    return random.Random(0).sample(sorted(pairs, key=lambda pair: pair.query), most)  # noqa: S311


def keep(evaluation: Evaluation, report: Report) -> Evaluation:
    """Store what an evaluation found."""
    files = Document.objects.filter(kind="file", workspace=evaluation.workspace)
    if evaluation.integration is not None:
        files = files.filter(integration=evaluation.integration)
        evaluation.configuration = str(evaluation.integration.store.serving)
    evaluation.state, evaluation.error, evaluation.finished_at = EvaluationState.COMPLETED, "", timezone.now()
    evaluation.pairs, evaluation.documents = report.pairs, files.count()
    evaluation.measures, evaluation.latency = report.measures(), report.latency()
    evaluation.misses, evaluation.lease_expires_at = report.misses, None
    evaluation.save()
    return evaluation


@transaction.atomic
def wake_forgotten_evaluations() -> None:
    """Wake evaluations whose message was lost, or whose worker died."""
    now = timezone.now()
    free = Q(lease_expires_at=None, created_at__lt=now - timedelta(minutes=1)) | Q(lease_expires_at__lt=now)
    for pk in list(Evaluation.objects.unsettled().filter(free).values_list("pk", flat=True)[:ROWS]):
        wake("evaluate_search", pk)


@transaction.atomic
def _lease(evaluation_id: UUID) -> Evaluation | None:
    now = timezone.now()
    free = Q(lease_expires_at=None) | Q(lease_expires_at__lt=now)
    rows = Evaluation.objects.unsettled().select_for_update(no_key=True, of=("self",))
    evaluation = (
        rows.select_related("workspace__organization", "integration__store__serving")
        .filter(free, pk=evaluation_id)
        .first()
    )
    if evaluation is not None:
        evaluation.state, evaluation.lease_expires_at = EvaluationState.RUNNING, now + LEASE
        evaluation.save(update_fields=["state", "lease_expires_at", "updated_at"])
    return evaluation


def _fail(evaluation: Evaluation, error: str) -> None:
    evaluation.state, evaluation.error, evaluation.finished_at = EvaluationState.FAILED, error, timezone.now()
    evaluation.lease_expires_at = None
    evaluation.save(update_fields=["state", "error", "finished_at", "lease_expires_at", "updated_at"])
