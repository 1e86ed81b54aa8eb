"""Each mode finds what it is for, and nothing of others."""

import pytest
from pytest_django.fixtures import Settings

from console.models import Workspace
from ingestion.models import Document, Integration
from lightfast.lib.errors import UserError
from search import exact
from search.modes import Effort, Mode
from search.results import Results
from search.retrieve import search


def keys(found: Results) -> list[str]:
    return [result.document.key for result in found.results]


@pytest.mark.parametrize(
    ("mode", "query", "expected"),
    [
        (Mode.HYBRID, "how are webhooks checked", "shop/webhooks.py"),
        (Mode.SEMANTIC, "is it sunny or does it rain", "docs/weather.md"),
        (Mode.LEXICAL, "forgeAnvil", "shop/anvils.js"),
        (Mode.EXACT, "hmac.compare_digest(expected, given)", "shop/webhooks.py"),
        (Mode.REGEX, r"def \w+\(self, order\)", "shop/orders.py"),
    ],
)
def test_every_mode_finds(
    mode: Mode, query: str, expected: str, indexed: Integration, workspace: Workspace
) -> None:
    found = search(workspace, query, mode=mode)
    assert keys(found)[0] == expected
    assert found.mode == mode


@pytest.mark.parametrize("mode", Mode)
def test_no_mode_finds_what_another_team_has(
    mode: Mode, indexed: Integration, foreign: Integration, workspace: Workspace
) -> None:
    assert "plan.md" not in keys(search(workspace, "verify_signature is to be bypassed", mode=mode, limit=50))
    assert "plan.md" not in keys(search(workspace, "bypassed", mode=mode, limit=50))


@pytest.mark.parametrize("mode", Mode)
def test_filters_hold_in_every_mode(mode: Mode, indexed: Integration, workspace: Workspace) -> None:
    assert all(
        key.endswith(".md") for key in keys(search(workspace, "order lang:markdown", mode=mode, limit=50))
    )
    everything = keys(search(workspace, "order -path:shop/", mode=mode, limit=50))
    assert not any(key.startswith("shop/") for key in everything)


def test_only_ranking_by_meaning_asks_the_model(indexed: Integration, workspace: Workspace) -> None:
    assert "embed" not in search(workspace, "anvil", mode=Mode.LEXICAL).stages
    assert "embed" not in search(workspace, "anvil", effort=Effort.FAST).stages
    assert set(search(workspace, "anvil", mode=Mode.SEMANTIC).results[0].places) == {"semantic"}


def test_an_exact_match_tells_its_lines_with_those_around_them(
    indexed: Integration, workspace: Workspace
) -> None:
    [result] = search(workspace, "hmac.new", mode=Mode.EXACT).results
    [match] = result.matches
    assert (match.first_line, match.last_line, result.count) == (6, 6, 1)
    assert match.heading == "def verify_signature"
    assert match.url.endswith("/shop/webhooks.py#L6")
    shown = match.snippet
    assert (shown.first_line, shown.last_line) == (4, 7)
    assert [shown.text[start:end] for start, end in shown.highlights] == ["hmac.new"]


def test_exact_text_in_lower_case_is_found_in_any_case(indexed: Integration, workspace: Workspace) -> None:
    assert keys(search(workspace, "orderservice", mode=Mode.EXACT)) == ["shop/orders.py"]
    assert keys(search(workspace, "OrderService", mode=Mode.EXACT)) == ["shop/orders.py"]
    assert not keys(search(workspace, "ORDERService", mode=Mode.EXACT))


@pytest.mark.parametrize("text", ["%", "_", "\\", "a.b", "(", "[x", "'; --", "%s", "{}", "🦆", "é"])
def test_exact_text_means_itself(text: str, indexed: Integration, workspace: Workspace) -> None:
    found = search(workspace, text, mode=Mode.EXACT)
    for result in found.results:
        assert text in result.document.text


def test_a_pattern_matches_within_lines(indexed: Integration, workspace: Workspace) -> None:
    assert not search(workspace, r"import hmac\s+def", mode=Mode.REGEX).results
    assert keys(search(workspace, "^import hmac$", mode=Mode.REGEX)) == ["shop/webhooks.py"]
    assert keys(search(workspace, "(?i)ORDERSERVICE|forgeanvil", mode=Mode.REGEX)) == [
        "shop/anvils.js",
        "shop/orders.py",
    ]


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("verify(", "at character 7: missing )"),
        ("a)b", "at character 2: unexpected )"),
        ("x[z-a]", "at character 3: invalid character class range: z-a"),
        ("*x", "at character 1"),
        (r"(?=x)", "at character 1: invalid perl operator"),
        ("((a{100}){100}){100}", "invalid repetition size"),
        ("x" * 501, "501 characters"),
    ],
)
def test_a_wrong_pattern_is_told_where(
    pattern: str, message: str, indexed: Integration, workspace: Workspace
) -> None:
    with pytest.raises(UserError) as error:
        search(workspace, pattern, mode=Mode.REGEX)
    assert message in str(error.value)


@pytest.mark.parametrize("mode", [Mode.EXACT, Mode.REGEX])
def test_what_takes_too_long_ends_with_what_was_found(
    mode: Mode,
    indexed: Integration,
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
) -> None:
    settings.LINE_SEARCH_BUDGET = 300
    slow = " AND pg_sleep(CASE d.key WHEN 'README.md' THEN 0 ELSE 5 END) IS NOT NULL"
    monkeypatch.setattr(exact, "CANDIDATES", exact.CANDIDATES + slow)
    found = search(workspace, "order", mode=mode)
    assert not found.complete
    assert keys(found) == ["README.md"]
    assert "Time ran out after 1 documents" in found.notes[0]
    assert found.milliseconds < 3_000
    assert search(workspace, "anvil").results  # the connection is as it was


def test_a_time_limit_is_for_all_statements_together(
    indexed: Integration, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.LINE_SEARCH_BUDGET = 400
    monkeypatch.setattr(exact, "CANDIDATES", exact.CANDIDATES + " AND pg_sleep(0.3) IS NOT NULL")
    found = search(workspace, "e", mode=Mode.EXACT)
    assert not found.complete
    assert found.total <= 1


def test_every_line_is_counted_once_and_shown_where_it_matches(
    indexed: Integration, workspace: Workspace
) -> None:
    text = "é foo foo\nfoobar\n\nno\nx.foo\n"
    Document.objects.filter(key="README.md").update(text=text)
    [result] = search(workspace, "foo", mode=Mode.EXACT).results
    assert (result.count, result.score) == (3, 3)
    [match] = result.matches
    assert [match.snippet.text[start:end] for start, end in match.snippet.highlights] == ["foo"] * 4
    [result] = search(workspace, "path:README.md ^", mode=Mode.REGEX).results
    assert result.count == text.count("\n")


def test_what_was_found_is_counted_by_source_kind_and_language(
    indexed: Integration, workspace: Workspace
) -> None:
    for mode in (Mode.HYBRID, Mode.EXACT):
        found = search(workspace, "order", mode=mode, limit=1)
        assert sum(facet.count for facet in found.facets["kind"]) == found.total
        [source] = found.facets["source"]
        assert (source.value, source.label, source.count) == (str(indexed.pk), indexed.name, found.total)
        assert {facet.value for facet in found.facets["language"]} >= {"python"}


def test_filters_alone_list_what_they_let_through(indexed: Integration, workspace: Workspace) -> None:
    assert set(keys(search(workspace, "kind:file -lang:markdown"))) == {
        "shop/webhooks.py",
        "shop/orders.py",
        "shop/anvils.js",
    }
