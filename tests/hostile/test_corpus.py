"""Whatever is in a repository, each file of it is in the index or left out for a reason, by whatever way it came."""

from collections import Counter
from pathlib import Path

import pytest
from django.db import connection as database
from django.test import Client
from pytest_django.fixtures import Settings

from console.models import Workspace
from ingestion.models import Document, Integration, Omission, Run, RunState
from ingestion.reasons import Reason
from ingestion.services import connect
from tests.emulators.github import GitHub, install
from tests.emulators.github.store import App
from tests.github.conftest import connection_of
from tests.hostile.building import commit, commit_tree, repository, tree
from tests.hostile.corpus import CANARY, Nasty, everything
from tests.ingestion.conftest import Sync
from tests.queue import Drain
from tests.repositories import Repository
from tests.sources.server import GitServer
from tests.sources.trees import FILE, blob

EXPECTED = {nasty.name.decode(): nasty for nasty in everything() if nasty.reason != Reason.BAD_NAME}
BAD_NAMES = sum(nasty.reason == Reason.BAD_NAME for nasty in everything())


def settled(integration: Integration) -> Run:
    run = Run.objects.get(integration=integration)
    assert (run.state, run.error) == (RunState.COMPLETED, "")
    return run


def check(integration: Integration) -> None:
    """Check that every file of the corpus is where it belongs, and that nothing beside the repository is anywhere."""
    found = dict.fromkeys(Document.objects.filter(integration=integration).values_list("key", flat=True))
    left_out = dict(Omission.objects.filter(integration=integration).values_list("key", "reason"))
    assert not set(found) & set(left_out)
    assert Counter(left_out.values())[Reason.BAD_NAME] == BAD_NAMES
    told = {key: reason for key, reason in left_out.items() if reason != Reason.BAD_NAME}
    assert {**found, **told} == {key: nasty.reason for key, nasty in EXPECTED.items()}
    with database.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s', [f"%{CANARY}%"])
            assert cursor.fetchone() == (0,), table
    assert not Path("x").exists()  # what names and configurations would have a shell do


def test_a_local_repository_is_indexed_file_by_file_and_a_second_sync_does_nothing(
    workspace: Workspace, nasty: Repository, worker: Drain, sync: Sync
) -> None:
    source = connect(workspace=workspace, kind="git", resource=str(nasty.path), allow_local=True)
    worker()
    settled(source)
    check(source)
    for full in (False, True):
        run = sync(source, full=full)
        assert (run.state, run.added, run.changed, run.removed) == (RunState.COMPLETED, 0, 0, 0)
    check(source)


def test_a_repository_behind_a_server_is_indexed_file_by_file(
    workspace: Workspace, nasty: Repository, worker: Drain, settings: Settings
) -> None:
    settings.ALLOW_PRIVATE_HOSTS = True
    server = GitServer(nasty.path.parent)
    try:
        source = connect(workspace=workspace, kind="git", resource=server.url("nasty"))
        worker()
    finally:
        server.shutdown()
        server.server_close()
    settled(source)
    check(source)
    assert all(path.startswith("/nasty") for path in server.requests)


def test_a_repository_of_github_is_indexed_file_by_file(
    workspace: Workspace, nasty: Repository, worker: Drain, hub: GitHub, app: App
) -> None:
    hosted = hub.store.add_repository("acme/nasty", nasty.path)
    connection = connection_of(workspace, install(hub, "acme", [hosted]))
    source = connect(
        workspace=workspace,
        kind="github",
        resource=str(hosted.id),
        name="acme/nasty",
        connection=connection,
    )
    hub.webhooks.wait()
    worker()
    settled(source)
    check(source)


def test_trees_with_names_that_lead_out_lead_nowhere(
    workspace: Workspace, worker: Drain, tmp_path: Path
) -> None:
    (tmp_path / "outside.txt").write_text(CANARY)
    made = Repository(tmp_path / "evil")
    text = blob(made, b"inside\n")
    inner = tree(made, [(FILE, b"outside.txt", text), (FILE, b"config", text)])
    top = tree(
        made,
        [
            ("40000", b"..", inner), ("40000", b".git", inner), ("40000", b".", inner), ("40000", b"GIT~1", inner),
            ("40000", b".g\xe2\x80\x8cit", inner), (FILE, b"/etc/passwd", text), (FILE, b"a/../../b", text),
            (FILE, b"C:\\evil.py", text),
        ],
    )  # fmt: skip
    commit_tree(made, top)
    source = connect(workspace=workspace, kind="git", resource=str(made.path), allow_local=True)
    worker()
    settled(source)
    texts = Document.objects.filter(integration=source).values_list("text", flat=True)
    assert set(texts) == {"inside\n"}
    reasons = Omission.objects.filter(integration=source, key__startswith=".git/").values_list("reason")
    assert set(reasons) == {(Reason.VCS,)}


@pytest.mark.parametrize(
    "config",
    [
        Nasty(b"lightfast.yml", b"/etc/passwd", mode="120000"),
        Nasty(b"lightfast.yml", b"lightfast.yml", mode="120000"),
        Nasty(b"lightfast.yml", "1" * 40, mode="160000"),
        Nasty(b"lightfast.yml", b"version: 1\n" + b"#" * 2_000_000),
        Nasty(b"lightfast.yml", b"a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n"),
        Nasty(b"lightfast.yml", b"version: 1\ninclude: " + b"[" * 30_000),
        Nasty(b"lightfast.yml", b"version: 1\ninclude: " + b"{a: " * 10_000),
        Nasty(b"lightfast.yml", b"version: 1\nstore: !!python/object/apply:os.system ['touch x']\n"),
        Nasty(b"lightfast.yml", b"version: 1\n<<: {include: [a]}\n"),
        Nasty(b"lightfast.yml", b"version: 1\ninclude: ['" + b"*a" * 5_000 + b"']\n"),
        Nasty(b"lightfast.yml", b"version: 1\nexclude:\n" + b"".join(b"- a%d/\n" % n for n in range(5_000))),
        Nasty(b"lightfast.yml", b"version: 1\ninclude: ['../../etc/*', '/', 'C:\\']\n"),
        Nasty(b"lightfast.yml", "version: 1\ninclude: ['a\u202eb\\q', '[b-a]']\n".encode()),
        Nasty(b"lightfast.yml", b"\0" * 100),
        Nasty(b"lightfast.yml", "version: 1\n".encode("utf-16")),
        Nasty(b"lightfast.yml", b"version: 1\nstore: '; DROP TABLE console_user; --'\n"),
        Nasty(b"lightfast.yml", b"version: 1\nstore: of-somebody-else\n"),
        Nasty(b"lightfast.yml", b"? " * 10_000),
        Nasty(b"lightfast.yml", b"- " * 30_000),
        Nasty(b"lightfast.yml", b"%YAML 9.9\n--- !!map\n"),
        Nasty(b"lightfast.yml", b"version: " + b"1" * 60_000),
        Nasty(b"lightfast.yml", b"version: 0b" + b"1_" * 30_000),
    ],
    ids=lambda nasty: f"{nasty.mode} {nasty.content[:40]!r}",
)
def test_a_configuration_that_cannot_be_one_says_so_and_leaves_the_index(
    config: Nasty, workspace: Workspace, worker: Drain, tmp_path: Path, sync: Sync, as_bob: Client
) -> None:
    other = Nasty(b"README.md", b"# Before\n")
    made = repository(tmp_path / "made", [other])
    source = connect(workspace=workspace, kind="git", resource=str(made.path), allow_local=True)
    worker()
    commit(made, [Nasty(b"README.md", b"# After\n"), config])
    run = sync(source)
    if config.content == b"version: 1\nstore: of-somebody-else\n":
        assert run.state == RunState.COMPLETED  # a source stays in its store: this only asks for one
        return
    assert (run.state, run.error[:13]) == (RunState.FAILED, "lightfast.yml")
    source.refresh_from_db()
    assert source.config_problems
    assert [row.text for row in Document.objects.filter(integration=source)] == ["# Before\n"]
    html = as_bob.get(f"/acme/core/sources/{source.pk}/config/").content.decode()
    assert "What is to be mended" in html
    assert "\u202e" not in html


def test_pathological_patterns_select_deep_and_long_names_all_the_same(
    workspace: Workspace, worker: Drain, tmp_path: Path
) -> None:
    patterns = [
        "*a*a*a*a*a*a*a*a*b",
        "**/a/**/a/**/a/**/a/b",
        "?*?*?*?*?*?*?*?*?*b",
        "[ab]*[ab]*[ab]*[ab]*[ab]*c",
    ]
    lines = "".join(f"  - '{pattern}'\n" for pattern in patterns)
    deep, long = b"a/" * 2_000 + b"f.py", b"a" * 255 + b"/" + b"a" * 255
    files = [
        Nasty(b"lightfast.yml", f"version: 1\ninclude:\n  - '**'\nexclude:\n{lines}".encode()),
        *(Nasty(name, b"1\n") for name in (deep, long)),
    ]
    made = repository(tmp_path / "made", files)
    source = connect(workspace=workspace, kind="git", resource=str(made.path), allow_local=True)
    worker()
    settled(source)
    assert Document.objects.filter(integration=source).count() == 3
