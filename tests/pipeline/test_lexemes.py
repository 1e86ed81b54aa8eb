import re
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.pipeline.lexemes import MAX_TERM, STOPWORDS, path_terms, query_terms, spans, terms, to_tsvector

# What PostgreSQL reads: quoted lexemes, quotes and backslashes doubled, positions with or without a weight.
LEXEME = re.compile(r"'((?:[^'\\]|''|\\\\)+)':(\d+[A-D]?(?:,\d+[A-D]?)*)")
identifiers = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,30}", fullmatch=True)


def read(literal: str) -> dict[str, list[str]]:
    """Read the literal of a tsvector, insisting on all of it."""
    assert re.fullmatch(rf"(?:{LEXEME.pattern}(?: |$))*", literal)
    found = [(lexeme, positions.split(",")) for lexeme, positions in LEXEME.findall(literal)]
    assert len({lexeme for lexeme, _ in found}) == len(found)
    return dict(found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("parseHTTPResponse2", "parsehttpresponse2 pars http respons 2"),
        ("parse_http_response_2", "parsehttpresponse2 pars http respons 2"),
        ("ParseHttpResponse2", "parsehttpresponse2 pars http respons 2"),
        ("PARSE-HTTP-RESPONSE-2", "parsehttpresponse2 pars http respons 2"),
        ("utf-8 2024-01-02", "utf8 utf 8 2024 01 02"),
        ("text-align", "textalign text align"),
        ("foo_bar-baz", "foobarbaz foobar foo bar baz"),
        ("x-1 a-b", "x 1 a b"),
        ("foo.bar.baz", "foo bar baz"),
        ("a/b/c.py", "a b c py"),
        ("std::vector->size", "std vector siz"),
        ("__init__ _private", "init privat"),
        ("userIDs URLs", "userid user id url"),
        ("utf8 x86_64", "utf8 utf 8 x8664 x 86 64"),
        ("1_000 3.14", "1000 3 14"),
        ("0x1F 9fceb02d0ae598e95dc970b74767f19372d61af8", "0x1f 9fceb02d0ae598e95dc970b74767f19372d61af8"),
        ("settings", "set setting"),
        ("École Größe", "école grösse"),
        ("naïveCafé", "naïvecafé naïve café"),
        ("\uff46\uff55\uff4c\uff4c ﬁle", "full fil"),
        ("東京都庁", "東京 京都 都庁"),
        ("第2章", "第 2 章"),
        ("ひらがなとkana", "ひら らが がな なと kana"),
        ("हिन्दी", "हिन्दी"),
        ("don't", "don t"),
        ("", ""),
        ("!?… '\\", ""),
    ],
)
def test_words_become_terms(text: str, expected: str) -> None:
    assert terms(text) == expected.split()


@pytest.mark.parametrize(
    "word", ["x" * 65, "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5emFiYw"]
)
def test_what_is_too_long_for_a_word_is_left_out(word: str) -> None:
    assert not any(len(term) > MAX_TERM for term in terms(word))
    assert len(terms(word)) <= 1


def test_terms_repeat_and_query_terms_do_not() -> None:
    assert terms("a b a fooBar foo") == ["a", "b", "a", "foobar", "foo", "bar", "foo"]
    assert query_terms("a b a fooBar foo") == ["a", "b", "foobar", "foo", "bar"]


def test_a_path_gives_its_parts() -> None:
    assert path_terms("src/httpClient/client.test.ts") == "src httpclient http client test ts".split()


def test_stopwords_are_terms() -> None:
    for word in ("the", "have", "this", "does", "because", "are"):
        assert set(query_terms(word)) <= STOPWORDS
    assert not STOPWORDS.intersection(query_terms("settings parser test index"))


@given(st.lists(identifiers, max_size=20), st.sampled_from([" ", ".", "::", "(", "\n", "/", ", "]))
def test_an_identifier_in_a_text_is_found_by_its_terms(words: list[str], separator: str) -> None:
    text = separator.join(words)
    indexed = set(terms(text))
    for word in words:
        assert set(query_terms(word)) <= indexed


@given(identifiers)
def test_no_way_of_writing_an_identifier_hides_its_whole(word: str) -> None:
    found = terms(word)
    if found:
        assert terms(word.lower())[0] == terms(word.upper())[0] == terms(word.strip("_"))[0] == found[0]


@given(st.text(max_size=200))
@settings(max_examples=300)
def test_terms_are_what_postgres_can_hold(text: str) -> None:
    for term in terms(text):
        assert 0 < len(term) <= MAX_TERM
        assert not set(term) & set(" '\\_-")
        assert term == term.casefold()
        term.encode()


def test_no_character_gives_a_term_that_needs_quoting() -> None:
    every = " ".join(map(chr, range(sys.maxunicode + 1)))
    assert not set("".join(terms(every))) & set(" '\\\0")


@given(st.text(max_size=300), st.text(max_size=30), st.text(max_size=30))
@settings(max_examples=300)
def test_the_vector_has_the_terms_of_text_path_and_heading(text: str, path: str, heading: str) -> None:
    vector = read(to_tsvector(text, path=path, heading=heading))
    assert set(vector) == {*terms(text), *terms(path), *terms(heading)}
    for weight, source in (("A", path), ("B", heading)):
        weighted = {term for term, positions in vector.items() if any(weight in p for p in positions)}
        assert weighted == set(terms(source))


def test_positions_count_words() -> None:
    assert read(to_tsvector("fooBar baz foo", path="a/b", heading="c")) == {
        "a": ["1A"],
        "b": ["2A"],
        "c": ["3B"],
        "foobar": ["4"],
        "foo": ["4", "6"],
        "bar": ["4"],
        "baz": ["5"],
    }


def test_positions_stay_within_the_limits_of_postgres() -> None:
    vector = read(to_tsvector("same " * 300 + "".join(f"w{number}w " for number in range(20_000))))
    assert max(len(positions) for positions in vector.values()) == 255
    assert max(int(position) for positions in vector.values() for position in positions) == 16_383


def test_the_vector_of_an_enormous_text_stays_under_a_megabyte() -> None:
    literal = to_tsvector(" ".join(f"{number:060x}" for number in range(40_000)))
    lexemes = read(literal)
    assert (
        500_000 < sum(len(lexeme) + 2 * len(positions) + 8 for lexeme, positions in lexemes.items()) < 2**20
    )


@given(st.text(max_size=200))
def test_spans_are_where_the_terms_stand(text: str) -> None:
    for start, end, found in spans(text):
        assert list(found) == list(dict.fromkeys(terms(text[start:end])))


def test_spans_of_plain_text() -> None:
    assert list(spans("a fooBar.")) == [(0, 1, ("a",)), (2, 8, ("foobar", "foo", "bar"))]
