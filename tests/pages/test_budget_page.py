"""The page of the budget, and of the model that makes the index."""

from decimal import Decimal

from django.test import Client
from pytest_django.fixtures import Settings

from console.models import Activity, Workspace
from ingestion.budget import this_month
from ingestion.models import Budget, Integration, Run, Store, Usage

ADDRESS = "/acme/core/settings/embedding/"


def test_caps_are_set_changed_and_taken_away(workspace: Workspace, as_alice: Client) -> None:
    assert as_alice.post(ADDRESS, {"tokens": "5000000", "dollars": "2.50"}).status_code == 303
    budget = Budget.objects.get(workspace=workspace)
    assert (budget.tokens, budget.dollars) == (5_000_000, Decimal("2.50"))
    page = as_alice.get(ADDRESS).text
    assert "5000000" in page and "0 of 5,000,000" in page
    as_alice.post(ADDRESS, {"tokens": "", "dollars": ""})
    budget.refresh_from_db()
    assert (budget.tokens, budget.dollars) == (None, None)
    changes = Activity.objects.filter(action="budget.changed").order_by("pk")
    assert changes[0].after == {"tokens": 5_000_000, "dollars": "2.50"}
    assert changes[1].after == {"tokens": None, "dollars": None}


def test_a_cap_that_makes_no_sense_is_shown_again(workspace: Workspace, as_alice: Client) -> None:
    answer = as_alice.post(ADDRESS, {"tokens": "-1"})
    assert answer.status_code == 422
    assert not Budget.objects.exists()


def test_use_is_told_by_month_and_model(workspace: Workspace, as_alice: Client) -> None:
    Usage.objects.create(
        workspace=workspace, month=this_month(), model="voyage-4", tokens=1_234_567, dollars=Decimal("0.07")
    )
    page = as_alice.get(ADDRESS).text
    assert "1,234,567" in page and "$0.07" in page and "voyage-4" in page


def test_another_model_is_chosen_with_its_cost_in_sight(
    source: Integration, as_alice: Client, settings: Settings
) -> None:
    settings.VOYAGE_API_KEY = "pa-none"
    source.tallies.update(documents=1_000, size=3_000_000)
    page = as_alice.get(ADDRESS).text
    assert "1,000 documents, about 1,000,000 tokens: about $0.18" in page
    (_, choices), *_ = as_alice.get(ADDRESS).context["stores"]
    config = next(config for config, _ in choices if config.model == "voyage-4-lite")
    assert as_alice.post(f"{ADDRESS}{source.store_id}/", {"config": config.hash}).status_code == 303
    store = Store.objects.get()
    assert store.target is not None and store.target.model == "voyage-4-lite"
    assert Run.objects.filter(trigger="config").exists()
    assert "moving" in as_alice.get(ADDRESS).text


def test_a_model_that_is_not_offered_is_refused(source: Integration, as_alice: Client) -> None:
    answer = as_alice.post(f"{ADDRESS}{source.store_id}/", {"config": "x"}, follow=True)
    assert "Choose one of the configurations" in answer.text
