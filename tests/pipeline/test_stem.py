import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.pipeline.stem import stem


@pytest.mark.parametrize(
    "family",
    [
        "cache caches cached caching",
        "parse parses parsed parsing",
        "query queries queried querying",
        "run runs running",
        "embed embeds embedded embedding",
        "process processes processed processing",
        "class classes",
        "box boxes",
        "match matches matched matching",
        "alias aliases aliased aliasing",
        "status statuses",
        "index indexes indices indexed indexing",
        "use uses used using",
        "add adds added adding",
        "install installs installed installing",
        "control controls controlled controlling",
        "type types typed typing",
        "copy copies copied copying",
        "tree trees",
        "key keys",
        "call calls called calling",
        "map maps mapped mapping",
        "response responses",
        "base bases based",
        "log logs logged logging",
        "string strings",
        "retry retries retried retrying",
        "scroll scrolls scrolled scrolling",
        "address addresses addressed",
        "matrix matrices",
    ],
)
def test_the_forms_of_a_word_have_one_stem(family: str) -> None:
    assert len({stem(word) for word in family.split()}) == 1


@pytest.mark.parametrize(
    "words",
    [
        "file fill",
        "parse parser",
        "string str",
        "need net",
        "thing th",
        "http https",
        "len lens",
        "general generate generic",
        "universal university",
        "organ organize",
        "new news",
        "process processor",
        "order ordinal",
        "import important",
    ],
)
def test_different_words_keep_different_stems(words: str) -> None:
    assert len({stem(word) for word in words.split()}) == len(words.split())


@pytest.mark.parametrize(
    "word", ["", "a", "is", "css", "this", "redis", "bus", "été", "x86", "string", "need", "naïves"]
)
def test_short_and_foreign_words_stay(word: str) -> None:
    assert stem(word) == word


@given(st.from_regex(r"[a-z]{1,20}", fullmatch=True))
def test_a_stem_is_never_empty_and_hardly_ever_longer(word: str) -> None:
    assert 0 < len(stem(word)) <= max(len(word), 6)
