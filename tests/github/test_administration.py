"""What people do with repositories and installations is followed, also where GitHub's word of it is lost."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ingestion.models import (
    Connection,
    ConnectionState,
    Delivery,
    Integration,
    IntegrationState,
    Run,
    SharedSecret,
)
from ingestion.schedule import start_periodic_syncs
from ingestion.services import configure
from tests.emulators.github import GitHub, administration
from tests.emulators.github.apps import suspend, unsuspend
from tests.emulators.github.store import Installation
from tests.emulators.github.store import Repository as Hosted
from tests.github.conftest import Push
from tests.queue import Drain
from tests.repositories import Repository


@pytest.fixture
def told(hub: GitHub, source: Integration, connection: Connection, worker: Drain) -> Drain:
    """Return what waits until everything that was told has been followed."""

    def told() -> None:
        hub.webhooks.wait()
        worker()
        source.refresh_from_db()
        connection.refresh_from_db()

    return told


def let_time_pass() -> None:
    """Let the time come at which sources look by themselves."""
    Integration.objects.update(next_sync_at=timezone.now() - timedelta(seconds=1))
    start_periodic_syncs()


def test_a_renamed_repository_has_its_new_name(
    source: Integration, hub: GitHub, hosted: Hosted, told: Drain
) -> None:
    administration.rename(hub, hosted, "kernel")
    told()
    assert (source.name, source.state) == ("acme/kernel", IntegrationState.ACTIVE)


def test_a_transferred_repository_is_read_where_it_is_if_the_app_is_there(
    source: Integration, hub: GitHub, hosted: Hosted, told: Drain
) -> None:
    administration.transfer(hub, hosted, "newcomer")
    told()
    assert source.name == "newcomer/core"


def test_an_archived_repository_says_so_at_once(
    source: Integration, hub: GitHub, hosted: Hosted, told: Drain
) -> None:
    administration.archive(hub, hosted)
    told()
    assert "archived" in source.notice


def test_another_default_branch_is_followed_at_once(
    source: Integration, hub: GitHub, hosted: Hosted, work: Repository, told: Drain
) -> None:
    work.git("checkout", "--quiet", "-b", "next")
    work.commit({"next.py": "NEXT = 1\n"})
    work.git("push", "--quiet", "origin", "next")
    told()
    assert source.cursor_label == "main"
    administration.change_default_branch(hub, hosted, "next")
    told()
    assert source.cursor_label == "next" and source.documents.filter(key="next.py").exists()


def test_a_push_to_a_branch_that_nobody_follows_starts_nothing(
    source: Integration, work: Repository, told: Drain
) -> None:
    before = Run.objects.count()
    work.git("checkout", "--quiet", "-b", "topic")
    work.commit({"topic.py": "T = 1\n"})
    work.git("push", "--quiet", "origin", "topic")
    told()
    assert Run.objects.count() == before
    assert Delivery.objects.latest("id").outcome == "A push to topic. No source follows it."


def test_a_source_of_another_branch_follows_that_branch(
    source: Integration, work: Repository, push: Push, told: Drain
) -> None:
    work.git("checkout", "--quiet", "-b", "stable")
    work.git("push", "--quiet", "origin", "stable")
    source.config = {"branch": "stable"}
    source.save()
    Integration.objects.filter(pk=source.pk).update(cursor_label="stable")
    work.commit({"stable.py": "S = 1\n"})
    work.git("push", "--quiet", "origin", "stable")
    told()
    assert source.documents.filter(key="stable.py").exists()


def test_a_deleted_repository_blocks_its_source_at_once_and_keeps_the_index(
    source: Integration, hub: GitHub, hosted: Hosted, told: Drain
) -> None:
    administration.delete(hub, hosted)
    told()
    assert source.state == IntegrationState.BLOCKED and "remove the source" in source.state_reason
    assert source.documents.count() == 3


def test_a_repository_taken_off_the_installation_blocks_its_source_and_goes_on_when_it_is_back(
    source: Integration, hub: GitHub, hosted: Hosted, installation: Installation, told: Drain
) -> None:
    SharedSecret.objects.all().delete()
    administration.remove_repositories(hub, installation, [hosted])
    told()
    assert source.state == IntegrationState.BLOCKED
    administration.add_repositories(hub, installation, [hosted])
    told()
    assert source.state == IntegrationState.ACTIVE and source.state_reason == ""


def test_permissions_that_were_accepted_let_a_source_go_on(
    source: Integration, hub: GitHub, installation: Installation, told: Drain
) -> None:
    del installation.permissions["issues"]
    configure(integration=source, kinds=["file", "issue"])
    told()
    assert source.state == IntegrationState.BLOCKED
    administration.accept_permissions(hub, installation, issues="read")
    told()
    assert source.state == IntegrationState.ACTIVE


def test_a_renamed_account_is_shown_by_its_new_name(
    connection: Connection, hub: GitHub, installation: Installation, told: Drain
) -> None:
    administration.rename_account(hub, installation, "acme-inc")
    told()
    assert connection.name == "acme-inc"


def test_a_ping_and_a_hook_that_is_gone_say_what_they_mean(hub: GitHub, told: Drain) -> None:
    administration.say_hello(hub)
    administration.remove_hook(hub)
    told()
    outcomes = dict(Delivery.objects.values_list("event", "outcome"))
    assert outcomes["ping"] == "GitHub says hello."
    assert "periodic check" in outcomes["meta"]


def test_a_blocked_source_tries_once_a_day_and_goes_on_by_itself(
    source: Integration, hub: GitHub, hosted: Hosted, told: Drain
) -> None:
    hosted.deleted = True
    let_time_pass()
    told()
    assert source.state == IntegrationState.BLOCKED
    assert source.next_sync_at is not None
    assert timedelta(hours=23) < source.next_sync_at - timezone.now() < timedelta(hours=25)
    let_time_pass()
    told()
    assert source.state == IntegrationState.BLOCKED
    hosted.deleted = False
    let_time_pass()
    told()
    assert source.state == IntegrationState.ACTIVE and source.state_reason == ""


def test_an_unsuspension_that_nobody_told_us_of_is_found(
    source: Integration, connection: Connection, hub: GitHub, installation: Installation, told: Drain
) -> None:
    suspend(hub, installation)
    told()
    assert connection.state == ConnectionState.SUSPENDED
    hub.webhooks.held = []
    unsuspend(hub, installation)
    let_time_pass()
    told()
    assert (connection.state, source.state) == (ConnectionState.ACTIVE, IntegrationState.ACTIVE)


def test_a_source_that_was_disconnected_does_not_try(
    source: Integration, connection: Connection, hub: GitHub, told: Drain
) -> None:
    Connection.objects.update(state=ConnectionState.REVOKED)
    Integration.objects.update(state=IntegrationState.BLOCKED)
    before = Run.objects.count()
    let_time_pass()
    told()
    assert Run.objects.count() == before
