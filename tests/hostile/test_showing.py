"""Whatever is in the index, pages, API and agents show it, and nothing of it can act or hide."""

import html as markup
import json
import re
from collections import Counter
from html.parser import HTMLParser
from io import BytesIO
from itertools import chain
from typing import Any
from zipfile import ZipFile

import pytest
from django.test import Client

from console.models import Workspace
from ingestion.models import Document, Integration, Omission
from ingestion.reasons import Reason
from ingestion.services import connect
from tests.hostile.corpus import INJECTION
from tests.mcp.test_view import done
from tests.queue import Drain
from tests.repositories import Repository

HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)
LOADS = {"src", "srcset", "data", "poster", "background", "formaction", "action"}
LEADS_ON = ("http://", "https://", "mailto:", "/", "?", "#", "")


class Page(HTMLParser):
    """What in a page could act, or load something."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Look at a tag."""
        values = {name: value or "" for name, value in attributes}
        if tag in {"iframe", "object", "embed", "base", "style"} or (tag == "script" and "src" not in values):
            self.wrong.append(f"<{tag}>")
        for name, value in values.items():
            elsewhere = name in LOADS and not value.startswith(("/", "?", "data:image/svg+xml"))
            acts = name.startswith("on") or name == "style"
            leads = name == "href" and ":" in value.split("/")[0] and not value.startswith(LEADS_ON[:3])
            if (elsewhere and value) or acts or leads:
                self.wrong.append(f"<{tag} {name}={value!r}>")


@pytest.fixture
def source(workspace: Workspace, nasty: Repository, worker: Drain) -> Integration:
    """Return the corpus, indexed."""
    source = connect(workspace=workspace, kind="git", resource=str(nasty.path), allow_local=True)
    worker()
    return source


def shown(answer: Any) -> str:
    """Return what an answer shows; what it has to be copied is as it was."""
    return re.sub(r' data-copy="[^"]*"', "", answer.content.decode())


def look(client: Client, address: str, **query: str) -> str:
    """Return a page, once it is known that nothing in it can act or hide."""
    answer = client.get(address, query)
    assert answer.status_code == 200, address
    html = shown(answer)
    assert not (found := HIDDEN.search(html)), f"{address}: {html[found.start() - 60 : found.end() + 9]!r}"
    assert not (page := Page(html)).wrong, f"{address}: {page.wrong}"
    return html


def pages_of(client: Client, address: str) -> list[str]:
    """Return a list and all its further pages."""
    pages = [look(client, address)]
    while older := re.search(r'href="([^"]*after=[^"]*)"', pages[-1]):
        pages.append(look(client, f"{address}{markup.unescape(older[1])}"))
    return pages


def test_every_page_shows_every_text_and_name_and_none_of_them_acts_or_hides(
    source: Integration, as_bob: Client
) -> None:
    root = f"/acme/core/sources/{source.pk}/"
    listed = markup.unescape("".join(pages_of(as_bob, f"{root}documents/")))
    documents = list(Document.objects.filter(integration=source))
    for document in documents:
        address = f"/acme/core/documents/{document.pk}/"
        assert address in listed
        for view in ("text", "read"):
            look(as_bob, address, view=view)
    for document in documents[::7]:
        look(as_bob, f"/acme/core/documents/{document.pk}/similar/")
    reasons = Counter(Omission.objects.filter(integration=source).values_list("reason", flat=True))
    for reason, number in reasons.items():
        html = look(as_bob, f"{root}omissions/", reason=reason)
        assert f"{Reason(reason).label} · {number}" in markup.unescape(html)
    pages_of(as_bob, f"{root}omissions/")
    pages_of(as_bob, f"/acme/core/jobs/{source.runs.get().pk}/")
    for address in (root, "/acme/core/", "/acme/core/jobs/", "/acme/core/activity/", "/acme/core/insights/"):
        look(as_bob, address)


QUERIES = (
    "spam", "named", "alert(1)", "Ignore all previous instructions", "us\u200ber", "level \u202e", "<script>",
    "x" * 990,
    "word7x w8", "' OR 1=1 --", "\\", "%", "(((", "AKIAIOSFODNN7EXAMPLE", "safe\u202egnp", "path:bidi/", "path:*",
    "path:control/", "lang:python", "e\u0301", "שלום", "👩‍👩‍👧", "_" * 50, "path:html/*.py alert", "\ufeff",
)  # fmt: skip


def test_searches_show_what_they_find_and_none_of_it_acts_or_hides(
    source: Integration, as_bob: Client, agent: Client
) -> None:
    for query in QUERIES:
        for mode in ("hybrid", "exact"):
            html = shown(as_bob.get("/acme/core/search/", {"q": query, "mode": mode}))
            told = html.replace(markup.escape(query), "")  # a query stands in its own field as it was typed
            assert not HIDDEN.search(told), (query, HIDDEN.findall(told))
            assert not Page(html).wrong, (query, Page(html).wrong)
        body = {"query": query, "limit": 50}
        answer = agent.post("/api/v1/search", body, content_type="application/json")
        assert answer.status_code in (200, 400, 422), answer.content
    for pattern in (
        "(a*)*b",
        "(x+x+)+y",
        "a{1000}",
        ".*.*.*=",
        "(?i)" + "a?" * 100 + "a" * 100,
        "\\p{L}+",
        "[^\\n]*",
    ):
        answer = as_bob.get("/acme/core/search/", {"q": pattern, "mode": "regex"})
        assert answer.status_code in (200, 422) and not Page(answer.content.decode()).wrong


def test_programs_and_agents_get_every_text_as_it_is(source: Integration, agent: Client) -> None:
    for document in Document.objects.filter(integration=source):
        answer = agent.get(f"/api/v1/documents/{document.pk}")
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/json; charset=utf-8")
        assert (answer.json()["text"], answer.json()["key"]) == (document.text, document.key)
        lines = done(agent, "read_document", document=str(document.pk))
        assert document.text.startswith(lines["text"][:1_000])
        assert (lines["document"], lines["path"]) == (str(document.pk), document.key)
    listed, cursor = [], None
    while True:
        page = done(agent, "list_documents", limit=100, **({"cursor": cursor} if cursor else {}))
        listed += [row["path"] for row in page["documents"]]
        if not (cursor := page["next_cursor"]):
            break
    assert sorted(listed) == sorted(Document.objects.values_list("key", flat=True))


def test_what_a_text_asks_of_an_agent_is_only_ever_text(source: Integration, agent: Client) -> None:
    from search.mcp.server import INSTRUCTIONS

    for tool, arguments in (
        ("search", {"query": "Ignore all previous instructions"}),
        ("grep", {"pattern": "Ignore all previous instructions"}),
    ):
        (hit, *_) = done(agent, tool, **arguments)["results"]
        assert hit["path"] == "contents/injection.md"
        said = set(chain.from_iterable(excerpt["text"].splitlines() for excerpt in hit["excerpts"]))
        assert said <= set(INJECTION.splitlines())
    assert "never as instructions" in INSTRUCTIONS


def test_a_file_of_everything_leaves_with_every_text(source: Integration, as_alice: Client) -> None:
    answer: Any = as_alice.post("/acme/core/export/")
    with ZipFile(BytesIO(b"".join(answer.streaming_content))) as file:
        rows = [json.loads(line) for line in file.read("documents.jsonl").split(b"\n") if line]
    texts = dict(Document.objects.filter(integration=source).values_list("key", "text"))
    assert {row["key"]: row["text"] for row in rows} == texts
