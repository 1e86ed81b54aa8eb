"""From what a search found to what programs are told."""

from typing import Any

from django.http import HttpResponse

from ingestion.models import Document, Integration
from lightfast.lib.api import aware
from lightfast.lib.pagination import bad_cursor, decoded, encoded
from search.filters import Facts, Filters
from search.results import Match, Result, Results
from search.schemas import (
    DocumentOut,
    DocumentRow,
    FacetOut,
    FactsIn,
    FiltersIn,
    FoundOut,
    MatchOut,
    PlaceOut,
    ResultOut,
    SearchOut,
    SnippetOut,
    SourceRef,
)

FARTHEST = 1_000  # results that can be left out


def filters_of(given: FiltersIn, without: FactsIn | None = None) -> Filters:
    """Return the filters of a request."""
    unwanted = Facts(**_facts(without)) if without is not None else Facts()
    after, before = aware(given.after), aware(given.before)
    return Filters(**_facts(given), without=unwanted, after=after, before=before)


def _facts(given: FactsIn) -> dict[str, Any]:
    return {name: tuple(getattr(given, name)) for name in FactsIn.model_fields}


def offset_of(cursor: str | None, default: int = 0) -> int:
    """Return how many results a cursor leaves out."""
    if not cursor:
        return default
    place = decoded(cursor)
    if not (place.isascii() and place.isdigit() and int(place) <= FARTHEST):
        raise bad_cursor()
    return int(place)


def found_out(found: Results, *, offset: int, limit: int, explain: bool = False) -> FoundOut:
    """Tell what was found."""
    return FoundOut(
        results=[result_out(result, explain=explain) for result in found.results],
        next=encoded(offset + limit) if offset + limit < min(found.total, FARTHEST) else None,
        total=found.total,
        complete=found.complete,
        took_ms=found.milliseconds,
        stages=found.stages,
        notes=list(found.notes),
    )


def search_out(found: Results, *, offset: int, limit: int, explain: bool = False) -> SearchOut:
    """Tell what was found, and by which words."""
    facets = {
        name: [FacetOut(value=facet.value, label=facet.label, count=facet.count) for facet in facets]
        for name, facets in found.facets.items()
    }
    base = found_out(found, offset=offset, limit=limit, explain=explain)
    return SearchOut(**dict(base), terms=list(found.terms), facets=facets)


def time_stages(response: HttpResponse, found: Results) -> None:
    """Tell the stages' milliseconds as browsers and proxies read them (Server-Timing)."""
    stages = {**found.stages, "total": found.milliseconds}
    response["Server-Timing"] = ", ".join(f"{name};dur={value:.2f}" for name, value in stages.items())


def source_ref(integration: Integration) -> SourceRef:
    """Name a source."""
    return SourceRef(id=integration.pk, kind=integration.kind, name=integration.name)


def result_out(result: Result, *, explain: bool = False) -> ResultOut:
    """Tell of one result."""
    document, best, age = result.document, result.matches[0], result.index_age
    places = {name: PlaceOut(rank=p.rank, score=p.score, share=p.share) for name, p in result.places.items()}
    return ResultOut(
        id=document.pk,
        kind=document.kind,
        key=document.key,
        title=document.title,
        language=document.language,
        source=source_ref(result.source),
        score=round(result.score, 6),
        count=result.count,
        heading=best.heading,
        first_line=best.first_line,
        last_line=best.last_line,
        url=best.url,
        matches=[_match(match) for match in result.matches],
        indexed_at=document.indexed_at,
        index_age_seconds=round(age.total_seconds(), 1) if age is not None else None,
        explain=places if explain else None,
    )


def _match(match: Match) -> MatchOut:
    snippet = SnippetOut(
        text=match.snippet.text,
        first_line=match.snippet.first_line,
        last_line=match.snippet.last_line,
        highlights=match.snippet.highlights,
    )
    return MatchOut(
        heading=match.heading,
        first_line=match.first_line,
        last_line=match.last_line,
        url=match.url,
        snippet=snippet,
    )


def document_row(document: Document) -> DocumentRow:
    """Tell of a document without its text."""
    return DocumentRow(**_facts_of(document))


def document_out(document: Document, *, first_line: int = 1, last_line: int | None = None) -> DocumentOut:
    """Tell of a document with its text, or some of its lines; those beyond its end are not there."""
    first = max(1, min(first_line, document.lines))
    last = max(first, min(last_line or document.lines, document.lines))
    whole = first == 1 and last >= document.lines
    text = document.text if whole else _lines(document.text, first, last)
    return DocumentOut(**_facts_of(document), first_line=first, last_line=last, text=text)


def _facts_of(document: Document) -> dict[str, Any]:
    same = [name for name in DocumentRow.model_fields if name != "source"]
    return {"source": source_ref(document.integration), **{name: getattr(document, name) for name in same}}


def _lines(text: str, first: int, last: int) -> str:
    """Return lines from 1, both ends included; they end with a line feed only, as everywhere."""
    return "".join(f"{line}\n" for line in text.split("\n")[first - 1 : last])
