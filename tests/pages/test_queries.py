"""No page asks the database more often because there is more in it."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from console.models import Workspace
from tests.pages.conftest import make_documents, make_items, make_omissions, make_run, make_source

PAGES = {
    "": 21,
    "sources/": 13,
    "sources/{source}/": 12,
    "sources/{source}/documents/": 10,
    "sources/{source}/omissions/": 9,
    "jobs/": 10,
    "jobs/{run}/": 10,
    "settings/embedding/": 15,
}


@pytest.mark.parametrize("page", PAGES)
def test_the_number_of_queries_is_constant_in_the_number_of_rows(
    workspace: Workspace, as_alice: Client, page: str
) -> None:
    small, queries = asked(workspace, as_alice, page, 1)
    large, queries = asked(workspace, as_alice, page, 30)
    assert small == large <= PAGES[page], queries


def asked(workspace: Workspace, client: Client, page: str, number: int) -> tuple[int, list[str]]:
    """Add so many rows of each sort; return the number of a page's queries, and their beginnings."""
    for n in range(number):
        other = make_source(workspace, name=f"s{number}-{n}", synced_at=timezone.now())
        for _ in range(3):
            make_run(other, state="failed" if n % 2 else "completed", error="No")
    source = make_source(workspace, name=f"s{number}", synced_at=timezone.now())
    run = make_run(source)
    make_documents(source, number)
    make_omissions(source, number)
    make_items(run, number)
    address = "/acme/core/" + page.format(source=source.pk, run=run.pk)
    client.get(address)  # what the checklist has seen done is remembered
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries), [query["sql"][:150] for query in queries]
