"""Staff find every row in the admin, and no secret."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from console.audit import SYSTEM, Action, Actor, record
from console.models import ApiKey, Invitation, Role, Scope, User, Workspace
from console.services import create_api_key, invite
from ingestion.models import Connection, Delivery, Integration, ProviderApp, Run, RunState
from ingestion.services import sync_now
from ingestion.vault import DatabaseVault
from search.models import SearchLog
from tests.ingestion.conftest import repository, source, sync, unattended  # noqa: F401
from tests.queue import Drain

WITHOUT_ADMIN = {"TermStatistic", "RateWindow"}  # a composite key has no admin page


def ours() -> Iterator[type[models.Model]]:
    for app in ("console", "ingestion", "search"):
        yield from apps.get_app_config(app).get_models()


@pytest.fixture(autouse=True)
def null_embedder(settings: object) -> None:
    settings.EMBEDDER = "null"  # type: ignore[attr-defined]


@pytest.fixture
def everything(source: Integration, alice: User, workspace: Workspace) -> str:  # noqa: F811
    """Have a row in every table; return the text of a key."""
    _, token = create_api_key(
        workspace=workspace, name="Laptop", scopes=[Scope.SEARCH], actor=Actor(user=alice)
    )
    invite(
        organization=workspace.organization,
        email="carol@acme.example",
        role=Role.ADMIN,
        actor=Actor(user=alice),
    )
    connection_row = Connection(
        organization=workspace.organization, kind="git", name="Token", external_id="1"
    )
    connection_row.secrets = {"token": "very-secret-token"}
    connection_row.save()
    Delivery.objects.create(provider="git", delivery_id="1", event="push", body=b"{}")
    app = ProviderApp(kind="github", name="Acme's Lightfast")
    app.secrets = {"private_key": "very-secret-token"}
    app.save()
    DatabaseVault().put("acme", "very-secret-token", timezone.now() + timedelta(hours=1))
    SearchLog.objects.create(workspace=workspace, query="greet", mode="hybrid", results=1, milliseconds=3)
    record(SYSTEM, Action.SOURCE_PAUSED, source, workspace=workspace)
    with unattended():
        sync_now(integration=source)
    return token


def test_every_model_is_registered() -> None:
    assert {m.__name__ for m in ours() if m not in admin.site._registry} == WITHOUT_ADMIN


def test_every_list_every_search_and_every_row_opens(as_staff: Client, everything: str) -> None:
    opened = 0
    for model in ours():
        if model not in admin.site._registry:
            continue
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        assert as_staff.get(reverse(f"{name}_changelist")).status_code == 200, model
        assert as_staff.get(reverse(f"{name}_changelist"), {"q": "acme"}).status_code == 200, model
        row = model._default_manager.first()
        if row is not None:
            page = as_staff.get(reverse(f"{name}_change", args=[row.pk]))
            assert page.status_code == 200, model
            opened += 1
            text = page.content.decode()
            assert "very-secret-token" not in text
            assert everything not in text
    assert opened >= 17


def test_secrets_are_said_to_be_set_and_not_shown(as_staff: Client, everything: str) -> None:
    row = Connection.objects.get()
    page = as_staff.get(reverse("admin:ingestion_connection_change", args=[row.pk])).content.decode()
    assert "Secrets set" in page
    assert "sealed_secrets" not in page
    key = ApiKey.objects.get()
    page = as_staff.get(reverse("admin:console_apikey_change", args=[key.pk])).content.decode()
    assert key.prefix in page
    assert bytes(key.digest).hex() not in page
    invitation = Invitation.objects.get()
    page = as_staff.get(reverse("admin:console_invitation_change", args=[invitation.pk])).content.decode()
    assert "token_digest" not in page


def act(client: Client, name: str, action: str, row: models.Model) -> None:
    answer = client.post(
        reverse(f"admin:{name}_changelist"), {"action": action, "_selected_action": [str(row.pk)]}
    )
    assert answer.status_code == 302


def test_actions_do_what_they_say(
    as_staff: Client,
    everything: str,
    source: Integration,  # noqa: F811
    worker: Drain,
) -> None:
    act(as_staff, "console_apikey", "revoke", ApiKey.objects.get())
    assert ApiKey.objects.get().revoked_at is not None
    run = Run.objects.active().get()
    act(as_staff, "ingestion_run", "cancel", run)
    run.refresh_from_db()
    assert run.state == RunState.CANCELLED
    act(as_staff, "ingestion_integration", "pause", source)
    source.refresh_from_db()
    assert source.state == "paused"
    act(as_staff, "ingestion_integration", "sync", source)  # is refused with a message
    assert not Run.objects.active().exists()
    act(as_staff, "ingestion_integration", "resume", source)
    worker()
    before = Run.objects.count()
    act(as_staff, "ingestion_integration", "sync_fully", source)
    worker()
    assert Run.objects.latest("id").full
    act(as_staff, "ingestion_run", "retry", run)
    worker()
    assert Run.objects.count() == before + 2


def test_lists_cost_the_same_whatever_the_number_of_rows(
    as_staff: Client, everything: str, workspace: Workspace
) -> None:
    def queries(name: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert as_staff.get(reverse(name)).status_code == 200
        return len(captured)

    names = [
        "admin:console_apikey_changelist",
        "admin:search_searchlog_changelist",
        "admin:ingestion_delivery_changelist",
    ]
    for name in names:
        queries(name)  # content types and the like are cached from here on
    before = [queries(name) for name in names]
    for number in range(30):
        create_api_key(workspace=workspace, name=f"Key {number}", scopes=[Scope.READ])
        SearchLog.objects.create(workspace=workspace, query="x", mode="hybrid", results=1, milliseconds=3)
        Delivery.objects.create(provider="git", delivery_id=f"d{number}", event="push", body=b"{}")
    assert [queries(name) for name in names] == before


def test_others_are_not_let_in(as_alice: Client) -> None:
    assert as_alice.get(reverse("admin:index")).status_code == 302
