"""A document's page: its text with numbered lines, or as people read it."""

import re
from datetime import UTC, datetime
from itertools import product

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ingestion.models import Document, Integration
from search.windows import LINES

HTMX = {"HX-Request": "true"}


@pytest.fixture
def code(indexed: Integration) -> str:
    """Return the address of a file with code."""
    return address(Document.objects.get(key="shop/webhooks.py"))


def address(document: Document) -> str:
    return f"/acme/core/documents/{document.pk}/"


def make(integration: Integration, text: str, **fields: object) -> Document:
    """Put a document into the index that no source gave."""
    values = {
        "kind": "file", "key": "made.txt", "size": len(text), "lines": text.count("\n") or 1, "revision": "1",
        "content_hash": b"x" * 32, "config_hash": "x", "indexed_at": timezone.now(), **fields,
    }  # fmt: skip
    return Document.objects.create(
        workspace=integration.workspace, integration=integration, text=text, **values
    )


def numbers(html: str) -> list[int]:
    return [int(number) for number in re.findall(r'id="L(\d+)"', html)]


def chosen(html: str) -> list[int]:
    return [int(number) for number in re.findall(r'class="line chosen" id="L(\d+)"', html)]


def test_a_document_is_shown_with_its_lines_and_what_is_known(code: str, as_bob: Client) -> None:
    html = as_bob.get(code).content.decode()
    assert numbers(html) == list(range(1, 8))
    assert '<span class="k">def</span>' in html
    for told in ("shop/webhooks.py", "python", "7 lines", "Open at", "As of"):
        assert told in html
    assert f'hx-get="{code}similar/"' in html


def test_the_page_needs_a_login(code: str, client: Client) -> None:
    assert client.get(code).status_code == client.get(f"{code}similar/").status_code == 302


def test_every_member_may_read(code: str, as_alice: Client, as_bob: Client) -> None:
    assert as_alice.get(code).status_code == as_bob.get(code).status_code == 200


def test_to_an_outsider_the_document_does_not_exist(
    code: str, as_mallory: Client, foreign: Integration
) -> None:
    assert as_mallory.get(code).status_code == as_mallory.get(f"{code}similar/").status_code == 404
    assert as_mallory.get(code.replace("acme/core", "evil/lair")).status_code == 404


def test_the_page_is_only_read(code: str, as_bob: Client) -> None:
    assert as_bob.post(code).status_code == as_bob.post(f"{code}similar/").status_code == 405


def test_the_lines_of_the_address_are_chosen_and_opened_at_the_provider(code: str, as_bob: Client) -> None:
    html = as_bob.get(f"{code}?lines=4-6").content.decode()
    assert chosen(html) == [4, 5, 6]
    assert "/shop/webhooks.py#L4-L6" in html


def test_any_address_shows_the_document(code: str, as_bob: Client) -> None:
    for query in ("lines=0", "lines=9-2", "lines=x", "lines=99999999", "from=-1", "from=5000", "view=x"):
        assert as_bob.get(f"{code}?{query}").status_code == 200


def test_a_long_document_is_shown_in_windows(indexed: Integration, as_bob: Client) -> None:
    long = address(make(indexed, "".join(f"line {number}\n" for number in range(1, 30_001))))
    response = as_bob.get(long)
    html = response.content.decode()
    assert numbers(html) == list(range(1, LINES + 1))
    assert len(response.content) < 150_000
    assert f'href="?from={LINES + 1}"' in html
    more = as_bob.get(f"{long}?from={LINES + 1}", headers=HTMX).content.decode()
    assert numbers(more) == list(range(LINES + 1, 2 * LINES + 1))
    assert "<html" not in more
    assert chosen(as_bob.get(f"{long}?lines=20000-20001").content.decode()) == [20_000, 20_001]
    before = as_bob.get(f"{long}?from=100&until=149", headers=HTMX).content.decode()
    assert numbers(before) == list(range(100, 150))
    assert "Show more" not in before


def test_a_conversation_is_read_and_its_text_one_link_away(indexed: Integration, as_bob: Client) -> None:
    pull = make(
        indexed,
        "# Fix refunds (#7)\n\nIt *works* <script>alert(1)</script>\n\n## bob\n\nNice.\n",
        kind="pull_request",
        key="7",
        title="Fix refunds",
        author="alice",
        state="merged",
        labels=["bug"],
        url="https://github.com/acme/shop/pull/7",
        source_updated_at=datetime(2026, 1, 2, tzinfo=UTC),
        metadata={
            "links": [{"repository": "", "number": 3, "relation": "closes"}],
            "files": ["shop/webhooks.py", "gone.py"],
        },
    )
    issue = make(indexed, "# Broken (#3)\n", kind="issue", key="3", title="Broken")
    html = as_bob.get(address(pull)).content.decode()
    assert "<em>works</em>" in html
    assert "<script>alert" not in html
    for told in (
        "Fix refunds",
        "alice",
        "merged",
        "bug",
        "closes",
        "gone.py",
        "https://github.com/acme/shop/pull/7",
    ):
        assert told in html
    assert address(issue) in html
    assert address(Document.objects.get(key="shop/webhooks.py")) in html
    assert numbers(as_bob.get(f"{address(pull)}?view=text").content.decode()) == list(range(1, 8))


def test_links_to_other_repositories_are_not_taken_for_ones_own(indexed: Integration, as_bob: Client) -> None:
    issue = make(indexed, "# Broken (#3)\n", kind="issue", key="3", title="Broken")
    links = [{"repository": "else/where", "number": 3, "relation": "closes"}]
    pull = make(indexed, "x\n", kind="pull_request", key="7", metadata={"links": links})
    assert address(issue) not in as_bob.get(address(pull)).content.decode()


def test_similar_documents_come_as_a_panel_and_as_a_page(code: str, as_bob: Client) -> None:
    panel = as_bob.get(f"{code}similar/", headers=HTMX).content.decode()
    assert "<html" not in panel
    assert "shop/orders.py" in panel
    assert "shop/webhooks.py" not in panel
    assert "<html" in as_bob.get(f"{code}similar/").content.decode()


def test_a_document_without_vectors_is_like_nothing(indexed: Integration, as_bob: Client) -> None:
    made = make(indexed, "x\n")
    assert "Nothing here is like it" in as_bob.get(f"{address(made)}similar/").content.decode()


def test_queries_do_not_grow_with_links(indexed: Integration, as_bob: Client) -> None:
    def cost(count: int) -> int:
        files = [f"{number}.py" for number in range(count)]
        document = make(indexed, "x\n", kind="pull_request", key=str(count), metadata={"files": files})
        with CaptureQueriesContext(connection) as queries:
            as_bob.get(address(document))
        return len(queries)

    assert cost(1) == cost(40)


HOSTILE = "<script>alert(1)</script>\n</code></div><img src=x onerror=alert(1)>\n\u202e}\u2066 \u200bhidden\x1b[31m\n"


def test_no_text_becomes_a_tag_or_hides(indexed: Integration, as_bob: Client) -> None:
    names = {"key": "<b>\u202egpj.exe", "title": "<em>", "author": "<u>", "labels": ["<s>"]}
    for language, view in product(("", "html", "javascript", "markdown", "python"), ("text", "read")):
        document = make(indexed, HOSTILE, language=language, **names)
        html = as_bob.get(f"{address(document)}?view={view}").content.decode()
        for tag in ("<script>alert", "<img src=x", "<b>", "<em>", "<u>", "<s>"):
            assert tag not in html
        seen = re.sub(r'data-copy="[^"]*"', "", html)  # what is copied is the true name
        assert not re.search("[\u202e\u2066\u200b\x1b]", seen)
        assert "U+202E" in html
        document.delete()
