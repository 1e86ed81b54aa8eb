"""No page asks the database more often because there is more in it."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from console.models import Workspace
from tests.pages.conftest import make_documents, make_items, make_omissions, make_run, make_source

PAGES = {
    "": 17,
    "sources/": 12,
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
    counts = []
    for number in (1, 30):
        for n in range(number):
            source = make_source(workspace, name=f"s{number}-{n}", synced_at=timezone.now())
            for _ in range(3):
                run = make_run(source, state="failed" if n % 2 else "completed", error="No")
        make_documents(source, number)
        make_omissions(source, number)
        make_items(run, number)
        address = "/acme/core/" + page.format(source=source.pk, run=run.pk)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert as_alice.get(address).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= PAGES[page], [query["sql"][:150] for query in queries]
