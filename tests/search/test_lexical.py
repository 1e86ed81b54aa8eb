"""Which chunks the words' leg looks at."""

from math import log

import pytest

from console.models import Workspace
from ingestion.models import Integration
from search.everyday import telling
from search.lexical import CANDIDATE_SHARE, CANDIDATES, candidates
from search.modes import Mode
from search.retrieve import search

SMALL, LARGE = CANDIDATES, round(10 * CANDIDATES / CANDIDATE_SHARE)


def rarities(**shares: float) -> dict[str, float]:
    """Return the rarities of terms that so large shares of the chunks have, rarest first."""
    found = {term: -log(share) * telling(term) for term, share in shares.items()}
    return dict(sorted(found.items(), key=lambda pair: -pair[1]))


@pytest.mark.parametrize(
    ("chunks", "shares", "chosen"),
    [
        (SMALL, {"rare": 0.001, "common": 0.3, "everywhere": 0.6}, ["rare", "common", "everywhere"]),
        (100 * SMALL, {"rare": 0.001, "next": 0.008, "common": 0.3}, ["rare", "next"]),
        (100 * SMALL, {"rare": 0.001, "common": 0.3, "next": 0.008}, ["rare", "next"]),
        (LARGE, {"rare": CANDIDATE_SHARE / 2, "common": 0.3}, ["rare"]),
        (LARGE, {"common": 0.3, "everywhere": 0.6}, ["common"]),
        (LARGE, {"everywhere": 1.0}, ["everywhere"]),
        (LARGE, {"the": 0.001, "webhookreceiver": 0.3}, ["the"]),
        (SMALL, {}, []),
    ],
)
def test_the_rarest_terms_select_as_many_chunks_as_are_looked_at(
    chunks: int, shares: dict[str, float], chosen: list[str]
) -> None:
    assert candidates(rarities(**shares), chunks) == chosen


def test_an_empty_store_has_candidates_for_its_first_chunk() -> None:
    assert candidates(rarities(word=1.0), 0) == ["word"]


def test_a_term_in_more_chunks_than_are_looked_at_is_found_in_some_and_told(
    indexed: Integration, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    everywhere = search(workspace, "order", mode=Mode.LEXICAL)
    assert (everywhere.total, everywhere.notes) == (2, [])
    for name in ("lexical", "ranked"):
        monkeypatch.setattr(f"search.{name}.LOOKED_AT", 1)
    some = search(workspace, "order", mode=Mode.LEXICAL)
    assert some.total == 1
    assert some.results[0].document in [result.document for result in everywhere.results]
    assert some.notes[0].startswith("So many texts have these words that 1 of them were ranked")
    elsewhere = search(workspace, "order path:README.md", mode=Mode.LEXICAL)
    assert [result.document.key for result in elsewhere.results] == ["README.md"]
