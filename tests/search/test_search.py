"""Searching finds by words, by meaning and by path, and only what one may see."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from console.audit import Actor
from console.models import User, Workspace
from ingestion.embedding.base import TransientError
from ingestion.models import Integration, IntegrationState
from lightfast.lib.errors import UserError
from search import ranked
from search.filters import Filters
from search.models import SearchLog
from search.results import Results
from search.retrieve import get_document, search


def keys(found: Results) -> list[str]:
    return [result.document.key for result in found.results]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("verify_signature", "shop/webhooks.py"),
        ("verifySignature", "shop/webhooks.py"),
        ("OrderService ship", "shop/orders.py"),
        ("forge anvil", "shop/anvils.js"),
        ("orders.py", "shop/orders.py"),
        ("how do we make sure that a webhook is authentic", "shop/webhooks.py"),
        ("is it sunny or does it rain", "docs/weather.md"),
        ('"taken when an order"', "README.md"),
    ],
)
def test_what_is_sought_comes_first(
    query: str, expected: str, indexed: Integration, workspace: Workspace
) -> None:
    assert keys(search(workspace, query))[0] == expected


def test_a_result_tells_where_it_is_and_why(indexed: Integration, workspace: Workspace) -> None:
    [result, *_] = search(workspace, "verify_signature of webhooks").results
    match = result.matches[0]
    assert (match.first_line, match.heading) == (1, "def verify_signature")
    text = match.snippet.text
    marked = {text[start:end] for start, end in match.snippet.highlights}
    assert "verify_signature" in marked
    assert match.url == f"https://github.com/acme/shop/blob/{indexed.cursor}/shop/webhooks.py#L1-L7"
    assert result.places["lexical"].rank == 1
    assert set(result.places) == {"lexical", "semantic", "path", "symbol", "definition", "folder"}
    assert result.score == pytest.approx(sum(place.share for place in result.places.values()))
    assert result.index_age is not None


def test_another_teams_documents_are_never_found(
    indexed: Integration, foreign: Integration, workspace: Workspace, other_workspace: Workspace
) -> None:
    assert "plan.md" not in keys(search(workspace, "verify_signature is to be bypassed", limit=50))
    assert keys(search(other_workspace, "verify_signature", limit=50)) == ["plan.md"]
    theirs = search(other_workspace, "plan").results[0].document
    assert get_document(workspace, theirs.pk) is None
    assert get_document(other_workspace, theirs.pk) == theirs
    assert not search(workspace, "plan", filters=Filters(sources=(foreign.pk,))).results


def test_filters_narrow_every_leg(indexed: Integration, workspace: Workspace) -> None:
    assert set(keys(search(workspace, "order", filters=Filters(languages=("markdown",)), limit=50))) <= {
        "README.md",
        "docs/weather.md",
    }
    assert keys(search(workspace, "anvil", filters=Filters(languages=("javascript",)))) == ["shop/anvils.js"]
    assert keys(search(workspace, "anvil", filters=Filters(sources=(indexed.pk,))))
    assert not search(workspace, "anvil", filters=Filters(kinds=("issue",))).results


def test_a_quoted_phrase_must_be_there(indexed: Integration, workspace: Workspace) -> None:
    assert keys(search(workspace, '"an order ships"')) == ["README.md"]
    assert not search(workspace, '"ships an order"').results


def test_a_source_being_removed_is_not_searched(indexed: Integration, workspace: Workspace) -> None:
    Integration.objects.update(state=IntegrationState.REMOVING)
    assert not search(workspace, "anvil").results


def test_pages_continue_where_the_last_ended(indexed: Integration, workspace: Workspace) -> None:
    whole = keys(search(workspace, "order anvil rain", limit=5))
    parts = [keys(search(workspace, "order anvil rain", limit=2, offset=offset)) for offset in (0, 2, 4)]
    assert [key for part in parts for key in part] == whole


def test_an_embedder_that_fails_leaves_the_words(
    indexed: Integration, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise TransientError("the service is away")

    monkeypatch.setattr(ranked, "query_vector", fail)
    found = search(workspace, "verify_signature")
    assert keys(found)[0] == "shop/webhooks.py"
    assert found.notes == ["Ranked by words only: the service is away"]


@pytest.mark.parametrize(
    "query",
    ["'", "\\", "a'b\\c", "' | !x & (", "<->", ":*", "\0x", "🦆", "日本語", "the", "%s %(x)s {}", "x" * 300],
)
def test_any_text_is_a_query(query: str, indexed: Integration, workspace: Workspace) -> None:
    assert search(workspace, query).milliseconds >= 0


@pytest.mark.parametrize(
    ("query", "message"), [("", "Type something"), ("  ", "Type something"), ("x" * 2_001, "most")]
)
def test_what_cannot_be_a_query_says_so(query: str, message: str, workspace: Workspace) -> None:
    with pytest.raises(UserError, match=message):
        search(workspace, query)


def test_an_empty_workspace_finds_nothing(workspace: Workspace) -> None:
    assert not search(workspace, "anything").results


def test_a_search_costs_a_fixed_number_of_queries(indexed: Integration, workspace: Workspace) -> None:
    def cost(limit: int) -> int:
        with CaptureQueriesContext(connection) as queries:
            search(workspace, "order", limit=limit)
        return len(queries)

    assert cost(1) == cost(50) == 11


def test_searches_are_logged(indexed: Integration, workspace: Workspace, alice: User) -> None:
    search(workspace, "anvil", filters=Filters(kinds=("file",)), actor=Actor(user=alice))
    log = SearchLog.objects.in_workspace(workspace).get()
    assert (log.query, log.user, log.filters) == ("anvil", alice, {"kinds": ["file"]})
    assert log.results > 0
    assert set(log.stages) == {"lexical", "embed", "semantic", "documents", "fuse", "load"}
