"""The pages of connections and deliveries do what those of this project do."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from console.models import Organization, Workspace
from ingestion.models import Connection, Delivery, DeliveryState

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def connected(organization: Organization, number: int) -> Connection:
    return Connection.objects.create(
        organization=organization, kind="github", name=f"account{number}", external_id=str(number)
    )


def delivered(number: int, **values: Any) -> Delivery:
    given = {"event": "push", "origin": "1", "outcome": "A push to main.", "body": b"{}", **values}
    return Delivery.objects.create(provider="github", delivery_id=str(number), **given)


def queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(database) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


@pytest.mark.parametrize(
    ("address", "add"),
    [
        ("/acme/connections/", connected),
        ("/acme/deliveries/", lambda team, number: delivered(number)),
    ],
)
def test_more_rows_take_no_more_queries(
    address: str, add: Callable[[Organization, int], object], as_alice: Client, organization: Organization
) -> None:
    connected(organization, 1)
    delivered(1)
    before = queries(as_alice, address)
    for number in range(2, 9):
        add(organization, number)
    assert queries(as_alice, address) == before


def test_a_list_without_rows_says_what_to_do_next(as_alice: Client) -> None:
    assert b"Nothing is connected yet" in as_alice.get("/acme/connections/").content
    assert b"Nothing has been received yet" in as_alice.get("/acme/deliveries/").content


def test_htmx_gets_the_rows_alone(as_alice: Client, organization: Organization) -> None:
    connected(organization, 1)
    delivered(1)
    fragment = as_alice.get("/acme/deliveries/", headers=HTMX)
    assert b"A push to main." in fragment.content and b"<html" not in fragment.content
    assert "HX-Request" in fragment["Vary"]
    boosted = as_alice.get("/acme/deliveries/", headers=HTMX | {"HX-Boosted": "true"})
    assert b"<html" in boosted.content


def test_deliveries_come_in_pages_and_are_filtered(as_alice: Client, organization: Organization) -> None:
    connected(organization, 1)
    for number in range(60):
        delivered(number)
    delivered(99, event="issues", action="opened", state=DeliveryState.FAILED, outcome="It broke.")
    first = as_alice.get("/acme/deliveries/").content.decode()
    assert "of 61" in first and "page=2" in first
    assert "It broke." not in as_alice.get("/acme/deliveries/?page=2").content.decode()
    for query in ("state=failed", "event=issues", "q=broke", "q=opened", "q=99"):
        html = as_alice.get(f"/acme/deliveries/?{query}").content.decode()
        assert "It broke." in html and "A push to main." not in html
    assert "<option selected>issues" in as_alice.get("/acme/deliveries/?event=issues").content.decode()
    assert as_alice.get("/acme/deliveries/?page=nonsense&state=nonsense").status_code == 200


def test_an_account_is_picked_from_for_each_workspace(
    as_alice: Client, organization: Organization, workspace: Workspace
) -> None:
    connection = connected(organization, 1)
    Workspace.objects.create(organization=organization, name="Docs", slug="docs")
    html = as_alice.get("/acme/connections/").content.decode()
    for place in ("core", "docs"):
        assert f"/acme/{place}/sources/add/{connection.pk}/" in html


def test_a_token_page_is_there_for_sources_with_tokens_only(as_alice: Client) -> None:
    assert as_alice.get("/acme/connections/github/token/").status_code == 200
    assert as_alice.get("/acme/connections/git/token/").status_code == 404
    assert as_alice.get("/acme/connections/nobody/token/").status_code == 404
    assert as_alice.post("/acme/connections/github/token/").status_code == 422
    assert as_alice.put("/acme/connections/github/token/").status_code == 405
