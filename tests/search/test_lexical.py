"""Which terms of a query select the chunks that are looked at."""

from math import log

import pytest

from search.lexical import CANDIDATE_SHARE, CANDIDATES, candidates

SMALL, LARGE = CANDIDATES, round(10 * CANDIDATES / CANDIDATE_SHARE)


def idfs(**shares: float) -> dict[str, float]:
    """Return weights of terms that so large shares of the chunks have, rarest first."""
    return {term: -log(share) for term, share in sorted(shares.items(), key=lambda pair: pair[1])}


@pytest.mark.parametrize(
    ("chunks", "shares", "chosen"),
    [
        (SMALL, {"rare": 0.001, "common": 0.3, "everywhere": 0.6}, ["rare", "common", "everywhere"]),
        (100 * SMALL, {"rare": 0.001, "next": 0.008, "common": 0.3}, ["rare", "next"]),
        (100 * SMALL, {"rare": 0.001, "common": 0.3, "next": 0.008}, ["rare", "next"]),
        (LARGE, {"rare": CANDIDATE_SHARE / 2, "common": 0.3}, ["rare"]),
        (LARGE, {"common": 0.3, "everywhere": 0.6}, ["common"]),
        (LARGE, {"everywhere": 1.0}, ["everywhere"]),
        (SMALL, {}, []),
    ],
)
def test_the_rarest_terms_select_as_many_chunks_as_are_looked_at(
    chunks: int, shares: dict[str, float], chosen: list[str]
) -> None:
    assert candidates(idfs(**shares), chunks) == chosen


def test_an_empty_store_has_candidates_for_its_first_chunk() -> None:
    assert candidates(idfs(word=1.0), 0) == ["word"]
