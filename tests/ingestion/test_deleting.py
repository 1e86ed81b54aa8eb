"""A workspace or a team is deleted by those who type its address, and a receipt tells what was."""

import pytest
from django.test import Client

from console.models import Membership, Organization, Role, Workspace
from ingestion.models import Integration, Purge
from ingestion.pipeline.purge import run_purge
from tests.rows import make_document, make_source

PAGE = "/acme/core/delete/"


@pytest.fixture
def filled(workspace: Workspace) -> Integration:
    source = make_source(workspace)
    make_document(source, "README.md")
    return source


def test_it_tells_what_will_be_gone_and_asks_for_the_address(as_alice: Client, filled: Integration) -> None:
    page = as_alice.get(PAGE).content.decode()
    assert "<dt>Documents</dt><dd>1</dd>" in page
    answer = as_alice.post(PAGE, {"confirm": "Acme"})
    assert answer.status_code == 422
    assert "not the address" in answer.content.decode()
    assert Workspace.objects.alive().filter(pk=filled.workspace_id).exists()


def test_the_receipt_says_when_nothing_is_left(as_alice: Client, filled: Integration) -> None:
    receipt = as_alice.post(PAGE, {"confirm": "core"})["Location"]
    assert as_alice.get(PAGE).status_code == 404
    page = as_alice.get(receipt).content.decode()
    assert "It is being deleted" in page and 'hx-trigger="every 2s"' in page
    for purge in Purge.objects.all():
        run_purge(purge.pk)
    page = as_alice.get(receipt, headers={"HX-Request": "true"}).content.decode()
    assert "Everything is deleted" in page and "every 2s" not in page and "<html" not in page
    assert "Documents" in page and "alice@acme.example" in page
    assert not Workspace.objects.filter(pk=filled.workspace_id).exists()


def test_it_needs_a_login_and_a_role(
    as_alice: Client, as_bob: Client, as_mallory: Client, filled: Integration
) -> None:
    given = {"confirm": "core"}
    assert Client().post(PAGE, given)["Location"].startswith("/accounts/login/")
    assert as_mallory.get(PAGE).status_code == as_mallory.post(PAGE, given).status_code == 404
    assert as_bob.get(PAGE).status_code == as_bob.post(PAGE, given).status_code == 403
    assert as_alice.put(PAGE).status_code == 405
    assert not Purge.objects.exists()


def test_receipts_are_the_teams_own(
    as_alice: Client, as_bob: Client, as_mallory: Client, filled: Integration
) -> None:
    receipt = as_alice.post(PAGE, {"confirm": "core"})["Location"]
    assert Client().get(receipt)["Location"].startswith("/accounts/login/")
    assert as_bob.get(receipt).status_code == 403
    assert as_mallory.get(receipt).status_code == 404
    assert as_mallory.get(receipt.replace("acme", "evil")).status_code == 404
    assert as_alice.post(receipt).status_code == 405
    Membership.objects.filter(user__name="Bob").update(role=Role.ADMIN)
    assert as_bob.get(receipt).status_code == 200


TEAM = "/acme/delete/"


def test_a_team_is_deleted_by_its_owner_who_has_the_receipt(
    as_alice: Client, as_bob: Client, as_mallory: Client, filled: Integration
) -> None:
    Membership.objects.filter(user__name="Bob").update(role=Role.ADMIN)
    given = {"confirm": "acme"}
    assert Client().post(TEAM, given)["Location"].startswith("/accounts/login/")
    assert as_mallory.post(TEAM, given).status_code == 404
    assert as_bob.post(TEAM, given).status_code == 403
    assert as_alice.put(TEAM).status_code == 405
    assert "<dt>Members</dt><dd>2</dd>" in as_alice.get(TEAM).content.decode()
    assert as_alice.post(TEAM, {"confirm": "Acme"}).status_code == 422
    answer = as_alice.post(TEAM, given)
    assert answer.status_code == 303
    assert as_alice.get("/acme/").status_code == as_alice.get("/acme/core/sources/").status_code == 404
    receipt = answer["Location"]
    assert "It is being deleted" in as_alice.get(receipt).content.decode()
    for purge in Purge.objects.all():
        run_purge(purge.pk)
    page = as_alice.get(receipt, headers={"HX-Request": "true"}).content.decode()
    assert "Everything is deleted" in page and "Memberships" in page and "<html" not in page
    assert not Organization.objects.filter(slug="acme").exists()
    assert as_bob.get(receipt).status_code == as_mallory.get(receipt).status_code == 404
    assert Client().get(receipt)["Location"].startswith("/accounts/login/")
    assert as_alice.post(receipt).status_code == 405
