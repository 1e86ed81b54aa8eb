"""The search page."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from console.access import workspace_view
from console.audit import actor_of
from console.models import User, Workspace
from lightfast.lib.errors import UserError
from lightfast.lib.htmx import htmx_of, wants_fragment
from search import log
from search.modes import Effort, Mode
from search.retrieve import search
from search.shown import shown
from search.state import LAST_PAGE, PER_PAGE, State
from search.welcome import is_empty, progress, welcome

MODES = (
    (Mode.HYBRID, "Hybrid", "Words, meaning and names together"),
    (Mode.SEMANTIC, "Meaning", "What is about the same, in other words, too"),
    (Mode.LEXICAL, "Words", "Words and names alone"),
    (Mode.EXACT, "Exact", "The text as you write it"),
    (Mode.REGEX, "Regex", "Lines that match an RE2 pattern"),
)
EFFORTS = (
    (Effort.FAST, "Fast: no model is asked"),
    (Effort.BALANCED, "Balanced"),
    (Effort.THOROUGH, "Thorough: more candidates, reranked where that is configured"),
)


@require_safe
@workspace_view()
def page(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Search; the address holds all of the state, and the same view answers a page or what is found alone."""
    assert isinstance(request.user, User)
    state = State.of(request.GET)
    fragment = wants_fragment(request)
    instant = fragment and htmx_of(request).trigger_name == "q"
    values: dict[str, Any] = {
        "workspace": workspace,
        "state": state,
        "chips": list(state.chips()),
        "modes": [(name, says, state.by(mode), mode == state.mode) for mode, name, says in MODES],
        "efforts": EFFORTS,
        "fragment": fragment,
        "searching": True,  # the shell has a box, too
        **_found(request, workspace, state, instant=instant),
    }
    response = render(request, "search/page.html#found" if fragment else "search/page.html", values)
    if fragment:
        address = reverse("search:page", args=[workspace.organization.slug, workspace.slug]) + state.address
        response.headers["HX-Replace-Url" if instant else "HX-Push-Url"] = address
    return response


@require_POST
@workspace_view()
def settled(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Log a search as one types that was looked at for a while."""
    log.settle(workspace, request.POST.get("search", ""), actor_of(request))
    return HttpResponse(status=204)


def _found(request: HttpRequest, workspace: Workspace, state: State, *, instant: bool) -> dict[str, Any]:
    assert isinstance(request.user, User)
    if not state.sought:
        if is_empty(workspace):
            return {"progress": progress(workspace)}
        return {"welcome": welcome(workspace, request.user)}
    try:
        answer = search(
            workspace,
            state.sought,
            filters=state.filters,
            mode=state.mode,
            effort=state.effort,
            limit=PER_PAGE,
            offset=(state.page - 1) * PER_PAGE,
            actor=actor_of(request),
            remember=bool(state.text) and not instant and state.page == 1,
        )
    except UserError as error:
        return {"problem": error}
    if not answer.results and is_empty(workspace):
        return {"progress": progress(workspace)}
    first = (state.page - 1) * PER_PAGE + 1
    last = first + len(answer.results) - 1
    return {
        "answer": answer,
        "results": shown(answer),
        "facets": state.facets(answer.facets),
        "first": first,
        "last": last,
        "previous": state.at(state.page - 1) if state.page > 1 else None,
        "next": state.at(state.page + 1) if last < answer.total and state.page < LAST_PAGE else None,
        "unsettled": log.sealed(workspace, answer, state.filters) if instant and state.text else "",
    }
