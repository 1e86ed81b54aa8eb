"""Whatever GitHub answers, nothing is lost, no worker waits, and the source says what happened."""

import time
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from ingestion.models import Document, Integration, IntegrationState, ItemState, Run, RunItem, RunState
from ingestion.schedule import wake_forgotten_runs
from ingestion.services import sync_now
from tests.emulators.github import GitHub
from tests.emulators.github.faults import PRIMARY, SECONDARY
from tests.queue import Drain
from tests.repositories import Repository

TREE, BLOB, REPOSITORY, ARCHIVE = r"/git/trees/", r"/git/blobs/", r"GET \S*/repositories/\d+$", r"/codeload/"
SOON = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "0"}


@pytest.fixture
def pushed(source: Integration, hub: GitHub, work: Repository) -> Run:
    """Return the run of a push that nobody has told us of yet."""
    hub.webhooks.held = []
    work.commit({"src/new.py": "NEW = 1\n", "src/app.py": "APP = 2\n"})
    work.git("push", "--quiet", "origin", "main")
    return sync_now(integration=source)


def now_rather_than_later(run: Run) -> None:
    """Let the time pass that a run or its items wait for."""
    past = timezone.now() - timedelta(seconds=1)
    Run.objects.filter(pk=run.pk).update(due_at=past)
    RunItem.objects.filter(run=run, state=ItemState.QUEUED).update(due_at=past)
    wake_forgotten_runs()


def settle(run: Run, worker: Drain, rounds: int = 4) -> Run:
    """Let the run go on until it has ended, passing over its pauses."""
    for _ in range(rounds):
        worker()
        run.refresh_from_db()
        if not run.is_active:
            break
        now_rather_than_later(run)
    return run


def index(source: Integration) -> dict[str, str]:
    return dict(Document.objects.filter(integration=source).values_list("key", "text"))


PASSING = {
    "primary limit": (TREE, 403, PRIMARY, SOON),
    "primary limit as 429": (TREE, 429, PRIMARY, SOON),
    "secondary limit": (TREE, 403, SECONDARY, {}),
    "secondary limit with Retry-After": (BLOB, 403, SECONDARY, {"Retry-After": "30"}),
    "429 with Retry-After": (BLOB, 429, "Too Many Requests", {"Retry-After": "20"}),
    "429 without Retry-After": (REPOSITORY, 429, "Too Many Requests", {}),
    "202": (TREE, 202, "", {}),
    "500": (BLOB, 500, "Server Error", {}),
    "502": (TREE, 502, "Bad Gateway", {}),
    "503 with Retry-After": (REPOSITORY, 503, "Unavailable", {"Retry-After": "600"}),
}


@pytest.mark.parametrize("name", PASSING)
def test_a_fault_that_passes_costs_time_and_nothing_else(
    name: str, source: Integration, pushed: Run, hub: GitHub, worker: Drain
) -> None:
    pattern, status, message, headers = PASSING[name]
    hub.fault(pattern, status, message=message, headers=headers, times=3)
    begun = time.monotonic()
    run = settle(pushed, worker, rounds=8)
    assert time.monotonic() - begun < 20  # nobody slept through the limit
    assert run.state == RunState.COMPLETED, run.error
    assert index(source)["src/app.py"] == "APP = 2\n" and "src/new.py" in index(source)


def test_limits_do_not_count_as_attempts(
    source: Integration, pushed: Run, hub: GitHub, worker: Drain
) -> None:
    hub.fault(BLOB, 403, message=SECONDARY, times=12)
    hub.fault(TREE, 429, message=PRIMARY, headers=SOON, times=12)
    run = settle(pushed, worker, rounds=40)
    assert run.state == RunState.COMPLETED, run.error
    assert "src/new.py" in index(source)


def test_a_run_that_waits_for_a_limit_says_so_and_holds_no_worker(
    source: Integration, pushed: Run, hub: GitHub, worker: Drain, as_alice: Client
) -> None:
    hub.fault(TREE, 403, message=SECONDARY, headers={"Retry-After": "900"})
    worker()
    pushed.refresh_from_db()
    assert pushed.state == RunState.QUEUED and "rate limit" in pushed.error
    assert timedelta(minutes=14) < pushed.due_at - timezone.now() < timedelta(minutes=16)
    workspace = source.workspace
    address = f"/{workspace.organization.slug}/{workspace.slug}/sources/{source.pk}/"
    assert "rate limit is reached" in as_alice.get(address).content.decode()


def test_a_body_that_is_cut_or_late_is_asked_for_again(
    source: Integration, pushed: Run, hub: GitHub, worker: Drain
) -> None:
    hub.fault(TREE, cut=20, times=1)
    hub.fault(BLOB, cut=10, times=1)
    hub.fault(REPOSITORY, delay=0.5, times=1)
    assert settle(pushed, worker).state == RunState.COMPLETED
    assert "src/new.py" in index(source)


@pytest.mark.parametrize("how", ["delay", "stall"])
def test_an_answer_that_takes_too_long_is_asked_for_again(
    how: str, source: Integration, pushed: Run, hub: GitHub, worker: Drain, settings: Settings
) -> None:
    settings.SOURCES["github"]["config"]["timeout"] = 1
    hub.fault(TREE, times=2, delay=1.5 * (how == "delay"), stall=1.5 * (how == "stall"))
    run = settle(pushed, worker, rounds=6)
    assert run.state == RunState.COMPLETED, run.error
    assert "src/new.py" in index(source)


def test_a_token_that_ends_amid_a_run_is_replaced(
    source: Integration, pushed: Run, hub: GitHub, worker: Drain
) -> None:
    hub.fault(BLOB, 401, message="Bad credentials", after=1, times=1)
    run = settle(pushed, worker, rounds=1)
    assert run.state == RunState.COMPLETED, run.error
    assert "src/new.py" in index(source)


def test_an_archive_that_is_cut_is_read_again(
    source: Integration, hub: GitHub, work: Repository, worker: Drain
) -> None:
    hub.webhooks.held = []
    work.commit({f"many/{n}.py": f"N = {n}\n" * 50 for n in range(30)})
    work.git("push", "--quiet", "origin", "main")
    hub.fault(ARCHIVE, cut=700, times=1)
    run = settle(sync_now(integration=source), worker)
    assert run.state == RunState.COMPLETED, run.error
    assert len(index(source)) == 33


def test_a_tree_that_is_cut_short_is_walked(
    source: Integration, pushed: Run, hub: GitHub, worker: Drain
) -> None:
    def truncate(payload: dict[str, object]) -> dict[str, object]:
        rows = payload["tree"]
        assert isinstance(rows, list)
        return payload | {"truncated": True, "tree": rows[:1]}

    hub.fault(TREE, change=truncate, times=1)
    assert settle(pushed, worker).state == RunState.COMPLETED
    assert set(index(source)) == {"README.md", "src/app.py", "src/part.py", "src/new.py"}


def test_a_folder_that_github_cannot_list_whole_removes_nothing(
    source: Integration, pushed: Run, hub: GitHub, worker: Drain
) -> None:
    before = index(source)
    hub.fault(TREE, change=lambda payload: payload | {"truncated": True, "tree": []}, times=None)
    run = settle(pushed, worker)
    assert (run.state, index(source)) == (RunState.FAILED, before)
    assert "more entries than GitHub lists" in run.error


def test_an_archive_that_is_not_to_be_had_is_done_without(
    source: Integration, hub: GitHub, work: Repository, worker: Drain
) -> None:
    hub.webhooks.held = []
    work.commit({f"many/{n}.py": f"N = {n}\n" for n in range(30)})
    work.git("push", "--quiet", "origin", "main")
    hub.fault(ARCHIVE, 404, message="Not Found", times=None)
    run = settle(sync_now(integration=source), worker)
    assert run.state == RunState.COMPLETED, run.error
    assert len(index(source)) == 33


def test_a_legal_notice_blocks_the_source_and_says_so(
    source: Integration, pushed: Run, hub: GitHub, worker: Drain
) -> None:
    hub.fault(REPOSITORY, 451, message="Repository access blocked", times=None)
    before = index(source)
    assert settle(pushed, worker).state == RunState.FAILED
    source.refresh_from_db()
    assert source.state == IntegrationState.BLOCKED and "legal reasons" in source.state_reason
    assert index(source) == before


@pytest.mark.parametrize(
    ("status", "message", "said"),
    [
        (403, "This installation has been suspended", "Unsuspend"),
        (403, "Resource not accessible by integration", "permissions"),
        (401, "Bad credentials", "Connect"),
    ],
)
def test_a_refusal_blocks_the_source_and_says_what_to_do(
    status: int, message: str, said: str, source: Integration, pushed: Run, hub: GitHub, worker: Drain
) -> None:
    hub.fault(REPOSITORY, status, message=message, times=None)
    assert settle(pushed, worker).state == RunState.FAILED
    source.refresh_from_db()
    assert source.state == IntegrationState.BLOCKED and said in source.state_reason


def test_a_file_that_is_gone_fails_alone_and_is_retried_by_the_next_sync(
    source: Integration, pushed: Run, hub: GitHub, worker: Drain
) -> None:
    hub.fault(BLOB, 404, message="Not Found", times=1)
    assert settle(pushed, worker).state == RunState.COMPLETED_WITH_ERRORS
    assert settle(sync_now(integration=source), worker).state == RunState.COMPLETED
    assert index(source)["src/app.py"] == "APP = 2\n" and "src/new.py" in index(source)


def test_a_repository_name_that_redirects_is_no_concern_of_ours(
    source: Integration, pushed: Run, hub: GitHub, worker: Drain
) -> None:
    hub.store.rename(next(iter(hub.store.repositories.values())), "other", "moved")
    run = settle(pushed, worker)
    source.refresh_from_db()
    assert (run.state, source.name) == (RunState.COMPLETED, "other/moved")
