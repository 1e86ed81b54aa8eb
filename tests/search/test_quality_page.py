"""The page that tells how good search is on one's own sources."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from console.models import Workspace
from ingestion.models import Integration
from search.evaluation.run import evaluate
from search.evaluation.services import keep
from search.models import Evaluation
from tests.search.test_evaluation import PAIRS

URL = "/acme/core/quality/"


@pytest.fixture
def evaluation(indexed: Integration, workspace: Workspace) -> Evaluation:
    """Return a completed evaluation."""
    row = Evaluation(
        workspace=workspace, integration=indexed, source_name=indexed.name, origin="its own history"
    )
    return keep(row, evaluate(workspace, PAIRS, source=indexed.pk))


def test_members_see_the_figures(evaluation: Evaluation, as_bob: Client) -> None:
    page = as_bob.get(URL).content.decode()
    assert "Found in the first ten" in page
    assert "100%" in page
    assert "Measure</button>" not in page
    evaluation.misses = [{"query": "where is the money", "documents": ["shop/orders.py"]}]
    evaluation.save()
    detail = as_bob.get(f"{URL}{evaluation.pk}/").content.decode()
    assert "All together" in detail and "Words" in detail
    assert "where is the money" in detail


def test_nothing_measured_yet_says_what_it_is(workspace: Workspace, as_alice: Client) -> None:
    page = as_alice.get(URL).content.decode()
    assert "Not measured yet" in page
    assert "Connect a source first" in page


def test_an_admin_lets_it_be_measured(indexed: Integration, as_alice: Client) -> None:
    answer = as_alice.post(f"{URL}measure/", {"source": str(indexed.pk)})
    assert (answer.status_code, answer["Location"]) == (303, URL)
    page = as_alice.get(URL).content.decode()
    assert "Queued" in page
    assert 'hx-trigger="every 3s"' in page
    assert Evaluation.objects.get().integration == indexed


def test_a_trend_needs_two_evaluations(evaluation: Evaluation, as_alice: Client) -> None:
    assert "<polyline" not in as_alice.get(URL).content.decode()
    Evaluation.objects.create(
        workspace=evaluation.workspace, source_name="shop", origin="x", state="completed",
        measures=evaluation.measures, latency=evaluation.latency,
    )  # fmt: skip
    assert "<polyline" in as_alice.get(URL).content.decode()


@pytest.mark.parametrize("path", ["", "measure/"])
def test_it_needs_a_login(path: str, workspace: Workspace) -> None:
    answer = Client().post(URL + path) if path else Client().get(URL)
    assert answer["Location"].startswith("/accounts/login/")


def test_a_plain_member_may_not_measure(indexed: Integration, as_bob: Client) -> None:
    assert as_bob.post(f"{URL}measure/", {"source": str(indexed.pk)}).status_code == 403


def test_another_team_does_not_see_it(
    evaluation: Evaluation, as_mallory: Client, other_workspace: Workspace, indexed: Integration
) -> None:
    assert as_mallory.get(URL).status_code == 404
    assert as_mallory.get(f"{URL}{evaluation.pk}/").status_code == 404
    assert as_mallory.get(f"/evil/lair/quality/{evaluation.pk}/").status_code == 404
    assert as_mallory.post("/evil/lair/quality/measure/", {"source": str(indexed.pk)}).status_code == 404
    assert as_mallory.post("/evil/lair/quality/measure/", {"source": "x"}).status_code == 404


def test_methods_it_does_not_know_are_refused(evaluation: Evaluation, as_alice: Client) -> None:
    assert as_alice.post(URL).status_code == 405
    assert as_alice.get(f"{URL}measure/").status_code == 405


def test_htmx_gets_the_evaluations_alone(evaluation: Evaluation, as_alice: Client) -> None:
    answer = as_alice.get(URL, headers={"HX-Request": "true"})
    assert "<html" not in answer.content.decode()
    assert "Evaluations" in answer.content.decode()
    assert "HX-Request" in answer["Vary"]


def test_its_queries_do_not_grow_with_the_evaluations(
    evaluation: Evaluation, indexed: Integration, workspace: Workspace, as_alice: Client
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            as_alice.get(URL)
        return len(queries)

    before = cost()
    for _ in range(3):
        Evaluation.objects.create(
            workspace=workspace, source_name="shop", origin="x", state="completed",
            measures=evaluation.measures, latency=evaluation.latency, finished_at=evaluation.finished_at,
        )  # fmt: skip
    assert cost() == before
