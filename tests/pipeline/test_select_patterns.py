"""Patterns of exclude match as in git, which is asked."""

import os
import subprocess
from itertools import product
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ingestion.pipeline.selection.patterns import IgnorePatterns, IncludePatterns, problem_of

FOLDERS = ["", "a", "a/b", "a/b/a", "b", "foo", "foo/a.py", "foo/x y", ".hid", "lib.c", "été"]
NAMES = ["c.py", "d.txt", "bar.c", ".h", "b.h", "x z", "foo2", "ab"]
PATHS = [f"{folder}/{name}".lstrip("/") for folder, name in product(FOLDERS, NAMES)]
PARTS = [
    "a", "b", "*", "**", "?", "*.py", "*.txt", "[ab]", "[!a]", "[^b]*", "[a-c]*", "[]a]*", "foo", "f*", "c.py", "d.txt",
    ".h", "x y", "x\\ z", "\\a", "*.[ch]", "bar.*", "x*z", "c.??", "é", ".*", "foo2",
]  # fmt: skip
patterns = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "", "!"]),
    st.sampled_from(["", "", "", "/"]),
    st.lists(st.sampled_from(PARTS), min_size=1, max_size=3).map("/".join),
    st.sampled_from(["", "", "/"]),
)
ENVIRONMENT = os.environ | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("patterns")
    subprocess.run(["git", "init", "--quiet", root], check=True, env=ENVIRONMENT)
    for path in PATHS:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).touch()
    return root


def ignored_by_git(repository: Path, lines: list[str]) -> set[str]:
    (repository / ".gitignore").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    command = ["git", "-C", str(repository), "check-ignore", "--no-index", "-z", "--stdin"]
    asked = "\0".join(PATHS).encode()
    done = subprocess.run(command, input=asked, capture_output=True, env=ENVIRONMENT)
    assert done.returncode in {0, 1}, done.stderr
    return set(done.stdout.decode().split("\0")[:-1])


@given(st.lists(patterns, min_size=1, max_size=6))
@settings(deadline=None, max_examples=300)
def test_what_is_matched_is_what_git_ignores(repository: Path, lines: list[str]) -> None:
    assume(not any(problem_of(line) for line in lines))
    matcher = IgnorePatterns(lines)
    assert {path for path in PATHS if matcher.match(path)} == ignored_by_git(repository, lines)


def test_nothing_below_a_matched_folder_comes_back() -> None:
    matcher = IgnorePatterns(["/build/", "!/build/keep.txt", "/out/*", "!/out/keep.txt"])
    assert matcher.match("build/keep.txt")
    assert matcher.match("out/other.txt")
    assert not matcher.match("out/keep.txt")


def test_a_character_is_a_character() -> None:
    assert IgnorePatterns(["?.py"]).match("é.py")


@pytest.mark.parametrize(
    ("lines", "path", "matched"),
    [
        (["src/"], "src/a.py", True),
        (["src/"], "a/src/b/c.py", True),
        (["/src/"], "a/src/b.py", False),
        (["src/", "!src/generated/"], "src/generated/a.py", False),
        (["src/", "!*.txt"], "src/a.txt", False),
        (["*.py", "!tests/"], "tests/a.py", False),
        (["!tests/", "*.py"], "tests/a.py", True),
        (["src/", "!src/generated/", "src/generated/keep/"], "src/generated/keep/a.py", True),
        (["**"], "a/b.c", True),
        (["*"], "a/b.c", True),
        (["docs/**/*.md"], "docs/a.md", True),
        (["docs/*.md"], "docs/a/b.md", False),
        (["docs/*"], "docs/a/b.md", True),
    ],
)
def test_of_include_the_last_pattern_about_a_path_decides(lines: list[str], path: str, matched: bool) -> None:
    assert IncludePatterns(lines).match(path) is matched


@pytest.mark.parametrize(
    "pattern",
    ["src/", "*.py", "**", "/a", "!x", "a/**", "a/**/b", "**/a", "!**/x", "[ab]", "[!ab].c", "\\[a", "\\#x", ".github/",
     "...", "\\*", "x y", "[]a]", "a{b}c", "é*", "..foo"],
)  # fmt: skip
def test_good_patterns_have_no_problem(pattern: str) -> None:
    assert problem_of(pattern) == ""
    IgnorePatterns([pattern])


@pytest.mark.parametrize(
    ("pattern", "advice"),
    [
        ("", "is empty"),
        ("  ", "is empty"),
        ("#x", "is a comment"),
        ("!", "names nothing"),
        ("/", "names nothing"),
        ("a\nb", "control character"),
        ("./a", "begin paths at the top"),
        ("a/../b", "begin paths at the top"),
        ("..", "begin paths at the top"),
        ("C:\\x", "begins with a drive"),
        ("src\\a", "put / between folders"),
        ("a\\", "put / between folders"),
        ("a//b", "two slashes"),
        ("*.{js,ts}", "one pattern for each"),
        ("a[", "write [abc]"),
        ("[a/b]", "write [abc]"),
        ("[[:alpha:]]", "write [abc]"),
        ("[]", "write [abc]"),
        ("[b-a]", "cannot be read"),
        ("[a--b]", "write [abc]"),
        ("a**", "between slashes only"),
        ("**a/b", "between slashes only"),
        ("***", "between slashes only"),
        ("a/**/", "leave out the last slash"),
        ("*a" * 21, "20 asterisks are the most"),
        ("a" * 501, "500 characters"),
    ],
)
def test_bad_patterns_come_with_advice(pattern: str, advice: str) -> None:
    assert advice in problem_of(pattern)


@pytest.mark.parametrize(
    "pattern",
    ["*a" * 19 + "*b", "?*" * 20 + "b", "**/a/" * 10 + "b", "**/*a*a*a*a*/**/b", "[ab]*" * 20 + "c"],
)
@pytest.mark.parametrize("path", ["a" * 255, "/".join("a" * 2_000), "/".join(["a" * 200] * 20)])
def test_no_pattern_takes_more_than_a_moment_for_any_name(pattern: str, path: str) -> None:
    # With an expression that backtracks, each of these goes on for longer than there have been stars.
    assert problem_of(pattern) == ""
    assert not IncludePatterns([pattern]).match(path)
    assert not IgnorePatterns([pattern]).match(path)


@given(st.text(max_size=30))
def test_any_text_is_a_pattern_or_a_problem(text: str) -> None:
    if not problem_of(text):
        IgnorePatterns([text]).match("a/b")
