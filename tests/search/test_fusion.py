"""Fusion: documents from chunks, one ranking from several."""

from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.fusion import DEFAULT_WEIGHTS, by_document, by_path, fuse, scaled
from search.legs import Hit

A, B, C = (UUID(int=number) for number in (1, 2, 3))

documents = st.sampled_from([A, B, C])
scores = st.floats(0, 100, allow_nan=False)
legs = st.dictionaries(documents, scores)


def test_a_document_counts_its_best_chunk_and_parts_of_the_next_ones() -> None:
    hits = [Hit(1, A, 10.0), Hit(2, A, 8.0), Hit(3, B, 7.0), Hit(4, A, 4.0), Hit(5, A, 3.0)]
    assert by_document(hits, (1, 0.3, 0.15)) == {A: pytest.approx(10 + 0.3 * 8 + 0.15 * 4), B: 7.0}


def test_paths_count_by_how_much_of_the_query_they_hold() -> None:
    paths = {A: "shop/orders.py", B: "shop/anvils.js", C: "README.md"}
    assert by_path(paths, {"order": 3.0, "shop": 1.0, "py": 0.5}) == {A: 1.0, B: pytest.approx(1 / 4.5)}


def test_every_leg_has_its_weight() -> None:
    ranked = fuse(
        {"lexical": {A: 9.0}, "semantic": {B: 0.5}, "path": {C: 0.5}}, [[Hit(1, A, 9.0)], [Hit(2, B, 0.5)]]
    )
    assert [(row.document, row.score) for row in ranked] == [(A, 1.0), (B, 0.6), (C, 0.2)]
    assert ranked[0].chunks == [1]


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
