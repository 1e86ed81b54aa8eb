"""A file that is named is found, however it is named."""

from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from console.models import Workspace
from ingestion.models import Integration
from search.filenames import named, names
from search.filters import Filters
from search.modes import Mode
from search.query import parse
from search.retrieve import search
from search.scope import scope_of
from tests.repositories import Repository
from tests.search.conftest import index

FILES = {
    "shop/orders.py": "def ship(order):\n    return order\n",
    "shop/web/orders.py": "from shop.orders import ship\n\n\ndef orders(orders):\n    return orders, ship\n",
    "shop/web/__init__.py": '"""Pages of orders."""\n',
    "shop/orders.css": ".orders { color: red }\n",
    "docs/orders.md": "# Orders\n\norders.py has orders, and orders.css has their orders. Orders! Read/write them.\n",
    "Rakefile": "task :orders\n",
    ".github/workflows/ci.yml": "on: push\n",
    "read.py": "x = 1\n",
}


@pytest.fixture
def orders(workspace: Workspace, tmp_path: Path) -> Integration:
    """Return a source of files with like names."""
    return index(workspace, Repository(tmp_path / "orders", FILES).path)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("orders.py", ["orders.py"]),
        ("see (shop/orders.py:12), and so on.", ["shop/orders.py"]),
        ('File "/srv/app/shop/orders.py", line 3', ["/srv/app/shop/orders.py"]),
        ("C:\\shop\\orders.cs", []),
        ("shop\\orders.cs:7:1", ["shop\\orders.cs"]),
        (".gitignore ../a/b.c", [".gitignore", "../a/b.c"]),
        ("version 2.0.14 of 1/2", []),
        ("https://acme.org/shop/orders.py", []),
        ("a plain question, with a full stop.", []),
        ("a.b c.d e.f g.h i.j", ["a.b", "c.d", "e.f"]),
    ],
)
def test_names_of_files_are_told_from_other_words(text: str, written: list[str]) -> None:
    assert [readings[0].written for readings in names(text)] == written


def test_a_name_with_dots_may_be_a_module_or_what_a_module_has() -> None:
    assert [(name.parts, name.is_module) for name in names("shop.orders.ship")[0]] == [
        (("shop.orders.ship",), False),
        (("shop", "orders", "ship"), True),
        (("shop", "orders"), True),
    ]


@pytest.mark.django_db
def test_a_file_that_is_named_comes_first(orders: Integration, workspace: Workspace) -> None:
    for query, expected in {
        "shop/orders.py": "shop/orders.py",
        "web/orders.py": "shop/web/orders.py",
        "SHOP/ORDERS.PY": "shop/orders.py",
        "/srv/elsewhere/shop/orders.py:12": "shop/orders.py",
        "shop\\orders.css": "shop/orders.css",
        "shop.orders": "shop/orders.py",
        "shop.web.orders": "shop/web/orders.py",
        "shop.web": "shop/web/__init__.py",
        "orders.css": "shop/orders.css",
        "orders.md": "docs/orders.md",
        "workflows/ci.yml": ".github/workflows/ci.yml",
    }.items():
        first = search(workspace, query).results[0]
        assert (query, first.document.key) == (query, expected)
        assert first.places["name"].score > 0.6
        assert first.matches


@pytest.mark.django_db
def test_a_path_however_long_costs_few_questions(orders: Integration, workspace: Workspace) -> None:
    with CaptureQueriesContext(connection) as queries:
        found = search(workspace, "x/" * 900 + "shop/orders.py").results
    assert len(queries) < 20
    assert found[0].document.key == "shop/orders.py"


@pytest.mark.django_db
def test_a_name_is_a_part_of_a_longer_question(orders: Integration, workspace: Workspace) -> None:
    places = {
        result.document.key: result.places
        for result in search(workspace, "what ships in orders.css", limit=50).results
    }
    assert {key for key, legs in places.items() if "name" in legs} == {"shop/orders.css"}
    assert 0 < places["shop/orders.css"]["name"].score < 1


@pytest.mark.django_db
def test_what_is_no_file_here_names_none(orders: Integration, workspace: Workspace) -> None:
    for query in ("read/write", "self.read", "e.g. order", "gone.py", "%_.py", "a[b].py"):
        assert not any("name" in result.places for result in search(workspace, query).results), query


@pytest.mark.django_db
def test_a_named_file_must_pass_the_filters_and_be_of_the_workspace(
    orders: Integration, workspace: Workspace, other_workspace: Workspace
) -> None:
    found = search(workspace, "orders.py", filters=Filters(paths=("docs/**",))).results
    assert [result.document.key for result in found] == ["docs/orders.md"]
    assert not search(other_workspace, "shop/orders.py").results


@pytest.mark.django_db
def test_a_quoted_name_is_a_phrase_that_must_be_there(orders: Integration, workspace: Workspace) -> None:
    assert [result.document.key for result in search(workspace, '"orders.py"').results] == ["docs/orders.md"]


@pytest.mark.django_db
def test_a_file_without_any_of_the_words_is_found_by_its_name(
    orders: Integration, workspace: Workspace
) -> None:
    scope = scope_of(workspace, ())
    assert scope is not None
    [hit] = named(scope, "read.py", {})
    assert hit.score == 1
    query = parse("web.py read.py", mode=Mode.LEXICAL).text
    assert "read.py" in {
        result.document.key for result in search(workspace, query, mode=Mode.LEXICAL).results
    }
