"""The search page's address holds all of its state."""

from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from search.modes import Effort, Mode
from search.results import Facet
from search.state import FIELDS, LAST_PAGE, MOST_VALUES, NAMES, TIMES, State

values = st.text(min_size=1, max_size=20).map(lambda text: text.replace("\0", "").strip()).filter(bool)


@st.composite
def states(draw: st.DrawFn) -> State:
    chosen = {}
    for name in draw(st.sets(st.sampled_from(NAMES))):
        most = 1 if name in TIMES else 4
        chosen[name] = tuple(draw(st.lists(values, min_size=1, max_size=most, unique=True)))
    return State(
        text=draw(st.one_of(st.just(""), values)),
        mode=draw(st.sampled_from(Mode)),
        effort=draw(st.sampled_from(Effort)),
        values=chosen,
        page=draw(st.integers(1, LAST_PAGE)),
    )


def read(address: str) -> State:
    return State.of(QueryDict(address.removeprefix("?")))


@given(states())
def test_any_state_is_read_back_from_its_address(state: State) -> None:
    assert read(state.address) == state


@given(states())
def test_what_a_form_carries_along_gives_the_same_filters(state: State) -> None:
    query = QueryDict(mutable=True)
    for name, value in state.hidden:
        query.appendlist(name, value)
    assert (State.of(query).values, State.of(query).mode) == (state.values, state.mode)


@given(st.text(max_size=200))
def test_any_address_is_a_state(address: str) -> None:
    state = read(address)
    assert read(state.address) == state


def test_an_address_says_only_what_is_not_as_ever() -> None:
    assert State().address == "?"
    assert State("a b").address == "?q=a+b"
    state = State("x", mode=Mode.REGEX, values={"-language": ("go",), "language": ("c",)}, page=2)
    assert state.address == "?q=x&mode=regex&language=c&-language=go&page=2"


def test_a_filter_is_turned_on_and_off_and_begins_at_the_first_page() -> None:
    state = State("x", page=3)
    chosen = state.toggled("language", "go")
    assert (chosen.values, chosen.page) == ({"language": ("go",)}, 1)
    assert chosen.toggled("language", "go").values == {}


def test_filters_are_those_of_a_search() -> None:
    filters = read("?language=go&-path=vendor/&after=2026-01-31&label=bug&label=ui").filters
    assert (filters.languages, filters.labels, filters.without.paths) == (
        ("go",),
        ("bug", "ui"),
        ("vendor/",),
    )
    assert filters.after is not None and filters.after.year == 2026
    assert set(FIELDS.values()) <= set(filters.as_json()) | {"sources", "kinds", "paths", "authors", "states"}


def test_chips_are_what_is_typed_and_what_is_chosen() -> None:
    state = State('refund lang:go -path:vendor/ "repo:x"', values={"kind": ("file",)})
    chips = list(state.chips())
    assert [(chip.name, chip.value, chip.without) for chip in chips] == [
        ("lang", "go", False),
        ("path", "vendor/", True),
        ("kind", "file", False),
    ]
    assert chips[0].removed.text == 'refund -path:vendor/ "repo:x"'
    assert chips[2].removed.values == {}


def test_facets_lead_to_what_they_count() -> None:
    state = State("x", values={"language": ("go",)})
    [group] = state.facets({"language": [Facet("go", "go", 3), Facet("c", "c", 1)], "kind": []})
    assert [(option.chosen, option.toggled.values) for option in group.options] == [
        (True, {}),
        (False, {"language": ("go", "c")}),
    ]


def test_too_many_values_are_cut_short() -> None:
    query = QueryDict(mutable=True)
    query.setlist("label", [str(number) for number in range(100)])
    assert len(State.of(query).values["label"]) == MOST_VALUES
