"""A workspace's budget holds, whatever runs side by side; what waits for it goes on."""

import threading
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from console.models import Activity, Workspace
from ingestion import schedule
from ingestion.budget import BudgetBusy, BudgetReached, month_after, reserve, set_budget, settle, standing_of
from ingestion.embedding import get_embedder
from ingestion.models import Budget, Hold, IndexVersion, ItemState, Reservation, Run, RunItem, RunState, Usage
from ingestion.pipeline.plan import plan_run
from ingestion.pipeline.process import process_batch
from ingestion.services import cancel, confirm, connect
from lightfast.lib.errors import UserError
from tests.emulators.voyage import KEY, Fault, VoyageEmulator
from tests.ingestion.conftest import unattended
from tests.queue import Drain
from tests.repositories import Repository


@pytest.fixture(autouse=True)
def service(settings: Settings, null_embedder: None) -> Iterator[VoyageEmulator]:
    with VoyageEmulator() as server:
        settings.EMBEDDER, settings.VOYAGE_API_KEY, settings.VOYAGE_BASE_URL = "voyage", KEY, server.url
        settings.VOYAGE_DIMENSIONS, settings.BATCH_DOCUMENTS = 8, 3
        get_embedder.cache_clear()
        yield server
        server.shutdown()
    get_embedder.cache_clear()


@pytest.fixture
def many(repository: Repository) -> Repository:
    """Return the repository with twelve more documents, about 150 tokens each."""
    repository.commit({f"notes/{n}.md": f"# Note {n}\n\n" + f"word{n} " * 80 for n in range(12)})
    return repository


def begin(workspace: Workspace, repository: Repository, *, ask: bool = False) -> Run:
    """Connect the repository and plan its first run, which no worker hears of."""
    integration = connect(
        workspace=workspace, kind="git", resource=str(repository.path), allow_local=True, confirm=ask
    )
    run = Run.objects.get(integration=integration)
    plan_run(run.pk)
    run.refresh_from_db()
    return run


def used(workspace: Workspace) -> int:
    return sum(Usage.objects.filter(workspace=workspace).values_list("tokens", flat=True))


def billed(service: VoyageEmulator) -> int:
    return sum(service.tokens(text) for request in service.requests for text in request["input"])


def test_what_is_used_is_what_the_service_bills(
    workspace: Workspace, many: Repository, worker: Drain, service: VoyageEmulator
) -> None:
    integration = connect(workspace=workspace, kind="git", resource=str(many.path), allow_local=True)
    worker()
    run = integration.runs.get()
    assert run.state == RunState.COMPLETED
    assert used(workspace) == run.tokens_embedded == billed(service) > 0
    assert not Reservation.objects.exists()
    usage = Usage.objects.get(workspace=workspace)
    assert usage.dollars == Decimal("0.18") * usage.tokens / 1_000_000


def test_batches_side_by_side_stop_at_the_cap_and_go_on_when_it_is_raised(
    workspace: Workspace, many: Repository, worker: Drain, service: VoyageEmulator
) -> None:
    cap = 1_200
    set_budget(workspace=workspace, tokens=cap, dollars=None)
    integration = connect(workspace=workspace, kind="git", resource=str(many.path), allow_local=True)
    worker(delayed=True)
    run = integration.runs.get()
    assert (run.state, run.hold) == (RunState.RUNNING, Hold.BUDGET)
    assert "Raise it" in run.error
    assert billed(service) == used(workspace) <= cap
    assert used(workspace) > cap / 3, "near the cap fewer texts are sent at a time"
    done = integration.documents.count()
    assert 0 < done == run.settled < run.total == 14
    assert set(run.items.values_list("state", flat=True)) == {ItemState.DONE, ItemState.QUEUED}
    calls = len(service.requests)
    schedule.tick()
    worker(delayed=True)
    assert len(service.requests) == calls, "it waits"
    set_budget(workspace=workspace, tokens=None, dollars=None)
    worker(delayed=True)
    run.refresh_from_db()
    assert (run.state, run.hold, run.settled) == (RunState.COMPLETED, "", 14)
    assert billed(service) == used(workspace) == run.tokens_embedded, "nothing is paid for twice"
    actions = Activity.objects.in_workspace(workspace).values_list("action", flat=True)
    assert {"budget.changed", "budget.reached"} <= set(actions)


def test_a_cap_in_dollars_holds_too(workspace: Workspace, many: Repository, worker: Drain) -> None:
    set_budget(workspace=workspace, tokens=None, dollars=Decimal("0.00"))
    integration = connect(workspace=workspace, kind="git", resource=str(many.path), allow_local=True)
    worker(delayed=True)
    run = integration.runs.get()
    assert run.hold == Hold.BUDGET
    assert "$0.00 of $0.00" in run.error
    assert used(workspace) == 0


def test_a_held_run_goes_on_when_the_month_turns(
    workspace: Workspace, repository: Repository, worker: Drain
) -> None:
    set_budget(workspace=workspace, tokens=1, dollars=None)
    integration = connect(workspace=workspace, kind="git", resource=str(repository.path), allow_local=True)
    worker(delayed=True)
    run = integration.runs.get()
    assert run.held_until is not None
    assert (run.held_until.day, run.held_until.hour) == (1, 0)
    Budget.objects.filter(pk=workspace.pk).update(tokens=10_000)  # as in a new month
    Run.objects.filter(pk=run.pk).update(held_until=timezone.now() - timedelta(seconds=1))
    schedule.tick()
    worker(delayed=True)
    run.refresh_from_db()
    assert run.state == RunState.COMPLETED


def test_a_held_run_can_be_cancelled(workspace: Workspace, repository: Repository, worker: Drain) -> None:
    set_budget(workspace=workspace, tokens=1, dollars=None)
    integration = connect(workspace=workspace, kind="git", resource=str(repository.path), allow_local=True)
    worker(delayed=True)
    assert cancel(run=integration.runs.get())
    run = integration.runs.get()
    assert (run.state, run.hold, run.held_until) == (RunState.CANCELLED, "", None)


def test_a_first_sync_that_costs_money_waits_for_the_go_ahead_with_an_estimate(
    workspace: Workspace, many: Repository, worker: Drain, service: VoyageEmulator
) -> None:
    integration = connect(
        workspace=workspace, kind="git", resource=str(many.path), allow_local=True, confirm=True
    )
    worker()
    schedule.tick()
    worker()
    run = integration.runs.get()
    assert run.hold == Hold.CONFIRMATION
    assert not service.requests
    assert (run.estimate["documents"], run.estimate["unsized"]) == (14, 0)
    assert confirm(run=run)
    worker()
    run.refresh_from_db()
    assert run.state == RunState.COMPLETED
    assert run.tokens_embedded <= run.estimate["tokens"] <= 2 * run.tokens_embedded
    assert not confirm(run=run)


def test_a_first_sync_that_costs_nothing_does_not_ask(
    workspace: Workspace, repository: Repository, settings: Settings
) -> None:
    settings.EMBEDDER = "null"
    with unattended():
        run = begin(workspace, repository, ask=True)
    assert run.hold == ""
    assert not Reservation.objects.exists()


def test_reservations_from_many_threads_never_exceed_the_cap(
    workspace: Workspace, repository: Repository, transactional_db: None
) -> None:
    with unattended():
        run = begin(workspace, repository)
    version = IndexVersion.objects.get(store__workspace=workspace)
    cap = 10_000
    set_budget(workspace=workspace, tokens=cap, dollars=None)
    over: list[int] = []

    def work() -> None:
        try:
            for _ in range(12):
                try:
                    reservation, count = reserve(run, version, ["x" * 400] * 5)
                except (BudgetBusy, BudgetReached):
                    continue
                standing = standing_of(workspace.pk)
                if standing.tokens > cap:
                    over.append(standing.tokens)
                settle(reservation, version, count * 300)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not over
    assert not Reservation.objects.exists()
    assert cap - 408 < used(workspace) <= cap, "the cap is used to within one text"


def test_the_bill_of_a_dead_worker_is_taken_to_be_as_expected_until_it_is_known(
    workspace: Workspace, repository: Repository
) -> None:
    with unattended():
        run = begin(workspace, repository)
    version = IndexVersion.objects.get(store__workspace=workspace)
    reservation, _ = reserve(run, version, ["x" * 300])
    Reservation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    schedule.tick()
    assert (used(workspace), Reservation.objects.count()) == (100, 0)
    settle(reservation, version, 60)
    assert used(workspace) == 60


def test_what_a_failed_request_has_used_is_counted(
    workspace: Workspace, repository: Repository, service: VoyageEmulator
) -> None:
    service.faults = [Fault(429, {"Retry-After": "90"})]
    with unattended():
        run = begin(workspace, repository)
        process_batch(run.pk)
    assert (used(workspace), Reservation.objects.count()) == (0, 0)
    assert {item.state for item in RunItem.objects.filter(run=run)} == {ItemState.QUEUED}


def test_a_negative_budget_is_refused(workspace: Workspace) -> None:
    with pytest.raises(UserError, match="less than nothing"):
        set_budget(workspace=workspace, tokens=-1, dollars=None)


def test_months_turn_at_their_ends() -> None:
    assert month_after(date(2026, 1, 1)) == date(2026, 2, 1)
    assert month_after(date(2026, 12, 1)) == date(2027, 1, 1)
