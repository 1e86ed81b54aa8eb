"""Words that stand side by side in a query count where they do so in a text."""

from pathlib import Path

import pytest

from console.models import Workspace
from search.legs import Hit
from search.nearness import by_nearness, pairs
from search.retrieve import search
from tests.repositories import Repository
from tests.search.conftest import index

pytestmark = pytest.mark.django_db

FILES = {
    "near.py": '"""The connection was reset by its peer."""\nraise OSError("connection reset")\n',
    "apart.py": '"""A connection that is closed again, so that its owner may reset it."""\n',
    "named.py": "def connection_reset(): ...\n",
}


def test_pairs_are_of_words_that_follow_one_another_and_count_as_the_more_common() -> None:
    rarities = {"connection": 2.0, "reset": 3.0, "peer": 4.0}
    assert pairs("connection reset by peer", rarities) == {("connection", "reset"): 2.0}
    assert pairs("reset reset", rarities) == {}
    assert pairs("", rarities) == {}


def test_a_pair_is_found_side_by_side_and_within_an_identifier_but_not_apart(
    workspace: Workspace, tmp_path: Path
) -> None:
    index(workspace, Repository(tmp_path / "net", FILES).path)
    results = search(workspace, "connection reset", limit=10).results
    places = {result.document.key: result.places for result in results}
    assert {key for key, legs in places.items() if "nearness" in legs} == {"near.py", "named.py"}
    assert [result.document.key for result in results][-1] == "apart.py"


def test_what_has_the_words_in_a_row_comes_first(workspace: Workspace, tmp_path: Path) -> None:
    files = {
        "often.py": "# Connection, reset; reset a connection: peers by peers reset a peer's connections.\n"
        * 5,
        "once.py": "def fail(sock):\n    sock.close()\n    raise OSError('connection reset by peer')\n",
    }
    index(workspace, Repository(tmp_path / "net", files).path)
    [first, second] = search(workspace, "OSError: connection reset by peer", limit=10).results
    assert (first.document.key, second.document.key) == ("once.py", "often.py")
    assert first.places["verbatim"].score == pytest.approx(first.places["nearness"].score ** 2) == 1
    assert second.places["verbatim"].score < 0.5


def test_nothing_found_by_words_has_nothing_side_by_side() -> None:
    assert by_nearness("connection reset", {"connection": 1.0, "reset": 1.0}, []) == {}
    assert by_nearness("connection", {"connection": 1.0}, [Hit(1, None, 1.0)]) == {}  # type: ignore[arg-type]
