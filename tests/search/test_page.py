"""The search page: any of its states by an address, whole or in part."""

import re
from html import unescape
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from console.models import User, Workspace
from ingestion.embedding.base import TransientError
from ingestion.models import Integration, Run
from search import ranked
from search.models import SearchLog
from tests.repositories import Repository
from tests.search.conftest import index

URL = "/acme/core/search/"
HTMX = {"HX-Request": "true"}
TYPED = {**HTMX, "HX-Trigger-Name": "q"}


def page(client: Client, query: str, **headers: str) -> str:
    response = client.get(f"{URL}?{query}", headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def names(html: str) -> list[str]:
    """Return the names of the results, in order."""
    return [
        unescape(re.sub(r"<[^>]+>", "", name))
        for name in re.findall(r'class="result-link"[^>]*>(.*?)</a>', html)
    ]


def test_a_search_shows_documents_with_their_lines(indexed: Integration, as_bob: Client) -> None:
    html = page(as_bob, "q=verify_signature")
    assert names(html)[0] == "shop/webhooks.py"
    assert "<mark>" in html
    assert re.search(r'/documents/[0-9a-f-]{36}/\?lines=\d+-\d+#L\d+"', html)
    assert f"https://github.com/acme/shop/blob/{indexed.cursor}/shop/webhooks.py#L1-L" in html
    assert "Why this result" in html


def test_the_page_needs_a_login(workspace: Workspace, client: Client) -> None:
    response = client.get(URL)
    assert response.status_code == 302
    assert "/login" in response.headers["Location"]


def test_every_member_may_search(indexed: Integration, as_alice: Client, as_bob: Client) -> None:
    assert as_alice.get(URL).status_code == as_bob.get(URL).status_code == 200


def test_to_an_outsider_the_page_does_not_exist(indexed: Integration, as_mallory: Client) -> None:
    assert as_mallory.get(f"{URL}?q=anvil").status_code == 404
    assert as_mallory.post(f"{URL}settled/", {"search": "x"}).status_code == 404


def test_pages_are_read_and_settled_searches_posted(workspace: Workspace, as_bob: Client) -> None:
    assert as_bob.post(URL).status_code == 405
    assert as_bob.get(f"{URL}settled/").status_code == 405


def test_htmx_gets_what_was_found_and_the_address(indexed: Integration, as_bob: Client) -> None:
    response = as_bob.get(f"{URL}?q=anvil&effort=balanced&path=&page=", headers=HTMX)
    html = response.content.decode()
    assert html.lstrip().startswith('<div id="found"')
    assert "<html" not in html
    assert 'hx-swap-oob="innerHTML:#count"' in html
    assert response.headers["HX-Push-Url"] == f"{URL}?q=anvil"
    assert "HX-Request" in response.headers["Vary"]


def test_typing_replaces_the_address_and_a_boosted_link_gets_the_page(
    indexed: Integration, as_bob: Client
) -> None:
    typed = as_bob.get(f"{URL}?q=anv", headers=TYPED)
    assert typed.headers["HX-Replace-Url"] == f"{URL}?q=anv"
    assert "HX-Push-Url" not in typed.headers
    assert "<html" in page(as_bob, "q=anvil", **HTMX, **{"HX-Boosted": "true"})


def test_filters_and_modes_stand_in_the_address(indexed: Integration, as_bob: Client) -> None:
    found = {
        "q=order+anvil&language=javascript": {"shop/anvils.js"},
        "q=order+lang%3Apython&mode=lexical": {"shop/orders.py"},
        "q=warm&-path=docs/&mode=lexical": set(),
        f"q=order&source={indexed.pk}&path=*.md&mode=lexical": {"README.md"},
        "q=compare_digest&mode=exact": {"shop/webhooks.py"},
        "q=ship%5Cw%2B&mode=regex": {"shop/orders.py", "README.md"},
    }
    assert {query: set(names(page(as_bob, query))) for query in found} == found


def test_filters_alone_list_what_they_let_through(indexed: Integration, as_bob: Client) -> None:
    assert set(names(page(as_bob, "language=python"))) == {"shop/orders.py", "shop/webhooks.py"}
    assert set(names(page(as_bob, "-path=shop/"))) == {"README.md", "docs/weather.md"}
    assert names(page(as_bob, "language=python&mode=exact")) == []
    assert not SearchLog.objects.exists()


def test_a_form_without_scripts_carries_the_filters_along(indexed: Integration, as_bob: Client) -> None:
    html = page(as_bob, "q=order&language=python&-path=vendor/&mode=lexical")
    for name, value in (("language", "python"), ("-path", "vendor/"), ("mode", "lexical")):
        assert f'<input type="hidden" form="search-form" name="{name}" value="{value}">' in html
    assert 'href="?q=order&amp;mode=lexical&amp;-path=vendor%2F"' in html, "a chip that removes the language"


def test_pages_follow_each_other(workspace: Workspace, as_bob: Client, tmp_path: Path) -> None:
    files = {f"notes/{number:02}.md": f"# Note {number}\n\nAnvils are heavy.\n" for number in range(25)}
    index(workspace, Repository(tmp_path / "notes", files).path)
    seen = [name for number in (1, 2, 3) for name in names(page(as_bob, f"q=anvils+heavy&page={number}"))]
    assert sorted(seen) == sorted(files)
    assert 'rel="next"' not in page(as_bob, "q=anvils+heavy&page=3")


def test_queries_do_not_grow_with_results(workspace: Workspace, as_bob: Client, tmp_path: Path) -> None:
    files = {f"notes/{number:02}.md": f"# Note {number}\n\nAnvils are heavy.\n" for number in range(10)}
    index(workspace, Repository(tmp_path / "notes", files | {"one.md": "# One\n\nZebra.\n"}).path)

    def cost(query: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert names(page(as_bob, query))
        return len(queries)

    page(as_bob, "q=warm")
    assert cost("q=zebra&mode=lexical") == cost("q=anvils&mode=lexical")


def test_a_wrong_pattern_is_shown_with_its_place(indexed: Integration, as_bob: Client) -> None:
    html = page(as_bob, "q=a%28b&mode=regex")
    assert "The pattern is wrong" in html
    assert ">a<mark>(b</mark>" in html


def test_a_time_that_is_none_is_explained(indexed: Integration, as_bob: Client) -> None:
    assert "after:soon is no time" in page(as_bob, "q=x&after=soon")


def test_nothing_found_offers_ways_on(indexed: Integration, as_bob: Client) -> None:
    html = page(as_bob, "q=zzzqqq&mode=exact&language=python")
    assert "Nothing found" in html
    assert 'href="?q=zzzqqq&amp;mode=exact"' in html
    assert 'href="?q=zzzqqq&amp;language=python"' in html


def test_before_anything_is_typed_the_workspace_gives_examples(
    indexed: Integration, as_bob: Client, bob: User
) -> None:
    page(as_bob, "q=forge+an+anvil")
    html = page(as_bob, "")
    assert "forge an anvil" in html, "a recent search"
    examples = re.findall(r'<a class="mono" href="(\?q=[^"]+)"', html)
    assert len(examples) >= 4
    for address in examples:
        assert names(page(as_bob, unescape(address)[1:])), address


def test_recent_searches_are_those_of_the_person(
    indexed: Integration, as_bob: Client, as_alice: Client
) -> None:
    page(as_bob, "q=secret+plans")
    assert "secret plans" not in page(as_alice, "")


def test_an_empty_workspace_leads_to_its_sources(workspace: Workspace, as_bob: Client) -> None:
    for query in ("", "q=anvil"):
        html = page(as_bob, query)
        assert "Connect something to search" in html
        assert reverse("ingestion:sources", args=["acme", "core"]) in html


def test_a_first_sync_is_waited_for(indexed: Integration, as_bob: Client) -> None:
    indexed.documents.all().delete()
    Run.objects.update(state="running", finished_at=None)
    assert 'hx-trigger="every 3s"' in page(as_bob, "")


def test_an_embedder_that_is_away_is_told_of(
    indexed: Integration, as_bob: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise TransientError("the service is away")

    monkeypatch.setattr(ranked, "query_vector", away)
    assert "Ranked by words only: the service is away" in page(as_bob, "q=anvil")


def test_a_search_counts_when_it_is_sent_or_looked_at(
    indexed: Integration, as_bob: Client, bob: User
) -> None:
    *_, html = [page(as_bob, f"q={typed}", **TYPED) for typed in ("an", "anv", "anvil")]
    assert not SearchLog.objects.exists()
    seal = re.search(r'hx-vals=\'{"search": "([^"]+)"}\'', html)
    assert seal
    assert as_bob.post(f"{URL}settled/", {"search": seal[1]}).status_code == 204
    page(as_bob, "q=forge")
    page(as_bob, "q=forge&page=2")
    logs = SearchLog.objects.order_by("pk").values_list("query", "user")
    assert list(logs) == [("anvil", bob.pk), ("forge", bob.pk)]


def test_only_searches_that_we_sealed_for_the_workspace_are_noted(
    indexed: Integration, foreign: Integration, as_bob: Client, as_mallory: Client
) -> None:
    html = page(as_bob, "q=anvil", **TYPED)
    seal = re.search(r'{"search": "([^"]+)"}', html)
    assert seal
    for text in ("", "x:y:z", seal[1] + "x"):
        as_bob.post(f"{URL}settled/", {"search": text})
    as_mallory.post("/evil/lair/search/settled/", {"search": seal[1]})
    assert not SearchLog.objects.exists()


def test_nothing_that_is_typed_or_indexed_becomes_a_tag(
    workspace: Workspace, as_bob: Client, tmp_path: Path
) -> None:
    evil = "<script>alert(1)</script> \u202e anvil\n"
    name = '"><img src=x onerror=alert(1)>.js'
    index(workspace, Repository(tmp_path / "evil", {name: evil}).path)
    html = page(as_bob, "q=anvil+%3Cscript%3Ealert(2)%3C/script%3E&language=%22%3E%3Cb%3E")
    html += page(as_bob, "q=anvil+alert")
    assert names(html)
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert '"><b>' not in html
    assert "\u202e" not in html
