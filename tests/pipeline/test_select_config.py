import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.pipeline.select import CONFIG_NAMES, Config, ConfigError, Problem, parse_config


def problems(text: str | bytes) -> list[Problem]:
    """Return what is wrong with a configuration."""
    with pytest.raises(ConfigError) as caught:
        parse_config(text if isinstance(text, bytes) else text.encode(), "lightfast.yml")
    return caught.value.problems


def test_four_names_are_looked_for_in_order() -> None:
    assert CONFIG_NAMES == ("lightfast.yml", ".lightfast.yml", "lightfast.yaml", ".lightfast.yaml")


@pytest.mark.parametrize("start", ["", "\ufeff", "# A comment\n", "---\n"])
def test_a_good_configuration_is_read(start: str) -> None:
    text = f"{start}version: 1\nstore: code-only\ninclude:\n  - src/\n  - '*.md'\nexclude: [tests/]\n"
    assert parse_config(text.encode(), ".lightfast.yaml") == Config(
        name=".lightfast.yaml", include=("src/", "*.md"), exclude=("tests/",), store="code-only"
    )


def test_the_version_is_enough() -> None:
    assert parse_config(b"version: 1", "lightfast.yml") == Config("lightfast.yml", (), (), "default")


def test_every_problem_is_told_at_once_with_key_and_line() -> None:
    text = """\
version: 2
incldue:
  - src/
store: 12
exclude:
  - ok/
  - ./x
  - 3
  - !keep
exclude: []
colour: red
"""
    found = problems(text)
    assert [(problem.key, problem.line) for problem in found] == [
        ("version", 1),
        ("incldue", 2),
        ("store", 4),
        ("exclude", 7),
        ("exclude", 8),
        ("exclude", 9),
        ("exclude", 10),
        ("colour", 11),
    ]
    assert found[1].message == "There is no such key. Did you mean include?"
    assert found[7].message == "There is no such key. The keys are version, store, include, exclude."
    assert '"!keep"' in found[5].message
    assert "line 5 already" in found[6].message


def test_the_error_reads_as_a_list() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(b"version: 1\nincldue: []\ninclude: []\n", "lightfast.yml")
    assert str(caught.value).splitlines() == [
        "lightfast.yml, line 2, incldue: There is no such key. Did you mean include?",
        "lightfast.yml, line 3, include: It is empty. List at least one pattern, or leave the key out.",
    ]


@pytest.mark.parametrize(
    ("text", "key", "line", "advice"),
    [
        ("", "version", 1, "Write: version: 1"),
        ("# nothing\n", "version", 1, "Write: version: 1"),
        ("include: [a]\n", "version", 1, "Write: version: 1"),
        ("version:\n", "version", 1, "The only version is 1"),
        ("version: '1'\n", "version", 1, "without quotes"),
        ("version: [1]\n", "version", 1, "The only version is 1"),
        ("Version: 1\nversion: 1", "Version", 1, "Did you mean version?"),
        ("version: 1\n? [a]\n: b\n", "?", 2, "There is no such key"),
        ("- version\n", "", 1, "must have keys"),
        ("just text\n", "", 1, "must have keys"),
        ("version: 1\nstore: My Store\n", "store", 2, "small letters"),
        ("version: 1\nstore: [a]\n", "store", 2, "small letters"),
        ("version: 1\ninclude: src/\n", "include", 2, "must be a list"),
        ("version: 1\ninclude:\n", "include", 2, "must be a list"),
        ("version: 1\ninclude:\n  a: b\n", "include", 3, "must be a list"),
        ("version: 1\ninclude:\n  - [a]\n", "include", 3, "must be text"),
        ("version: 1\ninclude:\n  - true\n", "include", 3, '"true"'),
        ("version: 1\ninclude:\n  -\n", "include", 3, "must be text"),
        ("version: 1\ninclude:\n  - #docs\n", "include", 3, "begins with #"),
        ("version: 1\ninclude: ['!a', '!b']\n", "include", 2, "only patterns with !"),
        ("version: 1\nexclude:\n  - '*.{js,ts}'\n", "exclude", 3, "one pattern for each"),
        ("version: 1\nexclude:\n  - *.py\n", "", 3, 'in quotes: "*.md"'),
        ("version: 1\nexclude:\n  - *docs\n", "", 3, 'in quotes: "*.md"'),
        ("version: 1\nexclude: &a [x]\n", "", 2, "Anchors"),
        ("version: 1\nexclude:\n\t- x\n", "", 3, "Indent with spaces"),
        ("version: 1\n---\nversion: 1\n", "", 2, "second document"),
        ("version: 1\nexclude: [a\n", "", 3, "is not YAML"),
        ("version: 1\nexclude: 'a\n", "", 3, "is not YAML"),
        ("version: 1\nstore: a\x07\n", "", 2, "YAML forbids"),
    ],
)
def test_a_problem_says_where_and_what_to_do(text: str, key: str, line: int, advice: str) -> None:
    [problem] = problems(text)
    assert (problem.key, problem.line) == (key, line)
    assert advice in problem.message


def test_what_is_not_utf_8_is_refused_with_its_line() -> None:
    [problem] = problems("version: 1\nstore: caf\xe9\n".encode("latin-1"))
    assert (problem.line, "UTF-8" in problem.message) == (2, True)


def test_bombs_are_refused() -> None:
    laughs = "a: &a [x]\n" + "".join(
        f"{new}: &{new} [*{old}, *{old}]\n" for old, new in zip("abcdef", "bcdefg", strict=True)
    )
    assert "Anchors" in problems(laughs)[0].message
    assert "nested too deeply" in problems("version: 1\ninclude: " + "[" * 30_000 + "]" * 30_000)[0].message
    assert "64 KB" in problems(b"version: 1\n" + b"#" * 65_536)[0].message
    many = "".join(f"  - a{number}/\n" for number in range(501))
    assert "500 are the most" in problems(f"version: 1\nexclude:\n{many}")[0].message


@given(st.one_of(st.binary(max_size=100), st.text(max_size=100).map(str.encode)))
def test_any_bytes_are_a_configuration_or_problems(data: bytes) -> None:
    try:
        found = parse_config(b"version: 1\ninclude:\n  - " + data, "lightfast.yml").include
    except ConfigError as error:
        found = tuple(problem.message for problem in error.problems if problem.line >= 1)
    assert found
