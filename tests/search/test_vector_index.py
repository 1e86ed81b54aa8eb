"""A search of a large store goes by its index and finds what looking at every vector finds."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from console.models import Workspace
from ingestion.embedding.base import Vectors
from ingestion.models import IndexVersion, Integration
from ingestion.pipeline.vector_index import index_name, tend_vector_index
from search import semantic as leg
from search.filters import Facts, Filters
from search.legs import Hit
from search.scope import Scope, scope_of
from search.semantic import semantic
from tests.vectors import grow, questions

FILTERS = {
    "none": Filters(),
    "half": Filters(languages=("go",)),
    "all but one": Filters(without=Facts(paths=("rare/",))),
    "one": Filters(paths=("rare/",)),
    "nothing": Filters(paths=("nowhere/",)),
}


@pytest.fixture
def large(transactional_db: None, indexed: Integration, settings: Settings) -> Iterator[IndexVersion]:
    """Return a version with an index over its vectors."""
    settings.VECTOR_INDEX_FROM = 500
    version = grow(indexed)
    tend_vector_index(version.pk)
    yield version
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX {index_name(version.pk)}")


def seen_by(workspace: Workspace, filters: Filters) -> Scope:
    scope = scope_of(workspace, (filters,))
    assert scope is not None
    return scope


def both_ways(scope: Scope, vector: Vectors, monkeypatch: pytest.MonkeyPatch) -> tuple[list[Hit], list[Hit]]:
    """Return what is found by the index, and without it."""
    found = semantic(scope, vector)
    with monkeypatch.context() as patch:
        patch.setattr(leg, "has_index", lambda _: False)
        return found, semantic(scope, vector)


@pytest.mark.parametrize("name", FILTERS)
def test_as_much_is_found_by_the_index_as_without_it(
    name: str, large: IndexVersion, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope = seen_by(workspace, FILTERS[name])
    wanted, there = 0, 0
    for vector in questions(large, 20):
        found, exact = both_ways(scope, vector, monkeypatch)
        assert len(found) == len(exact)
        assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)
        best = {hit.chunk for hit in exact[:10]}
        wanted, there = wanted + len(best), there + len(best & {hit.chunk for hit in found[:10]})
    assert there >= 0.99 * wanted
    assert bool(wanted) == (name != "nothing")


def statements(scope: Scope, vector: Vectors) -> list[str]:
    """Return the statements of a search that look at vectors."""
    with CaptureQueriesContext(connection) as queries:
        semantic(scope, vector, limit=20)
    return [
        query["sql"]
        for query in queries
        if "FROM ingestion_vector v" in query["sql"] and "<#>" in query["sql"]
    ]


@pytest.mark.parametrize("name", ["none", "half"])
def test_the_statement_can_use_the_index(name: str, large: IndexVersion, workspace: Workspace) -> None:
    [statement] = statements(seen_by(workspace, FILTERS[name]), questions(large, 1)[0])
    with connection.cursor() as cursor:
        # So few rows as here are read sooner without it.
        cursor.execute("SET enable_seqscan = off")
        cursor.execute("SET enable_sort = off")
        cursor.execute(f"EXPLAIN {statement}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute("RESET enable_seqscan")
        cursor.execute("RESET enable_sort")
    assert f"Index Scan using {index_name(large.pk)}" in plan


def test_where_filters_leave_little_all_that_they_leave_is_looked_at_at_once(
    large: IndexVersion, workspace: Workspace
) -> None:
    [statement] = statements(seen_by(workspace, FILTERS["one"]), questions(large, 1)[0])
    assert "embedding::halfvec" not in statement


def test_where_they_leave_less_than_was_thought_all_that_they_leave_is_looked_at_after_the_index(
    large: IndexVersion, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leg, "_passing", lambda *_: large.chunk_total)
    asked, looked = statements(seen_by(workspace, FILTERS["nothing"]), questions(large, 1)[0])
    assert "embedding::halfvec" in asked
    assert "embedding::halfvec" not in looked


def test_the_search_goes_on_as_it_was_after_the_index_is_lost(
    large: IndexVersion, workspace: Workspace
) -> None:
    scope = seen_by(workspace, Filters())
    before = semantic(scope, questions(large, 1)[0])
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = %s::regclass", [index_name(large.pk)]
        )
    assert semantic(scope, questions(large, 1)[0]) == before
    assert len(statements(scope, questions(large, 1)[0])) == 1


def test_what_is_written_later_is_found(
    large: IndexVersion, indexed: Integration, workspace: Workspace
) -> None:
    grow(indexed, documents=0)
    vector = questions(large, 1)[0]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ingestion_vector SET embedding = %s WHERE chunk_id = (SELECT min(chunk_id) FROM ingestion_vector)",
            [str(vector.tolist())],
        )
    assert semantic(seen_by(workspace, Filters()), vector)[0].score == pytest.approx(1, abs=0.01)
