"""What every test relies on."""

import socket
import subprocess
import sys

import dramatiq
import pytest
from django.core import mail
from django.test import Client

from console.models import Membership, User, Workspace
from tests.queue import Drain


@dramatiq.actor(max_retries=0)
def rename(email: str, name: str) -> None:
    if not User.objects.filter(email=email).update(name=name):
        raise LookupError(f"nobody has the address {email}")


def test_a_worker_runs_what_is_sent_over_the_real_queue(worker: Drain, alice: User) -> None:
    rename.send(alice.email, "Alicia")
    worker()
    alice.refresh_from_db()
    assert alice.name == "Alicia"


def test_a_failed_actor_fails_the_test_with_its_traceback(worker: Drain, alice: User) -> None:
    rename.send("nobody@acme.example", "Nobody")
    with pytest.raises(AssertionError, match="nobody has the address"):
        worker()


def test_a_process_of_its_own_sees_the_test_database(
    process_environment: dict[str, str], alice: User, transactional_db: None
) -> None:
    code = "import django; django.setup(); from console.models import User; print(User.objects.get().email)"
    output = subprocess.check_output([sys.executable, "-c", code], env=process_environment, text=True)
    assert output.strip() == alice.email


def test_only_this_machine_can_be_reached() -> None:
    with pytest.raises(RuntimeError, match="allowed"), pytest.warns(UserWarning, match="allowed"):
        socket.create_connection(("192.0.2.1", 443), timeout=1)


def test_the_cast_is_logged_in_and_in_its_place(
    as_alice: Client, alice: User, bob: User, mallory: User, workspace: Workspace
) -> None:
    assert str(alice.pk) == as_alice.session["_auth_user_id"]
    inside = Membership.objects.filter(organization=workspace.organization)
    assert {membership.user for membership in inside} == {alice, bob}


def test_mail_stays_in_memory(db: None) -> None:
    mail.send_mail("Hello", "there", None, ["alice@acme.example"])
    assert mail.outbox[0].subject == "Hello"
