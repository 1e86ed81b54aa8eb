"""The client at work: against the application, and against a server that is busy."""

import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from console.models import ApiKey
from ingestion.models import Document, Integration, Run
from lightfast_client import Lightfast, LightfastError, Problem, Unreachable
from lightfast_client.config import configured

WHO = {
    "key": "x",
    "prefix": "lf_x",
    "scopes": ["read"],
    "expires_at": None,
    "workspace": {"id": str(uuid4()), "name": "Core", "slug": "core"},
    "organization": {"id": str(uuid4()), "name": "Acme", "slug": "acme"},
}


def test_a_program_searches_and_reads(lightfast: Lightfast, indexed: Integration) -> None:
    found = lightfast.search("verify_signature", paths=["shop/"], without={"languages": ["javascript"]})
    assert found.results[0].key == "shop/webhooks.py"
    assert "def verify_signature" in lightfast.get_document(found.results[0].id).text
    assert lightfast.get_document(found.results[0].id, first_line=1, last_line=1).text == "import hmac\n"
    assert lightfast.similar(found.results[0].id, limit=1).results
    contents = lightfast.contents(found.results[0].id, (found.results[0].id, 1, 1), uuid4())
    assert [one.last_line for one in contents.documents] == [7, 1]
    assert len(contents.missing) == 1


def test_every_page_of_a_list_is_read(lightfast: Lightfast, indexed: Integration) -> None:
    rows = list(lightfast.every(lightfast.list_documents, limit=2))
    assert {row.key for row in rows} == set(Document.objects.values_list("key", flat=True))


def test_a_program_looks_after_sources(lightfast: Lightfast, indexed: Integration) -> None:
    (source,) = lightfast.list_sources().items
    assert lightfast.get_source(source.id) == source
    run = lightfast.sync_source(source.id, full=True, idempotency_key="once")
    assert lightfast.sync_source(source.id, full=True, idempotency_key="once") == run
    assert lightfast.confirm_run(run.id).hold == ""
    assert lightfast.cancel_run(run.id).state == "cancelled"
    seen: list[str] = []
    assert lightfast.wait_for_run(run.id, each=lambda now: seen.append(now.state)).state == "cancelled"
    assert seen == ["cancelled"]
    assert lightfast.pause_source(source.id).state == "paused"
    assert lightfast.resume_source(source.id).state == "active"
    first = Run.objects.get(trigger="first")
    assert len(lightfast.list_run_items(first.pk).items) == 5
    assert lightfast.retry_run(first.pk).source == source.id
    assert lightfast.list_runs(source=source.id, state="completed").items[0].id == first.pk
    assert lightfast.get_run(first.pk).settled == 5


def test_a_program_manages_keys_and_reads_the_rest(lightfast: Lightfast, indexed: Integration) -> None:
    made = lightfast.create_key("CI", ["search"])
    assert made.token.startswith(made.prefix)
    assert lightfast.revoke_key(made.id).revoked_at
    assert {key.name for key in lightfast.list_keys().items} == {"CI", "Client"}
    assert lightfast.list_activity(action="key.revoked").items[0].entity_id == str(made.id)
    assert lightfast.list_stores().items[0].name == "default"
    assert lightfast.usage().documents == 5
    assert lightfast.whoami().workspace.slug == "core"


def test_what_is_refused_is_a_problem_with_all_that_is_known(
    lightfast: Lightfast, indexed: Integration
) -> None:
    with pytest.raises(Problem, match="no such document") as caught:
        lightfast.get_document(uuid4())
    assert (caught.value.status, caught.value.type) == (404, "/problems/not-found")
    assert len(caught.value.request_id) == 32
    with pytest.raises(Problem, match="limit: ") as caught:
        lightfast.search("x", limit=1_000)
    assert caught.value.errors[0]["field"] == "body.limit"
    ApiKey.objects.all().delete()
    with pytest.raises(Problem) as caught:
        lightfast.whoami()
    assert caught.value.status == 401


def answering(*answers: httpx.Response | Exception) -> tuple[Lightfast, list[httpx.Request]]:
    """Return a client of a server that gives these answers, and what it was asked."""
    asked: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        answer = answers[min(len(asked), len(answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer

    return Lightfast("http://busy", "lf_x", transport=httpx.MockTransport(handle)), asked


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the seconds slept, without sleeping."""
    seconds: list[float] = []
    sleep: Callable[[float], None] = seconds.append
    monkeypatch.setattr(time, "sleep", sleep)
    return seconds


def test_a_busy_server_is_asked_again_after_the_time_it_says(slept: list[float]) -> None:
    busy = httpx.Response(429, headers={"Retry-After": "7"}, json={"detail": "Too many"})
    client, asked = answering(
        busy, httpx.Response(503), httpx.ConnectError("down"), httpx.Response(200, json=WHO)
    )
    assert client.whoami().key == "x"
    assert len(asked) == 4
    assert slept[0] == 7
    assert all(0 < second < 8 for second in slept[1:])


def test_a_write_is_sent_again_under_the_same_key(slept: list[float]) -> None:
    client, asked = answering(httpx.Response(502), httpx.Response(409, json={"detail": "Under way"}))
    with pytest.raises(Problem, match="Under way"):
        client.pause_source(uuid4())
    keys = {request.headers["Idempotency-Key"] for request in asked}
    assert len(asked) == 2
    assert len(keys) == 1


def test_patience_ends(slept: list[float]) -> None:
    busy = httpx.Response(429, headers={"Retry-After": "600"}, json={"detail": "Too many"})
    client, asked = answering(busy)
    with pytest.raises(Problem, match="Too many"):
        client.whoami()
    assert len(asked) == 1
    client, asked = answering(httpx.ConnectError("down"))
    with pytest.raises(Unreachable, match="does not answer"):
        client.whoami()
    assert len(asked) == 4


@pytest.mark.parametrize("answer", [httpx.Response(200, text="<html>"), httpx.Response(500, json=[])])
def test_an_answer_that_is_not_lightfasts_is_told(answer: httpx.Response) -> None:
    client, _ = answering(answer)
    with pytest.raises(Unreachable, match="not as Lightfast does"):
        client.whoami()


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "config.toml"
    monkeypatch.setenv("LIGHTFAST_CONFIG", str(path))
    monkeypatch.delenv("LIGHTFAST_URL", raising=False)
    monkeypatch.delenv("LIGHTFAST_KEY", raising=False)
    assert configured().url == "http://127.0.0.1:8000"
    path.write_text('url = "https://file.example"\nkey = "lf_file"\n')
    assert (configured().url, configured().key) == ("https://file.example", "lf_file")
    monkeypatch.setenv("LIGHTFAST_KEY", "lf_env")
    assert (configured().url, configured().key) == ("https://file.example", "lf_env")
    path.write_text("url = ")
    with pytest.raises(LightfastError, match=r"config\.toml cannot be read"):
        configured()
