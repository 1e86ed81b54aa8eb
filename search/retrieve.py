"""The read door: nobody else queries chunks."""

from uuid import UUID

from console.audit import Actor
from console.models import Workspace
from ingestion.models import Document
from search import exact
from search.filters import Filters
from search.load import load_lines, load_ranked
from search.log import log_search
from search.modes import Effort, Mode
from search.query import parse
from search.ranked import Known, count, rank
from search.rerank import rerank
from search.results import Results
from search.scope import Scope, scope_of


def search(
    workspace: Workspace,
    text: str,
    *,
    filters: Filters | None = None,
    mode: Mode = Mode.HYBRID,
    effort: Effort = Effort.BALANCED,
    store: str = "default",
    limit: int = 10,
    offset: int = 0,
    actor: Actor | None = None,
    syntax: bool = True,
    remember: bool = True,
) -> Results:
    """Search a workspace's index, and log the search unless it is not to be remembered.

    The filters given and those written in the text (unless `syntax` is off) must both hold; a text of filters alone
    lists what they let through, newest first. Raises `UserError` for a query that cannot be one. An embedder or a
    reranker that fails leaves the ranking without it and a note; a pattern that takes too long what was found by then.
    """
    filters = filters or Filters()
    answer = Results(parse(text, mode=mode, syntax=syntax), mode, effort)
    scope = scope_of(workspace, (filters, answer.query.filters), store)
    if scope is not None:
        answer.notes += scope.notes
        if scope.integrations and mode.is_literal:
            _find_lines(scope, answer, limit, offset)
        elif scope.integrations:
            ranked = rank(scope, answer)
            if effort == Effort.THOROUGH and answer.query.text:
                ranked = rerank(answer, ranked)
            with answer.stage("load"):
                answer.results = load_ranked(scope, ranked[offset : offset + limit], answer.terms)
    if remember:
        log_search(workspace, answer, filters, actor or Actor())
    return answer


def get_document(workspace: Workspace, document_id: UUID) -> Document | None:
    """Return a document of the workspace with its source, or None."""
    found = Document.objects.in_workspace(workspace).select_related("integration")
    return found.filter(pk=document_id).first()


def _find_lines(scope: Scope, answer: Results, limit: int, offset: int) -> None:
    with answer.stage("find"):
        found = exact.find(scope, answer.query, answer.mode)
    count(scope, answer, (Known(m.key, m.kind, m.language, m.integration) for m in found.documents))
    answer.complete = not (found.timed_out or found.cut)
    if found.timed_out:
        answer.notes.append(
            f"Time ran out after {found.looked_at:,} documents: more may match. Narrow it down with a filter"
            f" such as path: or lang:, or put a longer text into it."
        )
    elif found.cut:
        answer.notes.append(f"The first {len(found.documents):,} documents that match are counted.")
    with answer.stage("load"):
        answer.results = load_lines(scope, found.documents[offset : offset + limit], found.pattern)
