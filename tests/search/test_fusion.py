"""Fusion: documents from chunks, one ranking from several."""

from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.fusion import (
    DEFAULT_WEIGHTS,
    by_document,
    by_folder,
    by_name,
    by_test,
    fuse,
    relative,
    scaled,
)
from search.legs import Hit

A, B, C = (UUID(int=number) for number in (1, 2, 3))

documents = st.sampled_from([A, B, C])
scores = st.floats(0, 100, allow_nan=False)
legs = st.dictionaries(documents, scores)


def test_a_document_counts_its_best_chunk_and_parts_of_the_next_ones() -> None:
    hits = [Hit(1, A, 10.0), Hit(2, A, 8.0), Hit(3, B, 7.0), Hit(4, A, 4.0), Hit(5, A, 3.0)]
    assert by_document(hits, (1, 0.3, 0.15)) == {A: pytest.approx(10 + 0.3 * 8 + 0.15 * 4), B: 7.0}


def test_names_count_by_how_much_of_the_query_they_hold() -> None:
    paths = {A: ["shop/orders.py", "README.md"], B: ["shop/anvils.js"], C: ["README.md"]}
    assert by_name(paths, {"order": 3.0, "shop": 1.0, "py": 0.5}) == {A: 1.0, B: pytest.approx(1 / 4.5)}


def test_every_leg_has_its_weight() -> None:
    ranked = fuse(
        {"lexical": {A: 9.0}, "semantic": {B: 0.5}, "path": {C: 0.5}}, [[Hit(1, A, 9.0)], [Hit(2, B, 0.5)]]
    )
    assert [(row.document, row.score) for row in ranked] == [(A, 1.0), (B, 0.55), (C, 0.25)]
    assert ranked[0].chunks == [1]


def test_a_document_gains_by_the_best_other_one_of_its_folder() -> None:
    folders = {A: "shop", B: "shop", C: "shop"}
    assert by_folder({A: 4.0, B: 2.0, C: 1.0}, folders) == {A: 0.5, B: 1.0, C: 1.0}
    assert by_folder({A: 4.0, B: 2.0, C: 1.0}, {A: "shop", B: "web", C: "web"}) == {B: 0.25, C: 0.5}
    assert by_folder({A: 4.0, B: -1.0}, {A: "shop", B: "shop"}) == {B: 1.0}
    assert by_folder({A: -1.0, B: -1.0}, folders) == by_folder({}, {}) == {}


def test_the_folder_is_added_to_the_sum_of_the_legs() -> None:
    legs = {"lexical": {A: 9.0, B: 3.0}, "path": {B: 0.5, C: 0.25}}
    alone = {row.document: row.score for row in fuse(legs, [])}
    assert alone == {A: 1.0, B: 0.25, C: 0.125}
    found = {row.document: row for row in fuse(legs, [], {A: "shop", B: "shop", C: "web"})}
    gained = {A: DEFAULT_WEIGHTS.folder * 0.25, B: DEFAULT_WEIGHTS.folder * 1.0, C: 0.0}
    assert {pk: row.score for pk, row in found.items()} == {pk: alone[pk] + gained[pk] for pk in alone}
    assert found[B].places["folder"].rank == 1
    assert "folder" not in found[C].places


def test_scores_may_be_parts_of_the_highest() -> None:
    assert relative({A: 4.0, B: 1.0}) == {A: 1.0, B: 0.25}
    assert relative({A: 0.0}) == relative({}) == {}


def test_tests_come_after_what_they_test_unless_it_is_tests_that_are_asked_for() -> None:
    paths = {A: "shop/orders.py", B: "tests/shop/orders.py", C: "web/orders.spec.ts"}
    assert by_test(paths, ["order"]) == {B: 1.0, C: 1.0}
    assert by_test(paths, ["order", "test"]) == {}
    ranked = fuse({"lexical": {A: 1.0, B: 2.0, C: 3.0}, "test": {C: 1.0}}, [])
    assert [row.score for row in ranked] == [pytest.approx(0.75), 0.5, 0.0]
    assert ranked[0].places["test"].share == DEFAULT_WEIGHTS.test


@pytest.mark.parametrize(
    ("path", "is_test"),
    [
        ("test/a.py", True),
        ("pkg/Tests/a.py", True),
        ("pkg/test_a.py", True),
        ("pkg/a_test.go", True),
        ("pkg/a.test.tsx", True),
        ("spec/a_spec.rb", True),
        ("pkg/contest/a.py", False),
        ("pkg/latest_a.py", False),
        ("pkg/testament.py", False),
    ],
)
def test_a_test_is_told_by_its_path(path: str, is_test: bool) -> None:
    assert bool(by_test({A: path}, [])) == is_test


@given(legs)
def test_scaled_scores_keep_their_order_and_lie_between_0_and_1(leg: dict[UUID, float]) -> None:
    result = scaled(leg)
    assert set(result) == set(leg)
    assert all(0 <= score <= 1 for score in result.values())
    by_score = sorted(leg, key=lambda document: leg[document])
    assert all(result[low] <= result[high] for low, high in pairwise(by_score))


@given(legs, legs, legs)
def test_a_score_is_the_sum_of_its_shares_and_ranks_are_complete(
    lexical: dict[UUID, float], semantic: dict[UUID, float], path: dict[UUID, float]
) -> None:
    path = {document: score / 100 for document, score in path.items()}
    ranked = fuse({"lexical": lexical, "semantic": semantic, "path": path}, [])
    assert {row.document for row in ranked} == {*lexical, *semantic, *path}
    assert [row.score for row in ranked] == sorted((row.score for row in ranked), reverse=True)
    for row in ranked:
        assert row.score == pytest.approx(sum(place.share for place in row.places.values()))
        assert all(place.share <= getattr(DEFAULT_WEIGHTS, name) for name, place in row.places.items())
    for name, leg in {"lexical": lexical, "semantic": semantic, "path": path}.items():
        assert sorted(row.places[name].rank for row in ranked if name in row.places) == list(
            range(1, len(leg) + 1)
        )
