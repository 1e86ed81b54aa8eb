"""What load balancers and orchestrators ask."""

import dramatiq
import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from pytest_django.fixtures import Settings

from lightfast import health


@pytest.fixture(autouse=True)
def not_looked_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_migrated", False)


def test_a_living_server_asks_nobody_else(client: Client) -> None:
    answer = client.get("/health/live")  # no database: this test may not use one
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert "no-store" in answer["Cache-Control"]


def test_a_server_with_its_database_and_queue_is_ready(db: None, client: Client) -> None:
    for _ in range(2):
        answer = client.get("/health/ready")
        assert (answer.status_code, answer.json()["problems"]) == (200, {})


def test_a_server_before_its_migrations_is_not_ready(db: None, client: Client) -> None:
    MigrationRecorder(connection).migration_qs.filter(app="search").delete()
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert "manage.py migrate" in answer.json()["problems"]["migrations"]


def test_a_server_whose_database_is_away_is_not_ready(
    transactional_db: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection.close()
    with monkeypatch.context() as away:
        away.setitem(connection.settings_dict, "NAME", "nowhere")
        answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["problems"] == {"database": "The database does not answer."}


def test_a_server_whose_queue_is_away_is_not_ready(
    db: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dramatiq.brokers.redis import RedisBroker

    nowhere = RedisBroker(url="redis://127.0.0.1:1", middleware=[])
    monkeypatch.setattr(dramatiq, "get_broker", lambda: nowhere)
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["problems"] == {"broker": "The queue does not answer."}


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_health_is_only_read(path: str, client: Client) -> None:
    assert client.post(path).status_code == 405


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_a_probe_needs_neither_the_hosts_name_nor_https(
    path: str, client: Client, db: None, settings: Settings
) -> None:
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["lightfast.example.com"], True
    assert client.get(path, headers={"Host": "10.0.0.7:8000"}).status_code == 200
