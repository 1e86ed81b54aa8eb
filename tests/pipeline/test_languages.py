import pytest

from ingestion.pipeline.languages import LANGUAGES_BY_EXTENSION, language_of


@pytest.mark.parametrize(
    ("path", "first_line", "language"),
    [
        ("src/a.py", "", "python"),
        ("SRC/A.PY", "", "python"),
        ("a.d.ts", "", "typescript"),
        ("a.tsx", "#!/usr/bin/env node", "typescript"),
        ("a.h", "", "c"),
        ("README.md", "", "markdown"),
        ("README", "", "text"),
        ("Dockerfile", "", "dockerfile"),
        ("docker/Dockerfile.dev", "", "dockerfile"),
        ("CMakeLists.txt", "", "cmake"),
        ("Makefile", "", "makefile"),
        (".gitignore", "", "ini"),
        ("bin/run", "#!/bin/sh -e", "shell"),
        ("bin/run", "#!/usr/bin/env -S FOO=1 python3.11 -u", "python"),
        ("bin/run", "#! /usr/local/bin/node", "javascript"),
        ("build", "#!/bin/bash", "shell"),
        ("BUILD", "", "bazel"),
        ("bin/run", "#!/opt/unknown", ""),
        ("bin/run", "# no interpreter", ""),
        ("data.unknown", "", ""),
        ("", "", ""),
        ("folder.py/file", "", ""),
    ],
)
def test_the_language_is_told_by_name_then_by_interpreter(path: str, first_line: str, language: str) -> None:
    assert language_of(path, first_line) == language


def test_some_eighty_languages_are_known() -> None:
    assert len(set(LANGUAGES_BY_EXTENSION.values())) >= 80
