"""What people do with a source on its pages."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from console.models import Activity, Workspace
from ingestion.models import Connection, Document, Integration, Purge, Run
from tests.ingestion.conftest import unattended
from tests.pages.conftest import make_run, make_source


@pytest.fixture(autouse=True)
def nobody_works() -> Iterator[None]:
    with unattended():
        yield


def test_a_repository_is_added_by_its_address_with_branch_and_token(
    workspace: Workspace, as_alice: Client
) -> None:
    answer = as_alice.post(
        "/acme/core/sources/git/",
        {"resource": "https://git.example.com/acme/shop", "branch": "next", "token": "s3cr3t-token"},
    )
    source = Integration.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/acme/core/sources/{source.pk}/")
    assert (source.resource_id, source.config) == ("https://git.example.com/acme/shop", {"branch": "next"})
    assert source.connection is not None and source.connection.secrets == {"token": "s3cr3t-token"}
    run = source.runs.get()
    assert (run.trigger, run.confirm, run.started_by) == ("first", True, "alice@acme.example")
    assert "s3cr3t-token" not in as_alice.get(answer["Location"]).text


@pytest.mark.parametrize(
    ("resource", "told"),
    [
        ("", "required"),
        ("git@github.com:acme/shop.git", "https://github.com/acme/shop"),
        ("/etc", "Only staff"),
    ],
)
def test_an_address_that_cannot_be_read_is_refused_with_what_to_write(
    workspace: Workspace, as_alice: Client, resource: str, told: str
) -> None:
    answer = as_alice.post("/acme/core/sources/git/", {"resource": resource})
    assert answer.status_code == 422
    assert told in answer.text
    assert not Integration.objects.exists() and not Connection.objects.exists()


def test_only_kinds_whose_address_is_pasted_have_such_a_form(workspace: Workspace, as_alice: Client) -> None:
    assert as_alice.get("/acme/core/sources/new/github/").status_code == 404
    assert as_alice.get("/acme/core/sources/new/nothing/").status_code == 404


def test_a_source_is_renamed_and_looked_at_as_often_as_people_choose(
    source: Integration, as_alice: Client
) -> None:
    answer = as_alice.post(
        f"/acme/core/sources/{source.pk}/settings/", {"title": "  Money  matters ", "interval": "60"}
    )
    assert answer.status_code == 303
    source.refresh_from_db()
    assert (str(source), source.name, source.sync_interval) == (
        "Money matters",
        "billing",
        timedelta(hours=1),
    )
    assert source.next_sync_at is not None and source.synced_at is not None
    assert source.next_sync_at - source.synced_at == timedelta(hours=1)
    changes = Activity.objects.filter(action="source.configured").values_list("after", flat=True)
    assert {"name": "Money matters"} in changes and {"sync_interval": "1:00:00"} in changes
    assert "Money matters" in as_alice.get("/acme/core/sources/").text


def test_settings_that_make_no_sense_are_shown_again(source: Integration, as_alice: Client) -> None:
    answer = as_alice.post(f"/acme/core/sources/{source.pk}/settings/", {"interval": "1"})
    assert answer.status_code == 422
    assert "Select a valid choice" in answer.text


def test_a_source_is_removed_when_its_name_is_typed_and_leaves_a_receipt(
    source: Integration, as_alice: Client, as_bob: Client
) -> None:
    address = f"/acme/core/sources/{source.pk}/"
    answer = as_alice.post(f"{address}remove/", {"confirm": "bill"}, follow=True)
    assert "Nothing is removed" in answer.text
    source.refresh_from_db()
    assert source.state == "active"
    answer = as_alice.post(f"{address}remove/", {"confirm": "billing"})
    purge = Purge.objects.get()
    assert answer["Location"] == f"/acme/core/sources/receipts/{purge.pk}/"
    page = as_bob.get(answer["Location"]).text
    assert "being deleted" in page and "every 2s" in page
    assert as_alice.get(address).status_code == 404
    Purge.objects.update(counts_after={"documents": 0}, completed_at=timezone.now())
    assert "every 2s" not in as_alice.get(answer["Location"], headers={"HX-Request": "true"}).text


def test_a_full_sync_compares_everything(source: Integration, as_alice: Client) -> None:
    as_alice.post(f"/acme/core/sources/{source.pk}/sync/", {"full": "1"})
    assert Run.objects.filter(full=True, state="queued").count() == 1


def test_documents_and_omissions_are_found_by_path_kind_and_reason(
    source: Integration, as_alice: Client
) -> None:
    address = f"/acme/core/sources/{source.pk}/"
    page = as_alice.get(f"{address}documents/?path=file2").text
    assert "src/file2.py" in page and "src/file1.py" not in page
    assert "No document matches" in as_alice.get(f"{address}documents/?path=nowhere").text
    page = as_alice.get(f"{address}omissions/?state=failed").text
    assert "bad.py" in page and "Boom" in page and "lib/0.so" not in page
    page = as_alice.get(f"{address}omissions/?reason=binary").text
    assert "lib/1.so" in page and "bad.py</td>" not in page


def test_long_lists_are_walked_there_and_back(source: Integration, as_alice: Client) -> None:
    now = timezone.now()
    Document.objects.bulk_create(
        Document(
            workspace=source.workspace, integration=source, kind="file", key=f"more/{n:03}.py", text="", size=0,
            lines=1, content_hash=bytes(32), revision="r", config_hash="c", indexed_at=now,
        )
        for n in range(120)
    )  # fmt: skip
    address = f"/acme/core/sources/{source.pk}/documents/"
    seen: list[str] = []
    query = ""
    while True:
        window = as_alice.get(address + query).context["documents"]
        seen += [document.key for document in window.rows]
        if not window.next:
            break
        query = window.next
    assert len(seen) == len(set(seen)) == 123
    back = as_alice.get(address + window.previous).context["documents"]
    assert [document.key for document in back.rows] == seen[50:100]
    assert as_alice.get(address + "?after=nonsense").status_code == 200


def test_the_page_of_a_source_follows_it_only_while_it_moves(source: Integration, as_alice: Client) -> None:
    address = f"/acme/core/sources/{source.pk}/"
    assert "every 2s" not in as_alice.get(address).text
    run = make_run(source, state="running", finished_at=None, total=10, settled=4, planned={"file": 10})
    page = as_alice.get(address).text
    assert "every 2s" in page and "4 of 10" in page
    Run.objects.filter(pk=run.pk).update(hold="confirmation", estimate={
        "documents": 10, "bytes": 30_000, "tokens": 10_000, "unsized": 0,
    })  # fmt: skip
    page = as_alice.get(address).text
    assert "every 2s" not in page and "about 10,000" in page and "Start" in page


def test_the_overview_puts_problems_first_each_with_a_way_out(workspace: Workspace, as_alice: Client) -> None:
    connection = Connection.objects.create(
        organization=workspace.organization,
        kind="github",
        name="acme",
        state="suspended",
        state_reason="Paid?",
    )
    make_source(workspace, "lost", connection=connection, state="blocked", state_reason="Paid?")
    make_source(
        workspace, "wrong", config_state="invalid", config_problems=[{"line": 3, "key": "", "message": "No."}]
    )
    make_source(workspace, "gone", state="blocked", state_reason="There is no repository.")
    partly = make_source(workspace, "partly", omitted={"failed": {"error": 2}})
    make_run(
        make_source(workspace, "held"), state="running", finished_at=None, hold="budget", error="Used up."
    )
    page = as_alice.get("/acme/core/").text
    for words in (
        "The connection acme is suspended",
        "lightfast.yml of wrong is invalid",
        "gone does not sync",
        "2 documents of partly failed",
        "1 job waits for the budget",
    ):
        assert words in page, words
    assert "lost does not sync" not in page, "its connection is the problem"
    assert f"/acme/core/sources/{partly.pk}/omissions/?state=failed" in page
    assert "/acme/connections/" in page and "/acme/core/settings/embedding/" in page
