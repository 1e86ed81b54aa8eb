"""What every source keeps to."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from django.template import engines

from ingestion.sources import all_sources, get_source, source_folder
from ingestion.sources.base import Changes, Entry, Source
from ingestion.sources.errors import InvalidResource, NotFound
from tests.sources.fixtures import PLACES, Place

CASES = [
    pytest.param((slug, make), id=f"{slug}-{make.__name__}")
    for slug, makes in PLACES.items()
    for make in makes
]


@pytest.fixture(params=sorted(all_sources()))
def source(request: pytest.FixtureRequest) -> Source:
    return get_source(request.param)


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Source, Place]]:
    slug, make = request.param
    with make(tmp_path) as place:
        yield get_source(slug), place


def entries_now(source: Source, place: Place) -> dict[tuple[str, str], Entry]:
    entries = list(source.entries(place.context, source.head(place.context)))
    found = {(entry.kind, entry.key): entry for entry in entries}
    assert len(found) == len(entries)
    return found


def test_every_source_has_places_to_be_tested_on() -> None:
    assert set(PLACES) == set(all_sources())


def test_the_slug_is_the_name_of_the_folder(source: Source) -> None:
    assert source_folder(source.manifest.slug).is_dir()
    assert re.fullmatch(r"[a-z][a-z0-9_]{0,39}", source.manifest.slug)


def test_the_manifest_says_what_people_need_to_know(source: Source) -> None:
    manifest = source.manifest
    assert manifest.name and manifest.resource_noun and manifest.description.endswith(".")
    assert manifest.kinds and all(0 < len(kind) <= 20 for kind in manifest.kinds)
    assert manifest.default_interval >= timedelta(minutes=1)


def test_the_icon_is_a_drawing_that_runs_nothing(source: Source) -> None:
    root = ET.parse(source_folder(source.manifest.slug) / "icon.svg").getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg" and root.get("viewBox")
    for element in root.iter():
        assert element.tag.rpartition("}")[2] not in {"script", "style", "foreignObject", "image"}
        assert not [name for name in element.attrib if name.startswith("on") or name in ("href", "style")]


def test_the_help_on_setting_it_up_renders_and_runs_nothing(source: Source) -> None:
    text = (source_folder(source.manifest.slug) / "setup.html").read_text()
    rendered = engines["django"].from_string(text).render({})
    assert "<p>" in rendered
    assert not re.search(r"<script|<style|\son\w+=|\sstyle=", rendered)


def test_every_spelling_of_a_resource_gives_one_id(case: tuple[Source, Place]) -> None:
    source, place = case
    allowed = {
        "allow_local": place.context.allow_local,
        "allow_private_hosts": place.context.allow_private_hosts,
    }
    ids = {source.normalize_resource(spelling, **allowed) for spelling in place.spellings}
    assert ids == {place.context.resource_id}
    assert source.normalize_resource(place.context.resource_id, **allowed) == place.context.resource_id


def test_what_names_no_resource_is_refused_with_advice(case: tuple[Source, Place]) -> None:
    source, place = case
    for raw in place.refused:
        with pytest.raises(InvalidResource, match=r"\w{3,}.*\w{3,}"):
            source.normalize_resource(raw, allow_local=place.context.allow_local, allow_private_hosts=True)


def test_the_head_stays_while_nothing_changes(case: tuple[Source, Place]) -> None:
    source, place = case
    head = source.head(place.context)
    assert head.revision and len(head.revision) <= 200 and len(head.label) <= 200
    assert source.head(place.context) == head


def test_entries_can_be_stored(case: tuple[Source, Place]) -> None:
    source, place = case
    entries = entries_now(source, place)
    assert len(entries) >= 4
    for entry in entries.values():
        assert entry.kind in source.manifest.kinds
        assert 0 < len(entry.key.encode()) <= 4096 and "\0" not in entry.key
        assert 0 < len(entry.revision) <= 200
    assert entries_now(source, place) == entries


def test_a_lookup_finds_what_the_listing_has_and_nothing_else(case: tuple[Source, Place]) -> None:
    source, place = case
    entries = entries_now(source, place)
    keys = [key for _, key in entries]
    head = source.head(place.context)
    found = source.lookup(
        place.context,
        head,
        [*keys, "no such key", "", "-x", "../x", "src//app.py", "./README.md", "/", "src", "a\0b", "\ud800"],
    )
    assert {(entry.kind, entry.key): entry for entry in found} == entries
    assert source.lookup(place.context, head, []) == []


def test_each_entry_is_fetched_once(case: tuple[Source, Place]) -> None:
    source, place = case
    entries = entries_now(source, place)
    fetched = list(source.fetch(place.context, source.head(place.context), list(entries.values())))
    assert sorted((f.kind, f.key, f.revision) for f in fetched) == sorted(
        (e.kind, e.key, e.revision) for e in entries.values()
    )
    for document in fetched:
        given = [value is not None for value in (document.data, document.text, document.failure)]
        assert sum(given) == 1


def test_an_entry_that_is_gone_fails_alone(case: tuple[Source, Place]) -> None:
    source, place = case
    entries = list(entries_now(source, place).values())
    gone = [replace(entries[0], key="gone", revision=revision) for revision in ("f" * 40, "nonsense", "")]
    head = source.head(place.context)
    for missing in gone:
        fetched = {f.key: f for f in source.fetch(place.context, head, [missing, *entries])}
        assert fetched["gone"].failure is not None
        assert [f.key for f in fetched.values() if f.failure] == ["gone"]


def test_nothing_to_fetch_is_nothing_fetched(case: tuple[Source, Place]) -> None:
    source, place = case
    assert list(source.fetch(place.context, source.head(place.context), [])) == []


def test_content_above_the_limit_is_not_given(case: tuple[Source, Place]) -> None:
    source, place = case
    context = replace(place.context, max_bytes=8)
    entries = [replace(entry, size=None) for entry in entries_now(source, place).values()]
    for document in source.fetch(context, source.head(context), entries):
        assert document.failure is not None or len(document.data or b"") <= 8


def test_the_changes_turn_the_old_listing_into_the_new_one(case: tuple[Source, Place]) -> None:
    source, place = case
    before, since = entries_now(source, place), source.head(place.context).revision
    place.change()
    after, head = entries_now(source, place), source.head(place.context)
    assert before != after
    changes = source.changes(place.context, since, head)
    if changes is not None:
        assert applied(before, changes) == after
        assert all(before.get((entry.kind, entry.key)) != entry for entry in changes.entries)


def applied(entries: dict[tuple[str, str], Entry], changes: Changes) -> dict[tuple[str, str], Entry]:
    changed = {(entry.kind, entry.key): entry for entry in changes.entries}
    assert not changed.keys() & set(changes.removed)
    assert entries.keys() >= set(changes.removed)
    kept = {name: entry for name, entry in entries.items() if name not in set(changes.removed)}
    return kept | changed


def test_a_revision_does_not_differ_from_itself(case: tuple[Source, Place]) -> None:
    source, place = case
    head = source.head(place.context)
    changes = source.changes(place.context, head.revision, head)
    assert changes is None or (list(changes.entries), list(changes.removed)) == ([], [])


def test_changes_since_an_unknown_revision_cannot_be_told(case: tuple[Source, Place]) -> None:
    source, place = case
    for since in ("f" * 40, "", "HEAD", "--output=x", "main"):
        assert source.changes(place.context, since, source.head(place.context)) is None


def test_a_resource_can_be_read_again_after_it_was_forgotten(case: tuple[Source, Place]) -> None:
    source, place = case
    entries = entries_now(source, place)
    source.forget(place.context)
    source.forget(place.context)
    assert entries_now(source, place) == entries


def test_a_resource_that_is_gone_is_told_apart(case: tuple[Source, Place]) -> None:
    source, place = case
    entries_now(source, place)
    place.remove()
    with pytest.raises(NotFound, match=r"\w{3,}.*\w{3,}"):
        source.head(place.context)


def test_many_threads_read_at_once(case: tuple[Source, Place]) -> None:
    source, place = case

    def read(_: int) -> object:
        head = source.head(place.context)
        entries = list(source.entries(place.context, head))
        return head, entries, sorted(source.fetch(place.context, head, entries), key=lambda f: f.key)

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(read, range(16)))
    assert all(result == results[0] for result in results)


def test_an_address_without_lines_of_its_own_stays_as_it_is(source: Source) -> None:
    assert source.line_url("", 1, 2) == ""
    assert source.line_url("https://unknown.example/x", 1, 2) == "https://unknown.example/x"


def test_an_unknown_slug_is_answered_with_the_known_ones() -> None:
    with pytest.raises(LookupError, match="git"):
        get_source("gti")
