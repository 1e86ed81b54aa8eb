"""Files that a query names: orders.py, shop/orders.py, or, as an import does, shop.orders."""

import re
from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from ingestion.pipeline.lexemes import query_terms
from search.legs import Hit
from search.scope import Scope

MOST_NAMES, MOST_PARTS, MOST_FILES = 3, 5, 20  # of a query, of the end of a path, of a name
LOOKED_AT = 500  # files of a name
EDGES = "`'\"()[]{}<>,;:!?*"
LINE = re.compile(r":\d+(?::\d+)?$")  # of orders.py:12
NAME = re.compile(r"(?=.*[^\W\d_])(?:[\w@+~./\\-]*\w[./\\]\w[\w@+~./\\-]*|\.[\w.-]+)")
SHORTEST = 4  # letters and digits; trigrams find nothing of fewer, and e.g. is no file

# Keys are compared by their end, whatever their case; the trigrams of keys find them. Of a name that thousands of files
# have, any will do.
NAMED = """
SELECT c.id, d.id
FROM (
    SELECT few.id FROM (
        SELECT d.id, d.key FROM ingestion_document d
        WHERE {where} AND d.kind = 'file' AND d.key ~* %(pattern)s LIMIT %(looked_at)s
    ) few ORDER BY length(few.key), few.key LIMIT %(limit)s
) d
JOIN ingestion_chunk c ON c.document_id = d.id AND c.version_id = %(version)s AND c.ordinal = 0
"""


class Name(NamedTuple):
    """A file's name as it was written, and the parts of its path. A module's has no ending."""

    written: str
    parts: tuple[str, ...]
    is_module: bool = False


def names(text: str) -> list[list[Name]]:
    """Return the files that a text may name, each in the ways that it can be read, the most likely first."""
    found: dict[str, list[Name]] = {}
    for word in text.split():
        written = LINE.sub("", word.strip(EDGES)).rstrip(".")
        path = written.replace("\\", "/").strip("/")
        if len(found) < MOST_NAMES and NAME.fullmatch(path):
            parts = tuple(part for part in path.split("/") if part not in ("", ".", ".."))[-MOST_PARTS:]
            found[path] = [Name(written, parts)]
            if len(parts) == 1 and not path.startswith("."):
                modules = tuple(path.split("."))[-MOST_PARTS:]
                found[path].append(Name(written, modules, is_module=True))
                if len(modules) > 2:  # shop.orders.ship, a function
                    found[path].append(Name(written, modules[:-1], is_module=True))
    return list(found.values())


def named(scope: Scope, text: str, rarities: Mapping[str, float]) -> list[Hit]:
    """Return the first chunks of the files that a text names, with the share of its rarity that the name is."""
    whole = sum(rarities.values())
    best: dict[UUID, Hit] = {}
    for readings in names(text):
        rarity = sum(rarities.get(term, 0.0) for term in query_terms(readings[0].written))
        share = rarity / whole if whole else 1.0
        found = (_ending_with(scope, name) for name in readings)
        for chunk, document in next(filter(None, found), []):
            if document not in best or best[document].score < share:
                best[document] = Hit(chunk, document, share)
    return sorted(best.values(), key=lambda hit: (-hit.score, hit.chunk))


def _ending_with(scope: Scope, name: Name) -> list[tuple[int, UUID]]:
    """Return first chunk and id of the files whose path ends as a name does, of its most parts that any ends with.

    The folders above may be those of another machine, so that of a path the last part will do. Where the ending may
    be left out, two must match: read/write and self.name are no files.
    """
    least = 2 if name.is_module or "." not in name.parts[-1] else 1
    for start in range(len(name.parts) - least + 1):
        parts = name.parts[start:]
        if sum(map(str.isalnum, "".join(parts))) < SHORTEST:
            break
        ending = r"(/__init__)?[.][^./]+" if name.is_module else r"([.][^./]+)?" if len(parts) > 1 else ""
        pattern = f"(^|/){'/'.join(map(re.escape, parts))}{ending}$"
        with connection.cursor() as cursor:
            values = {**scope.values, "pattern": pattern, "looked_at": LOOKED_AT, "limit": MOST_FILES}
            cursor.execute(NAMED.format(where=scope.where), values)
            rows: list[tuple[int, UUID]] = cursor.fetchall()
        if rows:
            return rows
    return []
