"""A sync brings the index to the head of its source."""

import pytest

from console.models import Activity, Workspace
from ingestion.models import (
    Chunk,
    ConfigState,
    Document,
    Integration,
    Metric,
    Omission,
    RunItem,
    RunState,
    TermStatistic,
    Trigger,
)
from ingestion.reasons import Reason
from ingestion.services import connect
from lightfast.lib.errors import UserError
from tests.ingestion.conftest import APP, Sync
from tests.queue import Drain
from tests.repositories import Repository


def keys(integration: Integration) -> set[str]:
    return set(Document.objects.filter(integration=integration).values_list("key", flat=True))


def test_the_first_sync_indexes_every_file(source: Integration, repository: Repository) -> None:
    run = source.runs.get()
    assert (run.trigger, run.state, run.added, run.failed) == (Trigger.FIRST, RunState.COMPLETED, 2, 0)
    assert run.revision == source.cursor == repository.git("rev-parse", "HEAD")
    assert source.cursor_label == "main"
    assert source.synced_at is not None
    document = Document.objects.get(integration=source, key="src/app.py")
    assert (document.text, document.language, document.title) == (APP, "python", "app.py")
    chunk = Chunk.objects.get(document=document)
    assert (chunk.first_line, chunk.last_line, chunk.text) == (1, 6, APP)
    assert "'greet'" in chunk.lexemes
    assert chunk.vector.version_id == chunk.version_id == source.store.serving_id


def test_statistics_metrics_and_activity_follow_a_run(source: Integration) -> None:
    assert TermStatistic.objects.get(version=source.store.serving, term="greet").chunks == 1
    assert Metric.objects.filter(workspace=source.workspace, name="documents").get().value == 2
    actions = Activity.objects.in_workspace(source.workspace).values_list("action", flat=True)
    assert {"source.connected", "run.finished"} <= set(actions)


def test_a_second_sync_of_the_same_head_does_nothing(source: Integration, sync: Sync) -> None:
    before = set(Chunk.objects.values_list("pk", flat=True))
    run = sync(source)
    assert (run.added, run.changed, run.removed, run.unchanged) == (0, 0, 0, 2)
    assert (run.chunks_embedded, run.chunks_written) == (0, 0)
    assert not RunItem.objects.filter(run=run).exists()
    assert set(Chunk.objects.values_list("pk", flat=True)) == before


def test_changes_additions_and_removals_are_applied(
    source: Integration, repository: Repository, sync: Sync
) -> None:
    repository.commit({"README.md": "# Changed\n", "docs/new.md": "# New\n", "src/app.py": None})
    run = sync(source)
    assert (run.added, run.changed, run.removed, run.full) == (1, 1, 1, False)
    assert keys(source) == {"README.md", "docs/new.md"}
    assert not Chunk.objects.filter(text=APP).exists()


def test_a_full_sync_comes_to_the_same(source: Integration, repository: Repository, sync: Sync) -> None:
    repository.commit({"README.md": "# Changed\n", "docs/new.md": "# New\n", "src/app.py": None})
    run = sync(source, full=True)
    assert (run.added, run.changed, run.removed, run.full) == (1, 1, 1, True)
    assert keys(source) == {"README.md", "docs/new.md"}


def test_a_rewritten_history_is_followed(source: Integration, repository: Repository, sync: Sync) -> None:
    repository.git("checkout", "--quiet", "--orphan", "other")
    repository.git("rm", "-rfq", ".")
    repository.commit({"only.md": "# Only\n"})
    repository.git("branch", "--quiet", "-M", "main")
    repository.git("reflog", "expire", "--expire=now", "--all")
    repository.git("gc", "--quiet", "--prune=now")
    sync(source)
    assert keys(source) == {"only.md"}


def test_an_empty_repository_is_a_source_without_documents(
    workspace: Workspace, worker: Drain, tmp_path: object, sync: Sync
) -> None:
    repository = Repository(tmp_path / "empty")  # type: ignore[operator]
    integration = connect(workspace=workspace, kind="git", resource=str(repository.path), allow_local=True)
    worker()
    assert integration.runs.get().state == RunState.COMPLETED
    repository.commit({"a.md": "# A\n"})
    integration.refresh_from_db()
    assert sync(integration).added == 1


def test_what_is_left_out_has_its_reason(source: Integration, repository: Repository, sync: Sync) -> None:
    (repository.path / "link").symlink_to("README.md")
    repository.commit(
        {
            "logo.png": b"\x89PNG",
            "blob.txt": b"a\0b",
            "node_modules/x/index.js": "1\n",
            "yarn.lock": "x\n",
            "empty.txt": "",
            "big.txt": "x\n" * 600_000,
            "pointer.txt": "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 1\n",
            ".env": "KEY=1\n",
        }
    )
    run = sync(source)
    assert run.state == RunState.COMPLETED
    assert run.skipped == 9
    assert dict(Omission.objects.filter(integration=source).values_list("key", "reason")) == {
        "link": Reason.SYMLINK,
        "logo.png": Reason.BINARY_TYPE,
        "blob.txt": Reason.BINARY,
        "node_modules/x/index.js": Reason.DEPENDENCY,
        "yarn.lock": Reason.LOCK_FILE,
        "empty.txt": Reason.EMPTY,
        "big.txt": Reason.TOO_LARGE,
        "pointer.txt": Reason.LFS_POINTER,
        ".env": Reason.SECRET,
    }
    assert keys(source) == {"README.md", "src/app.py"}


def test_what_was_left_out_for_its_content_is_not_read_again(
    source: Integration, repository: Repository, sync: Sync
) -> None:
    repository.commit({"blob.txt": b"a\0b"})
    sync(source)
    repository.commit({"lightfast.yml": "version: 1\nexclude: [README.md]\n"})
    run = sync(source)
    assert run.full
    assert not RunItem.objects.filter(run=run, key="blob.txt").exists()
    assert RunItem.objects.filter(run=sync(source, full=True), key="blob.txt").exists()


def test_a_file_that_becomes_text_is_indexed_and_one_that_becomes_binary_goes(
    source: Integration, repository: Repository, sync: Sync
) -> None:
    repository.commit({"data.txt": b"a\0b"})
    sync(source)
    repository.commit({"data.txt": "words\n", "README.md": b"\0"})
    sync(source)
    assert keys(source) == {"src/app.py", "data.txt"}
    assert Omission.objects.get(integration=source).key == "README.md"


def test_the_configuration_selects(source: Integration, repository: Repository, sync: Sync) -> None:
    repository.commit({"lightfast.yml": "version: 1\ninclude:\n  - 'src/**'\n"})
    run = sync(source)
    source.refresh_from_db()
    assert run.full
    assert keys(source) == {"src/app.py"}
    assert (source.config_state, source.config_file) == (ConfigState.CONFIGURED, "lightfast.yml")
    repository.commit({"lightfast.yml": None})
    sync(source)
    source.refresh_from_db()
    assert keys(source) == {"README.md", "src/app.py"}
    assert source.config_state == ConfigState.DEFAULT


def test_an_invalid_configuration_fails_the_run_and_leaves_the_index(
    source: Integration, repository: Repository, sync: Sync
) -> None:
    cursor = source.cursor
    repository.commit({"lightfast.yml": "version: 1\nincldue:\n  - x\n", "README.md": "# New\n"})
    run = sync(source)
    source.refresh_from_db()
    assert run.state == RunState.FAILED
    assert "lightfast.yml, line 2, incldue" in run.error
    assert (source.config_state, source.cursor) == (ConfigState.INVALID, cursor)
    assert [problem["line"] for problem in source.config_problems] == [2]
    assert keys(source) == {"README.md", "src/app.py"}
    repository.commit({"lightfast.yml": None})
    assert sync(source).changed == 1


def test_the_same_source_cannot_be_added_twice(source: Integration, repository: Repository) -> None:
    with pytest.raises(UserError, match="already a source"):
        connect(workspace=source.workspace, kind="git", resource=str(repository.path), allow_local=True)


def test_two_repositories_with_the_same_path_do_not_collide(
    source: Integration, workspace: Workspace, worker: Drain, repository: Repository
) -> None:
    other = Repository(repository.path.parent / "other", {"README.md": "# Other\n"})
    second = connect(workspace=workspace, kind="git", resource=str(other.path), allow_local=True)
    worker()
    assert Document.objects.filter(workspace=workspace, key="README.md").count() == 2
    assert Document.objects.get(integration=second).text == "# Other\n"


def test_a_repository_that_is_gone_blocks_its_source_and_says_so(
    source: Integration, repository: Repository, sync: Sync
) -> None:
    repository.path.rename(repository.path.with_name("moved"))
    run = sync(source)
    source.refresh_from_db()
    assert run.state == RunState.FAILED
    assert source.state == "blocked"
    assert str(repository.path) in source.state_reason
    assert keys(source) == {"README.md", "src/app.py"}
