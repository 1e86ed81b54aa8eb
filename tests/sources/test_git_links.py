"""Links to files where they are hosted."""

import pytest

from ingestion.sources.base import Source, SourceContext
from ingestion.sources.git.links import file_url
from tests.repositories import Repository
from tests.sources.conftest import contents

SHA = "0123456789" * 4


@pytest.mark.parametrize(
    ("remote", "page"),
    [
        ("https://github.com/a/b", f"https://github.com/a/b/blob/{SHA}/x/y.py"),
        ("https://github.com/a/b.git", f"https://github.com/a/b/blob/{SHA}/x/y.py"),
        ("https://user:token@github.com/a/b.git", f"https://github.com/a/b/blob/{SHA}/x/y.py"),
        ("git@github.com:a/b.git", f"https://github.com/a/b/blob/{SHA}/x/y.py"),
        ("ssh://git@github.com:22/a/b.git", f"https://github.com/a/b/blob/{SHA}/x/y.py"),
        ("https://github.acme.example/a/b", f"https://github.acme.example/a/b/blob/{SHA}/x/y.py"),
        ("https://gitlab.com/a/b/c.git", f"https://gitlab.com/a/b/c/-/blob/{SHA}/x/y.py"),
        ("https://bitbucket.org/a/b", f"https://bitbucket.org/a/b/src/{SHA}/x/y.py"),
        ("https://codeberg.org/a/b", f"https://codeberg.org/a/b/src/commit/{SHA}/x/y.py"),
        ("https://git.acme.example/a/b", ""),
        ("javascript://github.com/%0aalert(1)", ""),
        ("/srv/github.com/a/b", ""),
        ("file:///srv/github.com/a", ""),
        ("http://127.0.0.1:8000/x.git", ""),
        ("", ""),
    ],
)
def test_a_file_has_a_page_where_it_is_hosted(remote: str, page: str) -> None:
    assert file_url(remote, SHA, "x/y.py") == page


def test_names_are_escaped() -> None:
    assert file_url("https://github.com/a/b", SHA, "a b/#1?.md\n%").endswith("/a%20b/%231%3F.md%0A%25")


@pytest.mark.parametrize(
    ("page", "first", "last", "marked"),
    [
        ("https://github.com/a/b/blob/x/y.py", 3, 9, "https://github.com/a/b/blob/x/y.py#L3-L9"),
        ("https://github.com/a/b/blob/x/y.py", 3, 3, "https://github.com/a/b/blob/x/y.py#L3"),
        ("https://github.com/a/b/blob/x/R.md", 1, 2, "https://github.com/a/b/blob/x/R.md?plain=1#L1-L2"),
        ("https://gitlab.com/a/b/-/blob/x/y.py", 3, 9, "https://gitlab.com/a/b/-/blob/x/y.py#L3-9"),
        ("https://bitbucket.org/a/b/src/x/y.py", 3, 9, "https://bitbucket.org/a/b/src/x/y.py#lines-3:9"),
        (
            "https://codeberg.org/a/b/src/commit/x/y.py",
            3,
            9,
            "https://codeberg.org/a/b/src/commit/x/y.py#L3-L9",
        ),
        ("", 1, 2, ""),
    ],
)
def test_lines_are_marked_as_the_host_marks_them(
    git: Source, page: str, first: int, last: int, marked: str
) -> None:
    assert git.line_url(page, first, last) == marked


def test_a_checkout_links_to_where_it_was_cloned_from(
    git: Source, local: SourceContext, repository: Repository
) -> None:
    revision = repository.commit({"src/a.py": "1"})
    assert contents(git, local)["src/a.py"].url == ""
    repository.git("remote", "add", "origin", "git@github.com:acme/app.git")
    assert contents(git, local)["src/a.py"].url == f"https://github.com/acme/app/blob/{revision}/src/a.py"
