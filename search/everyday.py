"""Words of everyday English, which stand in every question and tell little, though code may seldom have them."""

from functools import cache
from math import log

from ingestion.embedding.vocabulary import english
from ingestion.pipeline.stem import stem

# By Zipf's law the word of rank r is 0.09 / r of all words, so that a chunk of 150 has it 13.5 / r times.
FIRST = 13.5
BEYOND = 110_000  # the rank of a word that is not among them


def telling(term: str) -> float:
    """Return how much of a term's rarity counts, from 0 to 1: of names and words that few texts have, all."""
    return log(1 + _ranks().get(term, BEYOND) / FIRST) / log(1 + BEYOND / FIRST)


@cache
def _ranks() -> dict[str, int]:
    """Return the ranks of terms, from 1, by their most frequent word."""
    ranks: dict[str, int] = {}
    for rank, word in enumerate(english(), start=1):
        ranks.setdefault(stem(word), rank)
        ranks.setdefault(word, rank)
    return ranks
