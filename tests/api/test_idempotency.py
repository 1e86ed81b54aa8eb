"""Writes that are sent again: done once, answered alike."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone

from console.models import ApiKey, KeptAnswer
from console.schedule import tick
from ingestion.models import Integration, IntegrationState, Run

KEYS = "/api/v1/keys"
BODY = {"name": "CI", "scopes": ["search"]}


def create(client: Client, idempotency_key: str = "first", **changes: object) -> Any:
    headers = {"idempotency-key": idempotency_key}
    return client.post(KEYS, BODY | changes, content_type="application/json", headers=headers)


def test_the_same_write_again_is_not_done_again_and_gets_the_same_answer(manager: Client) -> None:
    first, again = create(manager), create(manager)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert ApiKey.objects.filter(name="CI").count() == 1
    assert first.json()["token"].encode() not in bytes(KeptAnswer.objects.get().sealed_body)
    assert create(manager, "second").json()["id"] != first.json()["id"]


def test_a_write_without_the_header_is_done_each_time(manager: Client) -> None:
    for _ in range(2):
        assert manager.post(KEYS, BODY, content_type="application/json").status_code == 201
    assert not KeptAnswer.objects.exists()


def test_another_request_with_the_same_key_is_refused(manager: Client) -> None:
    create(manager)
    answer = create(manager, name="Other")
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/idempotency-mismatch")


def test_a_second_request_while_the_first_is_under_way_is_told_to_wait(manager: Client) -> None:
    create(manager)
    KeptAnswer.objects.update(status=None)
    answer = create(manager)
    assert (answer.status_code, answer["Retry-After"]) == (409, "1")


def test_a_write_whose_process_died_can_be_sent_again_after_a_minute(manager: Client) -> None:
    create(manager)
    KeptAnswer.objects.update(status=None, expires_at=timezone.now() - timedelta(seconds=1))
    answer = create(manager)
    assert answer.status_code == 201
    assert "Idempotency-Replayed" not in answer


def test_what_failed_is_not_kept(operator: Client, indexed: Integration) -> None:
    url, headers = f"/api/v1/sources/{indexed.pk}/sync", {"idempotency-key": "sync-1"}
    Integration.objects.update(state=IntegrationState.PAUSED)
    answer = operator.post(url, {}, content_type="application/json", headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/conflict")
    Integration.objects.update(state=IntegrationState.ACTIVE)
    first = operator.post(url, {}, content_type="application/json", headers=headers)
    again = operator.post(url, {}, content_type="application/json", headers=headers)
    assert first.status_code == again.status_code == 202
    assert first.json() == again.json()
    assert Run.objects.filter(state="queued").count() == 1


def test_keys_of_two_programs_do_not_meet(manager: Client, stranger: Client) -> None:
    assert create(manager).json()["id"] != create(stranger).json()["id"]


@pytest.mark.parametrize("key", ["", "with space", "x" * 256, "é"])
def test_what_is_no_idempotency_key_is_refused(manager: Client, key: str) -> None:
    assert create(manager, key).status_code == 400


def test_answers_are_forgotten_when_their_time_is_over(manager: Client) -> None:
    create(manager)
    tick()
    assert KeptAnswer.objects.exists()
    KeptAnswer.objects.update(expires_at=F("expires_at") - timedelta(hours=25))
    tick()
    assert not KeptAnswer.objects.exists()
