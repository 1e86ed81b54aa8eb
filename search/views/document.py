"""A document: its text, what is known of it, and what is like it."""

import re
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from console.access import workspace_view
from console.models import Workspace
from ingestion.models import Document
from ingestion.sources import get_source
from lightfast.lib.htmx import wants_fragment
from search import reading
from search.links import links_of
from search.related import similar
from search.retrieve import get_document
from search.windows import Lines, Window, split_lines, window_around, window_at

LINES = re.compile(r"(\d{1,7})(?:-(\d{1,7}))?")
CONVERSATIONS = {
    "pull_request",
    "issue",
    "release",
    "commit",
    "page",
}  # in Markdown, and read rather than looked at
SIMILAR = 6


@require_safe
@workspace_view()
def document(request: HttpRequest, workspace: Workspace, document_id: UUID) -> HttpResponse:
    """Show a document as text with numbered lines, or as people read it.

    `lines=10-20` chooses some, `from=501` begins there; htmx gets those further lines alone, as far as `until`.
    """
    found = _document(workspace, document_id)
    chosen, first = _lines(request, "lines"), _lines(request, "from")
    values: dict[str, Any] = {"workspace": workspace, "document": found, "source": found.integration}
    if first and wants_fragment(request):
        until = _lines(request, "until")
        values |= {"window": _window(found, chosen, first, until), "until": until}
        return render(request, "search/document.html#window", values)
    markdown = found.kind in CONVERSATIONS or found.language == "markdown"
    readable = markdown and len(found.text) <= reading.LONGEST
    view = request.GET.get("view") or ("read" if found.kind in CONVERSATIONS else "text")
    if view == "read" and readable:
        values["reading"] = reading.rendered(found.text, chosen)
    else:
        values["window"] = _window(found, chosen, first, None)
    source = get_source(found.integration.kind)
    values |= {
        "readable": readable,
        "links": links_of(found),
        "provider_url": source.line_url(found.url, *chosen) if found.url and chosen else found.url,
    }
    return render(request, "search/document.html", values)


@require_safe
@workspace_view()
def related(request: HttpRequest, workspace: Workspace, document_id: UUID) -> HttpResponse:
    """List the documents that are like one."""
    found = _document(workspace, document_id)
    answer = similar(workspace, found, store=found.integration.store.name, limit=SIMILAR)
    template = "search/related.html#list" if wants_fragment(request) else "search/related.html"
    return render(request, template, {"workspace": workspace, "document": found, "similar": answer.results})


def _document(workspace: Workspace, document_id: UUID) -> Document:
    found = get_document(workspace, document_id)
    if found is None:
        raise Http404("There is no such document in this workspace.")
    return found


def _lines(request: HttpRequest, name: str) -> Lines | None:
    """Read `10` or `10-20`; nothing else is there."""
    match = LINES.fullmatch(request.GET.get(name, ""))
    if match is None:
        return None
    first = max(1, int(match[1]))
    return first, max(first, int(match[2] or first))


def _window(found: Document, chosen: Lines | None, first: Lines | None, until: Lines | None) -> Window:
    lines = split_lines(found.text)
    if first is None:
        return window_around(lines, found.language, chosen)
    return window_at(lines, found.language, first[0], last=until[0] if until else None, chosen=chosen)
