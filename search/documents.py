"""Reading documents: by their facts, and by their ids."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404

from console.models import Workspace
from ingestion.models import Document, Integration
from search.filters import Filters
from search.globs import glob_regex
from search.retrieve import get_document
from search.scope import is_repository, is_source


def documents_of(workspace: Workspace, filters: Filters) -> QuerySet[Document]:
    """Return the documents that filters let through, without their texts."""
    rows = Document.objects.in_workspace(workspace).defer("text").select_related("integration")
    if filters.sources or filters.repositories:
        rows = rows.filter(integration__in=_sources(workspace, filters))
    if filters.labels:
        rows = rows.filter(labels__overlap=list(filters.labels))
    for lookup, values in _lookups(filters).items():
        if values:
            rows = rows.filter(_any(lookup, values))
    for lookup, time in (("gte", filters.after), ("lt", filters.before)):
        if time is not None:
            told, untold = {f"source_updated_at__{lookup}": time}, {f"indexed_at__{lookup}": time}
            rows = rows.filter(Q(**told) | Q(source_updated_at=None, **untold))
    return rows


def _lookups(filters: Filters) -> dict[str, Sequence[str]]:
    return {
        "kind": [kind.lower() for kind in filters.kinds],
        "language": [language.lower() for language in filters.languages],
        "author__iexact": filters.authors,
        "state__iexact": filters.states,
        "key__iregex": [glob_regex(path) for path in filters.paths],
    }


def document_or_404(workspace: Workspace, document_id: UUID) -> Document:
    """Return a document of the workspace; another is not there."""
    document = get_document(workspace, document_id)
    if document is None:
        raise Http404("There is no such document in this workspace.")
    return document


def _sources(workspace: Workspace, filters: Filters) -> list[UUID]:
    return [
        row.pk
        for row in Integration.objects.in_workspace(workspace)
        if (not filters.sources or any(is_source(value, row) for value in filters.sources))
        and (not filters.repositories or any(is_repository(value, row) for value in filters.repositories))
    ]


def _any(lookup: str, values: Sequence[str]) -> Q:
    condition = Q()
    for value in values:
        condition |= Q(**{lookup: value})
    return condition
