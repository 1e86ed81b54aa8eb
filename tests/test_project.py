"""The project keeps its own rules."""

import ast
import re
import statistics
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from django.core.management import call_command
from django.template.loader import get_template

ROOT = Path(__file__).resolve().parent.parent
APPS = ("console", "ingestion", "lightfast", "search")
CLIENT = tomllib.loads((ROOT / "clients" / "python" / "pyproject.toml").read_text())
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def _files(*patterns: str) -> list[Path]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns]
    listed = subprocess.check_output(command, cwd=ROOT, text=True).split("\0")
    return [ROOT / name for name in listed if name and (ROOT / name).is_file()]


def _modules() -> list[Path]:
    found = _files("*.py")
    return [
        path
        for path in found
        if "migrations" not in path.parts and path.relative_to(ROOT).parts[0] != "tests"
    ]


def _requirements(group: str | None = None) -> list[tuple[str, list[str]]]:
    """Return each direct dependency with its extras."""
    wanted = PYPROJECT["dependency-groups"][group] if group else PYPROJECT["project"]["dependencies"]
    split = [re.match(r"([\w.-]+)(?:\[([\w,-]+)\])?", requirement) for requirement in wanted]
    return [(_normal(match[1]), (match[2] or "").split(",")) for match in split if match]


def _declared(group: str | None = None) -> set[str]:
    return {name for name, _ in _requirements(group)}


def _importable(group: str | None = None) -> set[str]:
    # psycopg's extra `pool` is the package psycopg-pool.
    return _declared(group) | {f"{name}-{extra}" for name, extras in _requirements(group) for extra in extras}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _settings() -> dict[str, ast.expr | None]:
    """Return the names that the settings read, and each one's default."""
    found: dict[str, ast.expr | None] = {}
    for node in ast.walk(ast.parse((ROOT / "lightfast" / "settings.py").read_text())):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and ast.unparse(node.func.value) == "env"
        ):
            match node.args:
                case [ast.Constant(value=str(name)), *rest]:
                    named = [keyword.value for keyword in node.keywords if keyword.arg == "default"]
                    found[name] = next(iter(rest + named), None)
    return found


def _example() -> dict[str, str]:
    return dict(re.findall(r"^# ([A-Z][A-Z0-9_]*)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))


def test_the_example_environment_lists_every_setting_and_no_other() -> None:
    assert set(_example()) == set(_settings())


def test_the_example_environment_gives_the_true_defaults() -> None:
    example = _example()
    for name, default in _settings().items():
        if isinstance(default, ast.Constant) and default.value is not None:
            assert example[name].lower() == str(default.value).lower(), name


def test_every_setting_of_the_example_environment_is_explained() -> None:
    for paragraph in (ROOT / ".env.example").read_text().split("\n\n"):
        first = paragraph.strip().splitlines()[0]
        assert re.match(r"# [A-Z][a-z ]", first), f"no explanation above {first}"


def test_every_dependency_has_its_line_of_reasons() -> None:
    listed = re.findall(r"^\| `([^`]+)`", (ROOT / "docs" / "dependencies.md").read_text(), re.MULTILINE)
    assert len(listed) == len(set(listed))
    assert {_normal(name) for name in listed} == _declared() | _declared("dev")


def _imports(path: Path) -> set[str]:
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.append(node.module)
    return {name.split(".")[0] for name in names}


def test_everything_that_is_imported_is_a_declared_dependency() -> None:
    owners = packages_distributions()
    known = sys.stdlib_module_names | {*APPS, "bench", "tests", "lightfast_client"}
    for path in _files("*.py"):
        developing = path.relative_to(ROOT).parts[0] in ("tests", "bench")
        allowed = _importable() | (_importable("dev") if developing else set())
        if path.is_relative_to(ROOT / "clients"):
            allowed = {_normal(re.split(r"[><=]", one)[0]) for one in CLIENT["project"]["dependencies"]}
        # The peer of the comparison is laid over the environment by its make target, and never installed with us.
        overlaid = {"llama_index"} if path == ROOT / "bench" / "peer.py" else set()
        for top in _imports(path) - known - overlaid:
            assert {_normal(owner) for owner in owners.get(top, [])} & allowed, f"{path} imports {top}"


def test_modules_stay_small() -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in _modules()}
    sizes = sorted(length for length in lengths.values() if length)
    assert [str(path) for path, length in lengths.items() if length > 400] == []
    assert statistics.median(sizes) <= 80
    assert statistics.quantiles(sizes, n=10)[-1] <= 200


def test_nothing_tells_of_the_machine_it_was_written_on() -> None:
    home = re.compile(r"(?<![\w.~}>/-])/(?:work|root|home|Users)/\w")
    for path in _files():
        if path.suffix not in {".png", ".svg", ".onnx", ".lock"}:
            for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
                assert not home.search(line), f"{path}:{number}"


TEMPLATES = [
    str(path.relative_to(base))
    for base in (ROOT / "templates", *(ROOT / app / "templates" for app in APPS))
    for path in sorted(base.rglob("*.*"))
]


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_compiles(name: str) -> None:
    get_template(name)


def test_the_migrations_say_what_the_models_say(db: None) -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def _targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_the_make_targets_that_are_told_of_exist(page: str) -> None:
    told = set(re.findall(r"(?:`|^|\$ )make ([a-z-]+)", (ROOT / page).read_text(), re.MULTILINE))
    assert told
    assert told <= _targets()


def test_every_make_target_is_listed_with_what_it_does() -> None:
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony
    assert set(phony[1].split()) == _targets()


@pytest.mark.parametrize("page", [path.relative_to(ROOT) for path in _files("*.md")], ids=str)
def test_links_between_the_pages_of_the_documentation_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", (ROOT / page).read_text()):
        if not re.match(r"https?://|mailto:", target):
            assert (ROOT / page).parent.joinpath(target).exists(), target
