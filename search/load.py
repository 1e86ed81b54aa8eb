"""Loading what is shown of the documents found."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any
from uuid import UUID

from ingestion.models import Chunk, Document, Integration
from ingestion.sources import get_source
from search.exact import Matching, lines_of
from search.fusion import Ranked
from search.lines import groups, line_snippet
from search.results import Match, Result
from search.scope import Scope
from search.snippet import snippet

MATCHES = 3  # chunks shown of a document
LINE_MATCHES = 5  # places shown of a document that matches exactly


def load_ranked(scope: Scope, ranked: Sequence[Ranked], terms: Sequence[str]) -> list[Result]:
    """Load ranked documents with their best chunks; one that was removed since is left out."""
    documents = Document.objects.defer("text").in_bulk([row.document for row in ranked])
    chunks = Chunk.objects.defer("lexemes").in_bulk([pk for row in ranked for pk in row.chunks[:MATCHES]])
    results = []
    for row in ranked:
        document = documents.get(row.document)
        found = [chunks[pk] for pk in row.chunks[:MATCHES] if pk in chunks]
        if document is None or not found:
            continue
        source = scope.integrations[document.integration_id]
        matches = []
        for chunk in found:
            part = snippet(chunk.text, chunk.first_line, terms)
            url = _line_url(source, document, part.first_line, part.last_line)
            matches.append(Match(chunk.heading, chunk.first_line, chunk.last_line, url, part))
        results.append(Result(document, source, row.score, matches, row.places))
    return results


def load_lines(scope: Scope, found: Sequence[Matching], pattern: Any) -> list[Result]:
    """Load documents that match exactly, with the lines that do and what is around them."""
    documents = Document.objects.in_bulk([row.document for row in found])
    headings = _headings(scope, documents)
    results = []
    for row in found:
        document = documents.get(row.document)
        if document is None:
            continue
        source = scope.integrations[document.integration_id]
        lines = document.text.removesuffix("\n").split("\n")
        matches = []
        for group in islice(groups(lines_of(document.text, pattern)), LINE_MATCHES):
            first, last = group[0].line, group[-1].line
            heading = _heading_at(headings.get(document.pk, ()), first)
            url = _line_url(source, document, first, last)
            matches.append(Match(heading, first, last, url, line_snippet(lines, group)))
        if matches:
            results.append(Result(document, source, float(row.count), matches, count=row.count))
    return results


def _line_url(source: Integration, document: Document, first: int, last: int) -> str:
    return get_source(source.kind).line_url(document.url, first, last)


def _headings(scope: Scope, documents: Iterable[UUID]) -> dict[UUID, list[tuple[int, int, str]]]:
    rows = Chunk.objects.filter(version=scope.version, document__in=documents).exclude(heading="")
    found: dict[UUID, list[tuple[int, int, str]]] = {}
    columns = rows.values_list("document_id", "first_line", "last_line", "heading")
    for document, first, last, heading in columns:
        found.setdefault(document, []).append((first, last, heading))
    return found


def _heading_at(places: Iterable[tuple[int, int, str]], line: int) -> str:
    return next((heading for first, last, heading in places if first <= line <= last), "")
