"""How much words of everyday English count."""

import pytest

from console.models import Workspace
from ingestion.models import Integration
from ingestion.pipeline.lexemes import query_terms
from search.everyday import telling
from search.lexical import rarities_of
from search.scope import scope_of


def test_the_more_everyday_a_word_is_the_less_it_tells() -> None:
    words = ("the", "some", "added", "fixed", "handle", "signature", "unicode", "webhookreceiver")
    shares = [telling(term) for word in words for term in query_terms(word)[:1]]
    assert shares == sorted(shares)
    assert 0 < shares[0] < 0.05
    assert shares[-1] == 1


@pytest.mark.parametrize(
    ("written", "stem"), [("settings", "set"), ("settings", "setting"), ("files", "fil")]
)
def test_every_form_of_a_word_is_known(written: str, stem: str) -> None:
    assert stem in query_terms(written)
    assert telling(stem) < 0.9


def test_of_two_words_that_no_chunk_has_the_everyday_one_is_the_less_rare(
    indexed: Integration, workspace: Workspace
) -> None:
    scope = scope_of(workspace, ())
    assert scope is not None
    rarities = rarities_of(scope, ("yesterday", "zygohook"))
    assert list(rarities) == ["zygohook", "yesterday"]
