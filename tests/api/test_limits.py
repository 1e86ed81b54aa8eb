"""Rate limits of keys: counted for all processes, told in headers, and whole again after a minute."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client
from pytest_django.fixtures import Settings

from console.limits import take
from console.models import ApiKey, RateWindow, Scope, Workspace
from console.services import create_api_key
from tests.api.conftest import client_of

WHOAMI = "/api/v1/whoami"


def test_every_answer_tells_the_policy_and_what_is_left(program: Client, settings: Settings) -> None:
    settings.RATE_LIMIT_READ = 10
    program.get(WHOAMI)
    answer = program.get(WHOAMI)
    assert answer["RateLimit-Policy"] == '"read";q=10;w=60'
    assert answer["RateLimit"].startswith('"read";r=8;t=')


def test_a_request_too_many_is_told_when_to_come_back(program: Client, settings: Settings) -> None:
    settings.RATE_LIMIT_READ = 2
    assert [program.get(WHOAMI).status_code for _ in range(3)] == [200, 200, 429]
    answer = program.get(WHOAMI)
    assert answer.json()["type"] == "/problems/rate-limit"
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert answer["RateLimit"].startswith('"read";r=0;t=')


def test_a_window_that_is_over_begins_anew(program: Client, settings: Settings) -> None:
    settings.RATE_LIMIT_READ = 1
    program.get(WHOAMI)
    assert program.get(WHOAMI).status_code == 429
    RateWindow.objects.update(started_at=F("started_at") - timedelta(seconds=61))
    assert program.get(WHOAMI).status_code == 200


def test_keys_and_kinds_of_requests_are_counted_apart(workspace: Workspace, settings: Settings) -> None:
    settings.RATE_LIMIT_READ = settings.RATE_LIMIT_ADMIN = 1
    one, two = client_of(workspace, Scope.ADMIN), client_of(workspace, Scope.ADMIN)
    for client in (one, two):
        assert client.get(WHOAMI).status_code == 200
        assert client.get("/api/v1/keys").status_code == 200
    assert one.get(WHOAMI).status_code == 429


def test_refused_requests_count_too_and_none_is_limited_where_the_limit_is_zero(
    program: Client, settings: Settings
) -> None:
    settings.RATE_LIMIT_ADMIN, settings.RATE_LIMIT_READ = 1, 0
    assert [program.get("/api/v1/keys").status_code for _ in range(2)] == [403, 429]
    assert "RateLimit" not in program.get(WHOAMI)


def test_the_count_needs_no_log_and_goes_with_its_key(workspace: Workspace) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'console_ratewindow'")
        assert cursor.fetchone() == ("u",)
    key, _ = create_api_key(workspace=workspace, name="Test", scopes=[Scope.READ])
    take(key, "read")
    ApiKey.objects.all().delete()
    assert not RateWindow.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_requests_at_the_same_time_are_all_counted(workspace: Workspace, settings: Settings) -> None:
    settings.RATE_LIMIT_READ = 15
    key, _ = create_api_key(workspace=workspace, name="Test", scopes=[Scope.READ])

    def used(_: int) -> int:
        try:
            allowance = take(key, "read")
            assert allowance is not None
            return allowance.used
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        counted = sorted(pool.map(used, range(20)))
    assert counted == [*range(1, 16), 16, 16, 16, 16, 16]
