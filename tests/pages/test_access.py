"""Who sees which page of a workspace, by which method, and what htmx gets of it."""

from collections.abc import Callable

import pytest
from django.test import Client

from console.models import User, Workspace
from ingestion.models import Integration, Purge, Run

HTMX = {"HX-Request": "true"}
Address = Callable[[], str]


@pytest.fixture
def addresses(workspace: Workspace, source: Integration, run: Run, purge: Purge) -> dict[str, str]:
    """Return the address of every page by name."""
    base = "/acme/core/"
    mine = f"{base}sources/{source.pk}/"
    return {
        "overview": base,
        "sources": f"{base}sources/",
        "choose_source": f"{base}sources/new/",
        "add_git": f"{base}sources/git/",
        "paste_source": f"{base}sources/new/git/",
        "source": mine,
        "source_documents": f"{mine}documents/",
        "source_omissions": f"{mine}omissions/",
        "config": f"{mine}config/",
        "receipt": f"{base}sources/receipts/{purge.pk}/",
        "jobs": f"{base}jobs/",
        "job": f"{base}jobs/{run.pk}/",
        "job_row": f"{base}jobs/{run.pk}/row/",
        "budget": f"{base}settings/embedding/",
        "source_sync": f"{mine}sync/",
        "source_pause": f"{mine}pause/",
        "source_resume": f"{mine}resume/",
        "source_settings": f"{mine}settings/",
        "source_remove": f"{mine}remove/",
        "job_cancel": f"{base}jobs/{run.pk}/cancel/",
        "job_retry": f"{base}jobs/{run.pk}/retry/",
        "job_confirm": f"{base}jobs/{run.pk}/confirm/",
        "confirm_all": f"{base}jobs/confirm/",
        "configure_store": f"{base}settings/embedding/{source.store_id}/",
    }


FOR_ALL = [
    "overview", "sources", "source", "source_documents", "source_omissions", "config", "receipt", "jobs", "job",
    "job_row",
]  # fmt: skip
FOR_ADMINS = ["choose_source", "add_git", "paste_source", "budget"]
POSTS = [
    "source_sync", "source_pause", "source_resume", "source_settings", "source_remove", "job_cancel", "job_retry",
    "job_confirm", "confirm_all", "configure_store",
]  # fmt: skip
FRAGMENTS = [
    "overview",
    "sources",
    "source",
    "source_documents",
    "source_omissions",
    "receipt",
    "jobs",
    "job",
]


@pytest.mark.parametrize("name", [*FOR_ALL, *FOR_ADMINS])
def test_a_page_works_for_those_who_may_see_it(
    addresses: dict[str, str], as_alice: Client, as_bob: Client, name: str
) -> None:
    assert as_alice.get(addresses[name]).status_code == 200
    assert as_bob.get(addresses[name]).status_code == (200 if name in FOR_ALL else 403)


@pytest.mark.parametrize("name", [*FOR_ALL, *FOR_ADMINS, *POSTS])
def test_a_page_asks_for_a_login_and_does_not_exist_for_outsiders(
    addresses: dict[str, str], client: Client, as_mallory: Client, name: str
) -> None:
    method = "post" if name in POSTS else "get"
    answer = getattr(client, method)(addresses[name])
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")
    assert getattr(as_mallory, method)(addresses[name]).status_code == 404


@pytest.mark.parametrize("name", POSTS)
def test_an_act_is_for_admins_and_is_posted(
    addresses: dict[str, str], as_alice: Client, as_bob: Client, name: str
) -> None:
    assert as_bob.post(addresses[name]).status_code == 403
    assert as_alice.get(addresses[name]).status_code == 405


@pytest.mark.parametrize("name", FOR_ALL)
def test_a_page_that_only_shows_takes_no_post(addresses: dict[str, str], as_alice: Client, name: str) -> None:
    assert as_alice.post(addresses[name]).status_code == 405


@pytest.mark.parametrize("name", FRAGMENTS)
def test_htmx_gets_the_fragment_of_a_page(addresses: dict[str, str], as_alice: Client, name: str) -> None:
    page = as_alice.get(addresses[name])
    fragment = as_alice.get(addresses[name], headers=HTMX)
    assert "<html" in page.text and "<html" not in fragment.text
    assert "HX-Request" in page["Vary"] and "HX-Request" in fragment["Vary"]
    boosted = as_alice.get(addresses[name], headers={**HTMX, "HX-Boosted": "true"})
    assert "<html" in boosted.text


def test_a_row_of_another_workspace_does_not_exist_here(
    as_mallory: Client, other_workspace: Workspace, source: Integration, run: Run, purge: Purge, mallory: User
) -> None:
    for address in (
        f"sources/{source.pk}/",
        f"sources/{source.pk}/documents/",
        f"sources/{source.pk}/omissions/",
        f"sources/receipts/{purge.pk}/",
        f"jobs/{run.pk}/",
        f"jobs/{run.pk}/row/",
    ):
        assert as_mallory.get(f"/evil/lair/{address}").status_code == 404
    assert as_mallory.post(f"/evil/lair/sources/{source.pk}/sync/").status_code == 404
    assert as_mallory.post(f"/evil/lair/jobs/{run.pk}/cancel/").status_code == 404
    assert as_mallory.post(f"/evil/lair/settings/embedding/{source.store_id}/").status_code == 404
    assert str(source) not in as_mallory.get("/evil/lair/jobs/", {"integration": str(source.pk)}).text
