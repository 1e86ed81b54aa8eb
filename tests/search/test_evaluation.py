"""How good search is, is measured by fair queries."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from console.audit import Actor
from console.models import User, Workspace
from ingestion.models import Integration
from lightfast.lib.errors import UserError
from search.evaluation import services
from search.evaluation.measures import estimate, gain, scores
from search.evaluation.mine import mine
from search.evaluation.pairs import Change, Pair, pairs_of, query_of, read_pairs
from search.evaluation.references import Bm25, rrf
from search.evaluation.run import LEGS, Report, evaluate
from search.models import Evaluation, EvaluationState
from search.schedule import tick
from tests.repositories import Repository
from tests.search.conftest import FILES, index

PAIRS = [
    Pair("check that a webhook was signed by GitHub", frozenset({"shop/webhooks.py"})),
    Pair("money is charged when an order ships", frozenset({"shop/orders.py", "README.md"})),
    Pair("forge a hot anvil of some weight", frozenset({"shop/anvils.js"})),
]


@pytest.mark.parametrize(
    ("message", "paths", "author", "is_fair"),
    [
        ("Ship orders once they are paid", ("a.py", "b.py"), "Alice", True),
        ("Ship orders once they are paid", ("gone.py",), "Alice", False),
        ("Ship orders once they are paid", tuple(f"{n}.py" for n in range(6)), "Alice", False),
        ("Ship orders once they are paid", ("a.py",), "dependabot[bot]", False),
        ("Fix it", ("a.py",), "Alice", False),
        ("Bump the version of everything here", ("a.py",), "Alice", False),
        ("Merge branch 'x' of somewhere else", ("a.py",), "Alice", False),
        ("Let a.py ship orders once paid", ("a.py",), "Alice", False),
        ("Let the orders be shipped once paid", ("orders.py",), "Alice", False),
    ],
)
def test_only_fair_queries_are_asked(
    message: str, paths: tuple[str, ...], author: str, is_fair: bool
) -> None:
    indexed = frozenset({"a.py", "b.py", "orders.py", *(f"{n}.py" for n in range(6))})
    assert bool(pairs_of([Change(message, paths, author)], indexed)) == is_fair


@pytest.mark.parametrize(
    ("path", "is_log"),
    [
        ("CHANGELOG.md", True),
        ("pkg/ChangeLog", True),
        ("docs/changes/7.txt", False),
        ("NEWS", True),
        ("docs/release_notes.rst", True),
        ("shop/changes/base.py", False),
        ("shop/history.py", False),
        ("news/models.py", False),
    ],
)
def test_change_logs_are_no_answers_but_code_named_alike_is(path: str, is_log: bool) -> None:
    (pair,) = pairs_of([Change("Ship orders once they are paid", ("a.py", path))], frozenset({"a.py", path}))
    assert (path not in pair.documents) == is_log


def test_what_code_is_named_hides_it_from_no_evaluation(workspace: Workspace, tmp_path: Path) -> None:
    files = {"shop/changes/base.py": "def poll_mailbox(): ...\n", "NEWS": "The mailbox is polled.\n"}
    index(workspace, Repository(tmp_path / "shop", files).path)
    pairs = [Pair("poll the mailbox now and then", frozenset({"shop/changes/base.py"}))]
    report = evaluate(workspace, pairs, references=True)
    assert {leg: rows[0]["recall_5"] for leg, rows in report.legs.items() if leg in ("hybrid", "bm25")} == {
        "hybrid": 1.0,
        "bm25": 1.0,
    }
    assert (
        report.legs["hybrid"][0]["mrr_10"] == 1.0
    )  # and the news, which say so too, are not found before it


def test_a_query_is_the_first_line_without_references() -> None:
    message = "Ship paid orders (#12)\n\nFixes #11\n\nSigned-off-by: Alice <a@b.c>"
    assert query_of(message) == "Ship paid orders"


def test_the_same_queries_are_always_for_tuning() -> None:
    pairs = [Pair(f"query number {number}", frozenset({"a"})) for number in range(400)]
    dev = sum(pair.is_dev for pair in pairs)
    assert 160 < dev < 240
    assert [pair.is_dev for pair in pairs] == [Pair(p.query, frozenset({"b"})).is_dev for p in pairs]


def test_measures_are_what_their_names_say() -> None:
    found = scores(["x", "a", "y", "z", "w", "b"], {"a", "b"})
    assert found["mrr_10"] == 0.5
    assert (found["recall_5"], found["recall_10"]) == (0.5, 1.0)
    assert scores(["a", "b"], {"a", "b"})["ndcg_10"] == pytest.approx(1)
    assert not any(scores([], {"a"}).values())


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_a_mean_lies_in_its_interval(values: list[float]) -> None:
    found = estimate(values)
    assert found.low - 1e-9 <= found.value <= found.high + 1e-9
    same = gain(values, values)
    assert same.value == 0


def test_references_rank() -> None:
    bm25 = Bm25([("a", "ship the order"), ("b", "order order order"), ("c", "rain")])
    assert bm25.rank(["order"])[0] == "b"
    assert "c" not in bm25.rank(["order"])
    assert rrf([["a", "b"], ["b", "c"]])[0] == "b"


def test_queries_are_mined_from_the_history_of_a_repository(workspace: Workspace, tmp_path: Path) -> None:
    repository = Repository(tmp_path / "shop", FILES)
    changed = {"shop/orders.py": FILES["shop/orders.py"] + "\n# paid\n"}
    repository.commit(changed, "Charge the customer before anything is shipped\n\nCloses #1")
    repository.commit({"a.txt": "a", "b.txt": "b"}, "Add two files with nothing in them")
    repository.commit({"a.txt": None}, "Take one of them away again")
    integration = index(workspace, repository.path)
    assert mine(integration)[:2] == [
        Pair("Add two files with nothing in them", frozenset({"b.txt"})),
        Pair("Charge the customer before anything is shipped", frozenset({"shop/orders.py"})),
    ]


def test_every_leg_is_measured_beside_the_whole(indexed: Integration, workspace: Workspace) -> None:
    report = evaluate(workspace, PAIRS, source=indexed.pk, references=True)
    measures = report.measures()
    assert set(measures) == {"hybrid", "bm25", "rrf", *LEGS}
    assert measures["hybrid"]["recall_10"]["value"] == 1
    assert measures["hybrid"]["mrr_10"]["value"] > 0.8
    assert report.pairs == 3
    assert report.gains()["bm25"]["mrr_10"]["value"] >= 0
    assert report.latency()["p95"] > 0
    whole = Report()
    for first, end in ((0, 1), (1, 3)):
        whole.add(report.part(first, end))
    assert (whole.legs, whole.milliseconds) == (report.legs, report.milliseconds)


def test_the_command_reads_pairs_prints_and_keeps(
    indexed: Integration, workspace: Workspace, tmp_path: Path
) -> None:
    file = tmp_path / "pairs.json"
    file.write_text(json.dumps([{"query": p.query, "documents": sorted(p.documents)} for p in PAIRS]))
    call_command("evaluate", "acme/core", pairs=file, stdout=StringIO())
    [evaluation] = Evaluation.objects.in_workspace(workspace)
    assert (evaluation.state, evaluation.pairs, evaluation.origin) == ("completed", 3, "pairs.json")
    with pytest.raises(CommandError, match="team/workspace"):
        call_command("evaluate", "acme/nowhere", pairs=file)
    file.write_text("{")
    with pytest.raises(UserError, match="must be JSON like"):
        read_pairs(file)


def test_an_evaluation_is_done_in_the_background(
    indexed: Integration, workspace: Workspace, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluation = services.request_evaluation(integration=indexed, actor=Actor(user=alice))
    with pytest.raises(UserError, match="being measured already"):
        services.request_evaluation(integration=indexed)
    services.run_evaluation(evaluation.pk)
    evaluation.refresh_from_db()
    assert evaluation.state == EvaluationState.FAILED
    assert "10 are the least" in evaluation.error

    monkeypatch.setattr(services, "mine", lambda _: PAIRS * 4)
    again = services.request_evaluation(integration=indexed)
    services.run_evaluation(again.pk)
    services.run_evaluation(again.pk)  # twice is once
    again.refresh_from_db()
    assert (again.state, again.pairs, again.documents) == (EvaluationState.COMPLETED, 12, 5)
    assert again.whole["recall_10"].value == 1


def test_a_forgotten_evaluation_is_woken(indexed: Integration, monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[object] = []
    evaluation = services.request_evaluation(integration=indexed)
    monkeypatch.setattr(services, "wake", lambda actor, pk: woken.append((actor, pk)))
    tick()
    assert not woken
    Evaluation.objects.update(created_at=evaluation.created_at - services.LEASE)
    tick()
    assert woken == [("evaluate_search", evaluation.pk)]
