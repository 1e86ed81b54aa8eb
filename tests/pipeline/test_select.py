import pytest

from ingestion.pipeline.select import Config, Selector
from ingestion.reasons import Reason

MEGABYTE = 1_048_576


def decide(
    key: str, *, include: tuple[str, ...] = (), exclude: tuple[str, ...] = (), size: int | None = 10
) -> str:
    """Return the reason as text, empty to keep."""
    return Selector(Config("lightfast.yml", include, exclude)).decide(key, size) or ""


@pytest.mark.parametrize(
    "key",
    ["README", "src/main.py", "src/builder/build.py", "docs/vendoring.md", ".github/workflows/ci.yml", ".env.example",
     "logo.svg", "vendor.js", "Makefile", "src/key.py", "a/dist.txt", "src/min.js", "data.csv", "Target/x.c",
     "lightfast.yml"],
)  # fmt: skip
def test_without_a_configuration_what_people_wrote_is_kept(key: str) -> None:
    assert Selector().decide(key, 10) is None
    assert Selector().decide(key, None) is None


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        (".git/config", Reason.VCS),
        ("a/.svn/entries", Reason.VCS),
        ("node_modules/x/index.js", Reason.DEPENDENCY),
        ("web/vendor/x.go", Reason.DEPENDENCY),
        (".venv/lib/x.py", Reason.DEPENDENCY),
        ("lib/python3/site-packages/x.py", Reason.DEPENDENCY),
        ("dist/app.py", Reason.BUILD_OUTPUT),
        ("a/b/build/x.txt", Reason.BUILD_OUTPUT),
        ("target/x.rs", Reason.BUILD_OUTPUT),
        ("out/x", Reason.BUILD_OUTPUT),
        (".next/x.js", Reason.BUILD_OUTPUT),
        ("a/__pycache__/x.py", Reason.BUILD_OUTPUT),
        ("package-lock.json", Reason.LOCK_FILE),
        ("a/Cargo.lock", Reason.LOCK_FILE),
        ("go.sum", Reason.LOCK_FILE),
        ("some.lock", Reason.LOCK_FILE),
        ("jquery.min.js", Reason.MINIFIED),
        ("app.js.map", Reason.MINIFIED),
        ("api_pb2.py", Reason.MINIFIED),
        ("logo.PNG", Reason.BINARY_TYPE),
        ("a.tar.gz", Reason.BINARY_TYPE),
        ("font.woff2", Reason.BINARY_TYPE),
        ("lib.so", Reason.BINARY_TYPE),
        ("paper.pdf", Reason.BINARY_TYPE),
        ("model.safetensors", Reason.BINARY_TYPE),
        ("db.sqlite3", Reason.BINARY_TYPE),
        (".env", Reason.SECRET),
        ("deploy/.env.production", Reason.SECRET),
        ("cert.pem", Reason.SECRET),
        ("home/.ssh/config", Reason.SECRET),
        ("id_rsa", Reason.SECRET),
    ],
)
def test_built_in_exclusions_have_their_reasons(key: str, reason: Reason) -> None:
    assert Selector().decide(key, 10) is reason
    assert decide(key, include=("**", "*", "*.js", "src/")) == reason


@pytest.mark.parametrize(
    ("size", "reason"),
    [(0, Reason.EMPTY), (1, None), (MEGABYTE, None), (MEGABYTE + 1, Reason.TOO_LARGE), (None, None)],
)
def test_empty_and_large_files_are_left_out(size: int | None, reason: Reason | None) -> None:
    assert Selector().decide("a.py", size) is reason
    assert Selector(Config("lightfast.yml", include=("a.py",))).decide("a.py", size) is reason


def test_include_keeps_only_what_it_matches() -> None:
    assert decide("src/a.py", include=("src/",)) == ""
    assert decide("docs/a.md", include=("src/",)) == Reason.NOT_INCLUDED
    assert decide("src/a.txt", include=("src/", "!*.txt")) == Reason.NOT_INCLUDED


def test_exclude_takes_away_from_what_is_included() -> None:
    assert decide("src/a.py", include=("src/",), exclude=("a.py",)) == Reason.EXCLUDED
    assert decide("src/b.py", exclude=("*.py", "!b.py")) == ""


@pytest.mark.parametrize(
    ("pattern", "key"),
    [
        ("vendor/", "vendor/x.go"),
        ("vendor", "a/vendor/x.go"),
        ("/vendor/ours/**", "vendor/ours/x.go"),
        ("vendor/*/x.go", "vendor/a/x.go"),
        ("**/dist/*.js", "web/dist/app.js"),
        ("package-lock.json", "a/package-lock.json"),
        ("*.lock", "yarn.lock"),
        ("*.min.js", "jquery.min.js"),
        ("docs/*.pdf", "docs/paper.pdf"),
    ],
)
def test_an_include_pattern_that_names_what_is_left_out_gets_it(pattern: str, key: str) -> None:
    assert decide(key, include=(pattern,)) == ""
    assert decide("src/a.py", include=("**", pattern)) == ""
    assert decide(key, include=("**", pattern)) == ""
    assert decide(key, include=("**", pattern), exclude=(key,)) == Reason.EXCLUDED


@pytest.mark.parametrize(
    ("pattern", "key", "reason"),
    [
        ("src/", "src/node_modules/x.js", Reason.DEPENDENCY),
        ("*.js", "dist/a.js", Reason.BUILD_OUTPUT),
        ("vendor/", "vendor/x/dist/a.js", Reason.BUILD_OUTPUT),
        ("vendor/ours/", "vendor/theirs/x.go", Reason.DEPENDENCY),
        ("vendor/", "vendor/x.png", Reason.BINARY_TYPE),
        ("!vendor/", "vendor/x.go", Reason.DEPENDENCY),
        (".env", ".env", Reason.SECRET),
        ("*.pem", "a.pem", Reason.SECRET),
        (".git/", ".git/config", Reason.VCS),
    ],
)
def test_what_no_include_pattern_names_stays_out(pattern: str, key: str, reason: Reason) -> None:
    assert decide(key, include=("**", pattern)) == reason


def test_keys_that_are_no_paths_are_kept() -> None:
    for key in ("12", "ISSUE-7", "a b", "é", "", "/", "a//b", "." * 4096):
        assert Selector().decide(key, 10) is None
