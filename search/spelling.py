"""Terms that nobody wrote: what was likely meant, among the terms of the index."""

from collections.abc import Iterable

from django.db import connection

from search.scope import Scope

SHORTEST = 5  # characters; of shorter ones everything is near
NEAREST = 10
MOST = 4  # unknown terms of a query that are looked up
SHARE = 0.7  # of its rarity that a term counts which was only meant

NEAR = """
SELECT term, chunks FROM ingestion_termstatistic
WHERE version_id = %s AND term %% %s AND length(term) BETWEEN %s AND %s
ORDER BY similarity(term, %s) DESC, chunks DESC
LIMIT %s
"""


def meant(scope: Scope, unknown: Iterable[str]) -> dict[str, tuple[str, int]]:
    """Return for each term that the index does not have the nearest that it has, with its number of chunks.

    Nearest is a difference of one letter, of two in longer ones; letters that changed places are one.
    """
    found = {}
    asked = [term for term in unknown if len(term) >= SHORTEST and term.isalpha()][:MOST]
    for term in asked:
        allowed = 1 if len(term) < 2 * SHORTEST - 2 else 2
        with connection.cursor() as cursor:
            cursor.execute(
                NEAR, [scope.version.pk, term, len(term) - allowed, len(term) + allowed, term, NEAREST]
            )
            rows: list[tuple[str, int]] = cursor.fetchall()
        near = [(distance(term, other), -chunks, other) for other, chunks in rows]
        if near and min(near)[0] <= allowed:
            _, chunks, other = min(near)
            found[term] = (other, -chunks)
    return found


def distance(one: str, other: str) -> int:
    """Return how many letters to add, drop, replace or swap make one word of the other (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        before, last, row = row, before, [i]
        for j, b in enumerate(other, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]
