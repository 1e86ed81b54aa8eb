"""What Prometheus reads."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django.fixtures import Settings

from ingestion.models import Delivery, Integration, Run, RunState, Trigger

TOKEN = {"Authorization": "Bearer scrape-me"}


@pytest.fixture(autouse=True)
def token(settings: Settings) -> None:
    settings.METRICS_TOKEN = "scrape-me"


def scrape(client: Client) -> dict[str, dict[frozenset[tuple[str, str]], float]]:
    answer = client.get("/metrics", headers=TOKEN)
    assert answer.status_code == 200
    found: dict[str, dict[frozenset[tuple[str, str]], float]] = {}
    for family in text_string_to_metric_families(answer.content.decode()):
        for sample in family.samples:
            found.setdefault(sample.name, {})[frozenset(sample.labels.items())] = sample.value
    return found


def test_there_is_no_such_page_without_a_token_in_the_settings(
    settings: Settings, client: Client, db: None
) -> None:
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer other"}, {"Authorization": "scrape-me"}])
def test_a_scraper_without_the_token_learns_nothing(
    headers: dict[str, str], client: Client, db: None
) -> None:
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == 401
    assert b"lightfast_" not in answer.content


def test_what_waits_is_counted_with_its_age(indexed: Integration, client: Client) -> None:
    hour = timedelta(hours=1)
    Run.objects.create(
        workspace=indexed.workspace, integration=indexed, trigger=Trigger.PUSH, due_at=timezone.now() - hour
    )
    delivery = Delivery.objects.create(provider="github", delivery_id="1", event="push", body=b"{}")
    Delivery.objects.filter(pk=delivery.pk).update(created_at=timezone.now() - hour)
    found = scrape(client)
    for what in ("runs", "deliveries"):
        assert found[f"lightfast_{what}_waiting"][frozenset()] == 1
        assert found[f"lightfast_{what}_waiting_seconds"][frozenset()] == pytest.approx(3600, abs=60)
    assert found["lightfast_purges_waiting_seconds"][frozenset()] == 0


def test_outcomes_and_ages_are_told(indexed: Integration, client: Client) -> None:
    Integration.objects.filter(pk=indexed.pk).update(synced_at=timezone.now() - timedelta(minutes=5))
    found = scrape(client)
    assert found["lightfast_runs"][frozenset({("state", RunState.COMPLETED.value)})] == 1
    source = frozenset({("organization", "acme"), ("workspace", "core"), ("source", str(indexed.pk))})
    assert found["lightfast_index_age_seconds"][source] == pytest.approx(300, abs=60)
    assert found["lightfast_embedded_tokens_total"][frozenset()] > 0
    assert found["lightfast_database_size_bytes"][frozenset()] > 1_000_000


def test_the_number_of_queries_does_not_grow_with_the_sources(
    indexed: Integration, client: Client, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    Integration.objects.bulk_create(
        Integration(
            workspace=indexed.workspace,
            store=indexed.store,
            kind="git",
            resource_id=f"https://git.example.com/{number}",
            name=str(number),
            synced_at=timezone.now(),
        )
        for number in range(20)
    )
    with django_assert_num_queries(13):  # type: ignore[operator]
        assert len(scrape(client)["lightfast_index_age_seconds"]) == 21
