"""Every write by a person or a key leaves a record: who, what, from where, and in which request."""

import json
import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.db.models import Q
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from console.models import Activity, ApiKey, Scope, User, Workspace
from ingestion.models import Integration
from tests.api.conftest import client_of
from tests.routes import Operation, Row, World, operations, pages, parameters_of

REQUEST = "walk-of-the-audit-trail"
ADDRESS = "192.0.2.9"
FROM: dict[str, Any] = {"REMOTE_ADDR": ADDRESS, "HTTP_X_REQUEST_ID": REQUEST}
WRITE = re.compile(r'(?:INSERT INTO|UPDATE|DELETE FROM) "((?:console|ingestion|search)_\w+)"')

# What is noted by the way, and is nobody's decision.
NOTED = 'SET "last_used_at"'
BY_THE_WAY = {"console_activity", "ingestion_sharedsecret", "search_searchlog"}

# Posts that write nothing of a team's in this world, and why.
SILENT = {
    "console:dismiss_setup": "it hides a checklist",
    "console:leave": "the last owner cannot",
    "search:settled": "it notes a search",
    "ingestion:choose": "no provider has answered with several accounts",
    "ingestion:token": "no provider accepts a token",
    "ingestion:add": "no provider lists its resources",
    "ingestion:configure_store": "there is one configuration only",
    "ingestion:job_cancel": "the job has ended",
    "ingestion:confirm_all": "no job waits to be confirmed",
    "ingestion:job_confirm": "no job waits to be confirmed",
}

# What forms need to be taken.
FORMS: dict[str, dict[str, Any]] = {
    "console:team_settings": {"name": "Acme Inc", "slug": "acme-inc"},
    "console:invite": {"email": "erin@acme.example", "role": "member"},
    "console:role": {"role": "admin"},
    "console:new_key": {"name": "CI", "scopes": ["search"], "expiry": "90"},
    "console:key": {"name": "Desktop", "scopes": ["search"], "expiry": "90"},
    "console:rotate_key": {"grace": "24"},
    "console:workspace_settings": {"name": "Kernel", "slug": "kernel"},
    "ingestion:add_git": {"resource": "https://git.example/acme/new.git"},
    "ingestion:paste_source": {"resource": "https://git.example/acme/new.git"},
    "ingestion:source_settings": {"title": "The API"},
    "ingestion:budget": {"tokens": "5000"},
    "ingestion:delete_team": {"confirm": "acme"},
    "ingestion:delete_workspace": {"confirm": "core"},
    "ingestion:source_remove": {"confirm": "api"},
}


@pytest.fixture
def world(workspace: Workspace, alice: User, bob: User) -> World:
    return World(workspace)


def writes(queries: CaptureQueriesContext) -> set[str]:
    """Return the tables that a request has written to."""
    statements = [query["sql"] for query in queries.captured_queries]
    found = {table for sql in statements if NOTED not in sql for table in WRITE.findall(sql)}
    return found - BY_THE_WAY


@pytest.mark.parametrize("row", [row for row in pages() if row.method == "POST"], ids=str)
def test_what_a_person_writes_is_recorded(row: Row, world: World, as_alice: Client, bob: User) -> None:
    address = world.address(row.name, parameters_of()[row.name], row.given)
    if row.name == "ingestion:source_resume":
        Integration.objects.update(state="paused")
    others = {"to": str(bob.memberships.get().pk)}
    if row.name == "search:measure":
        others = {"source": str(world.source_id)}
        Integration.objects.update(synced_at=timezone.now())
    form = FORMS.get(row.name, others)
    with CaptureQueriesContext(connection) as queries:
        found = as_alice.post(address, form, **FROM)
        b"".join(found)
    recorded = Activity.objects.filter(
        user__email="alice@acme.example", ip_address=ADDRESS, request_id=REQUEST
    )
    if row.name not in SILENT:
        assert recorded.exists(), (
            f"{row.name} answered {found.status_code}: is a form missing in FORMS, or a record?"
        )
        assert not recorded.filter(Q(entity="") | Q(organization=None)).exists()
    elif not recorded.exists():
        assert not writes(queries), f"{row.name} wrote and recorded nothing"


# What operations need to be taken, and those that write nothing.
BODIES = {"create_key": {"name": "CI", "scopes": ["search"]}}
READING = {"search", "similar", "contents"}
OF_NOTHING = {"cancel_run", "confirm_run"}  # the run has ended


@pytest.mark.parametrize("operation", [found for found in operations() if found.method != "GET"], ids=str)
def test_what_a_key_writes_is_recorded(operation: Operation, world: World) -> None:
    address = operation.address(world)
    if operation.name == "resume_source":
        Integration.objects.update(state="paused")
    client = client_of(world.place, Scope.ADMIN)
    mine = ApiKey.objects.latest("created_at")
    body = json.dumps(BODIES.get(operation.name, {}))
    with CaptureQueriesContext(connection) as queries:
        found = client.generic(operation.method, address, body, "application/json", **FROM)
    recorded = Activity.objects.filter(api_key=mine, ip_address=ADDRESS, request_id=REQUEST)
    if operation.name not in READING | OF_NOTHING:
        assert recorded.exists(), (
            f"{operation} answered {found.status_code}: is a body missing in BODIES, or a record?"
        )
    elif not recorded.exists():
        assert not writes(queries), f"{operation} wrote and recorded nothing"


def test_logins_that_work_and_that_fail_are_recorded(alice: User) -> None:
    EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
    client, page = Client(), "/accounts/login/"
    client.post(page, {"login": alice.email, "password": "wrong"}, **FROM)
    client.post(page, {"login": "nobody@acme.example", "password": "wrong"}, **FROM)
    client.post(page, {"login": alice.email, "password": "correct horse battery staple"}, **FROM)
    client.post("/accounts/logout/", **FROM)
    known, unknown, entered, left = Activity.objects.order_by("pk")
    assert (known.action, known.actor, known.entity_id) == ("user.login_failed", "Somebody", str(alice.pk))
    assert (unknown.action, unknown.entity, unknown.user) == (
        "user.login_failed",
        "nobody@acme.example",
        None,
    )
    assert (entered.action, entered.user, entered.ip_address) == ("user.logged_in", alice, ADDRESS)
    assert (left.action, left.user, left.request_id) == ("user.logged_out", alice, REQUEST)
    assert not Activity.objects.filter(before__icontains="wrong").exists()


def test_a_changed_password_is_recorded_without_it(alice: User) -> None:
    EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
    old, new = "correct horse battery staple", "entirely other words"
    client = Client()
    client.post("/accounts/login/", {"login": alice.email, "password": old})
    form = {"oldpassword": old, "password1": new, "password2": new}
    client.post("/accounts/password/change/", form, **FROM)
    assert Activity.objects.get(request_id=REQUEST).action == "user.password_changed"
    told = str(list(Activity.objects.values()))
    assert old not in told and new not in told
