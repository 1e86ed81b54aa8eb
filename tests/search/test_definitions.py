"""Where something is defined comes before where it is used."""

from pathlib import Path

import pytest

from console.models import Workspace
from ingestion.pipeline.lexemes import query_terms, terms
from search.definitions import by_definition, defined, names
from search.legs import Hit
from search.retrieve import search
from search.spelling import SHARE
from tests.repositories import Repository
from tests.search.conftest import index

USES = "from shop.registry import sendParcel\n\n" + "sendParcel(1); sendParcel(2); sendParcel(3)\n" * 5
FILES = {
    "shop/registry.py": (
        "import queue\n\nWAITING = queue.Queue()\n\n\ndef clear():\n    WAITING.queue.clear()\n\n\n"
        "def sendParcel(number):\n    WAITING.put(number)\n"
    ),
    "shop/morning.py": USES,
    "shop/evening.py": USES.replace("1", "4"),
}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("class Shop(Base):\n    async def open_door(self):\n        self.bell = ring()\n", "Shop open_door"),
        ("LIMIT: int = 3\nname = other\nif name == 4:\n    pass\n", "LIMIT name"),
        ("static PyObject *\ncurs_fetch(cursor *self)\n{\n  fetch(self);\n}\n", "curs_fetch"),
        ("int main(int argc, char **argv) {\n  return run(argc);\n}\nint later(void);\n", "main"),
        ("func (s *Server) Serve(l net.Listener) error {\n\treturn s.serve(l)\n}\n", "Serve"),
        ("export function forgeAnvil(weight) {\n  heat(weight)\n}\nconst hot = true;\n", "forgeAnvil hot"),
        ("class A extends B {\n  async render(a, b) {\n    draw(a)\n  }\n}\n", "A render"),
        ("pub struct Anvil;\npub fn forge() {}\npub trait Hot {}\n", "Anvil forge Hot"),
        ("CREATE TABLE IF NOT EXISTS orders (id int);\n", "orders"),
        ("type Order struct {\n\tID int\n}\n", "Order"),
        ("interface Order { id: number }\nenum Kind { A }\n", "Order Kind"),
        ("", ""),
    ],
)
def test_definitions_of_most_languages_are_seen(text: str, found: str) -> None:
    assert defined(text) == {terms(name)[0] for name in found.split()}


def test_in_few_words_any_may_be_a_name_and_so_may_all_of_them() -> None:
    rarities = {"send": 1.0, "parcel": 3.0}
    assert names("send parcel", rarities) == {"send": 0.25, "parcel": 0.75, "sendparcel": 1.0}
    assert names("parcel", {"parcel": 3.0}) == {"parcel": 1.0}
    assert names("what is it", {}) == {}


def test_in_many_words_only_what_looks_like_a_name_is_one() -> None:
    rarities = dict.fromkeys(query_terms("sendParcel fail shop closed"), 1.0)
    assert names("why does sendParcel fail when the shop is closed", rarities) == {"sendparcel": 0.25}
    assert names("why does it fail when the shop is closed", {"fail": 1.0, "shop": 1.0}) == {}


def test_what_a_word_is_a_misspelling_of_may_be_the_name() -> None:
    rarities = dict.fromkeys(query_terms("sendParcle"), 2.0) | {"sendparcel": 1.5}
    assert names("sendParcle", rarities)["sendparcel"] == SHARE
    assert names("why does it fail when sendParcle is called here", rarities)["sendparcel"] == SHARE


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["sendParcel", "send parcel", "where is sendParcel"])
def test_a_definition_comes_before_many_uses(query: str, workspace: Workspace, tmp_path: Path) -> None:
    index(workspace, Repository(tmp_path / "shop", FILES).path)
    [first, *others] = search(workspace, query).results
    assert first.document.key == "shop/registry.py"
    assert "definition" in first.places
    assert not any("definition" in result.places for result in others)


@pytest.mark.django_db
def test_only_what_the_words_found_is_looked_at() -> None:
    assert by_definition("sendParcel", {"sendparcel": 1.0}, []) == {}
    assert by_definition("", {}, [Hit(1, None, 1.0)]) == {}  # type: ignore[arg-type]


@pytest.mark.timeout(20)
def test_a_text_made_to_be_slow_is_not() -> None:
    hostile = "class " * 50_000 + "a" * 100_000 + "(" * 100_000
    assert "parcel" in defined(hostile + "\ndef parcel():\n")
