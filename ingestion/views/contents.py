"""What a source's index holds, and what it does not and why."""

from collections import Counter

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from console.access import workspace_view
from console.models import Workspace
from ingestion.filters import DocumentFilter, OmissionFilter
from ingestion.models import Document, Omission, Tally
from ingestion.reasons import Reason
from ingestion.views.sources import find_source
from ingestion.words import kind_label
from lightfast.lib.htmx import wants_fragment
from lightfast.lib.window import window

PAGE = 50
COLUMNS = ("kind", "key", "title", "language", "size", "lines", "url", "indexed_at")


@require_safe
@workspace_view()
def documents(request: HttpRequest, workspace: Workspace, source_id: str) -> HttpResponse:
    """List a source's documents, the newest in the index first."""
    source = find_source(workspace, source_id)
    held = Tally.objects.filter(integration=source).held()
    form = DocumentFilter(
        request.GET,
        kind=[(kind, f"{kind_label(kind).capitalize()} ({n:,})") for kind, n in held.kinds.most_common()],
        language=[(name, f"{name} ({n:,})") for name, n in held.languages.most_common() if name],
    )
    rows = form.narrow(Document.objects.filter(integration=source).only(*COLUMNS))
    values = {
        "workspace": workspace,
        "source": source,
        "form": form,
        "total": held.documents,
        "documents": window(rows, request.GET, size=PAGE),
    }
    template = "ingestion/documents.html"
    return render(request, f"{template}#list" if wants_fragment(request) else template, values)


@require_safe
@workspace_view()
def omissions(request: HttpRequest, workspace: Workspace, source_id: str) -> HttpResponse:
    """List what of a source is not in the index, by reason."""
    source = find_source(workspace, source_id)
    reasons: Counter[str] = Counter()
    counts = []
    for state in ("failed", "skipped"):
        found = Counter(source.omitted.get(state, {}))
        reasons += found
        counts += [(state, reason, number) for reason, number in found.most_common()]
    known = [(code, Reason(code).label) for code, _ in reasons.most_common() if code in Reason.values]
    form = OmissionFilter(request.GET, reason=known)
    rows = form.narrow(Omission.objects.filter(integration=source))
    values = {
        "workspace": workspace,
        "source": source,
        "form": form,
        "counts": counts,
        "omissions": window(rows, request.GET, size=PAGE, newest_first=False),
    }
    template = "ingestion/omissions.html"
    return render(request, f"{template}#list" if wants_fragment(request) else template, values)
