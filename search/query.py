"""Understanding what somebody typed."""

import re
from dataclasses import dataclass

from ingestion.pipeline.lexemes import STOPWORDS, query_terms
from lightfast.lib.errors import UserError

LONGEST = 2_000  # characters
MOST_TERMS = 64
PHRASE = re.compile(r'"([^"]+)"')


@dataclass(frozen=True, slots=True)
class Query:
    """A query: its text, its distinct terms in order, and the phrases that results must contain."""

    text: str
    terms: tuple[str, ...]
    phrases: tuple[str, ...] = ()


def parse(text: str) -> Query:
    """Parse a query; raise `UserError` for one that is empty or too long."""
    text = " ".join(text.replace("\0", " ").split())
    if not text:
        raise UserError("Type something to search for.")
    if len(text) > LONGEST:
        raise UserError(
            f"The query has {len(text):,} characters; {LONGEST:,} are the most. Search for less of it."
        )
    phrases = tuple(phrase for found in PHRASE.findall(text) if (phrase := found.strip()))
    terms = query_terms(text)
    telling = [term for term in terms if term not in STOPWORDS] or terms
    return Query(text, tuple(telling[:MOST_TERMS]), phrases)
