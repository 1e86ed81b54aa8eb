"""The lexical leg: chunks that share terms with the query, weighed by how rare the terms are.

The score is Okapi BM25 (Robertson and Zaragoza, 2009), with less for words of everyday English. How often a chunk has
a term, Postgres does not tell, but ts_rank('{1,1,1,1}', lexemes, t, 0) does: it is H(tf) / 1.645 with
H(n) = 1 + 1/4 + … + 1/n², and 1.645 - H(n) is close to 1 / (n + 0.6).
"""

from math import exp, log
from typing import Any

from django.db import connection

from ingestion.models import TermStatistic
from ingestion.pipeline.lexemes import query_terms
from search.everyday import telling
from search.legs import Hit, quoted
from search.query import Query
from search.scope import Scope
from search.spelling import SHARE, meant

# How many chunks the terms of candidates may select: so many, or this share of a very large store. Fewer would cost
# recall on few chunks (measured: 7 points at 1,000); more found nothing at 94,000, and took half as long again.
CANDIDATES = 5_000
CANDIDATE_SHARE = 0.01
LOOKED_AT = 25_000  # chunks at most, though the rarest term is in more: some 100 ms, and more at a million
LIMIT = 200
K1, B = 1.2, 0.75
MEAN_FILL = 0.83  # of the token budget, that chunks have on the average (measured)

# 1 - norm / (tf + norm), which has tf but once.
TERM = """%(rarity{number})s::float8 * (1 - norm.k / (norm.k - 0.60793
    + 1 / (1.64493 * (1 - ts_rank('{{1,1,1,1}}', c.lexemes, %(term{number})s::tsquery, 0)))))"""

SEARCH = """
SELECT c.id, c.document_id, {score} AS score, count(*) OVER () AS looked_at
FROM (
    SELECT c.id, c.document_id, c.lexemes, c.tokens
    FROM ingestion_chunk c {join}
    WHERE c.version_id = %(version)s AND c.lexemes @@ %(candidates)s::tsquery {conditions}
    LIMIT %(looked_at)s
) c
CROSS JOIN LATERAL (SELECT %(fixed)s::float8 + %(by_length)s::float8 * c.tokens AS k) norm
ORDER BY score DESC, c.id
LIMIT %(limit)s
"""


def rarities_of(scope: Scope, terms: tuple[str, ...]) -> dict[str, float]:
    """Return each term's rarity, rarest first: its inverse document frequency, of everyday words a part.

    idf(t) = ln(1 + (N - n + 0.5) / (n + 0.5)) with n of N chunks having the term (Robertson and Zaragoza, 2009). A
    term that the statistics do not know counts as one chunk's, and beside it what it may be a misspelling of.
    """
    counts = dict(
        TermStatistic.objects.filter(version=scope.version, term__in=terms).values_list("term", "chunks")
    )
    total = max(scope.version.chunk_count, *counts.values(), 1)
    found = {term: telling(term) * _idf(counts.get(term, 1), total) for term in terms}
    for term, chunks in meant(scope, (term for term in terms if term not in counts)).values():
        found.setdefault(term, SHARE * telling(term) * _idf(chunks, total))
    return dict(sorted(found.items(), key=lambda pair: -pair[1]))


def _idf(chunks: int, total: int) -> float:
    return log(1 + (total - chunks + 0.5) / (chunks + 0.5))


def candidates(rarities: dict[str, float], chunks: int) -> list[str]:
    """Return the terms that fewest of so many chunks have, until they select enough of them; one at least.

    Chunks with none of them are not looked at.
    """
    chosen: list[str] = []
    selected, most = 0.0, max(CANDIDATE_SHARE, CANDIDATES / max(chunks, 1))
    shares = {term: exp(-rarity / telling(term)) for term, rarity in rarities.items()}  # idf turned round
    for term, share in sorted(shares.items(), key=lambda pair: pair[1]):
        if chosen and selected + share > most:
            break
        chosen.append(term)
        selected += share
    return chosen


def lexical(
    scope: Scope, query: Query, rarities: dict[str, float], *, limit: int = LIMIT
) -> tuple[list[Hit], bool]:
    """Return the best chunks, best first, and whether all that have the terms were looked at.

    A term in more chunks than are looked at hardly tells them apart, so any of them will do.
    """
    if not rarities:
        return [], True
    mean = MEAN_FILL * scope.version.chunk_tokens
    values: dict[str, Any] = {
        **scope.values,
        "limit": limit,
        "looked_at": LOOKED_AT,
        "fixed": K1 * (1 - B),
        "by_length": K1 * B / mean,
    }
    parts = []
    for number, (term, rarity) in enumerate(rarities.items()):
        values |= {f"term{number}": quoted(term), f"rarity{number}": rarity}
        parts.append(TERM.format(number=number))
    conditions = f"AND {scope.where}" if scope.narrow else ""
    if query.phrases:
        for number, phrase in enumerate(query.phrases):
            values[f"phrase{number}"] = phrase.lower()
            conditions += f" AND position(%(phrase{number})s IN lower(c.text)) > 0"
        phrase_terms = [term for phrase in query.phrases for term in query_terms(phrase)]
        values["candidates"] = " & ".join(map(quoted, phrase_terms))
    else:
        values["candidates"] = " | ".join(map(quoted, candidates(rarities, scope.version.chunk_count)))
    statement = SEARCH.format(
        score=" + ".join(parts),
        join="JOIN ingestion_document d ON d.id = c.document_id" if scope.narrow else "",
        conditions=conditions,
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows = cursor.fetchall()
    return [Hit(*row[:3]) for row in rows], not rows or rows[0][3] < LOOKED_AT
