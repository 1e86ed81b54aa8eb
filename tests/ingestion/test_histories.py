"""Whatever the history, the index ends equal to a fresh index of the head."""

import random
from pathlib import Path

import pytest

from console.models import Workspace
from ingestion.models import Integration
from ingestion.services import connect
from tests.ingestion.conftest import Sync
from tests.ingestion.snapshot import snapshot
from tests.queue import Drain
from tests.repositories import Repository

WORDS = "alpha beta gamma delta epsilon zeta eta theta".split()


def shake(repository: Repository, chance: random.Random, commits: list[str]) -> None:
    """Do something that people do to a branch."""
    files = [path for path in repository.path.rglob("*") if path.is_file() and ".git" not in path.parts]
    step = chance.choice(
        ["write", "write", "write", "delete", "rename", "rewind", "binary", "config", "twin"]
    )
    if step == "rewind" and len(commits) > 1:
        repository.git("reset", "--hard", "--quiet", chance.choice(commits[:-1]))
    elif step == "delete" and files:
        repository.commit({str(chance.choice(files).relative_to(repository.path)): None})
    elif step == "rename" and files:
        old = chance.choice(files)
        old.rename(old.with_name(f"renamed_{chance.randrange(100)}{old.suffix}"))
        repository.commit({})
    elif step == "binary":
        repository.commit({f"{chance.choice(WORDS)}.txt": b"\0\1"})
    elif step == "config":
        excluded = chance.choice(WORDS)
        repository.commit({"lightfast.yml": f"version: 1\nexclude: ['{excluded}*']\n"})
    elif step == "twin" and files:
        repository.commit({f"twin_{chance.choice(WORDS)}.txt": chance.choice(files).read_bytes()})
    else:
        text = "".join(
            f"def {chance.choice(WORDS)}():\n    return {chance.randrange(9)}\n\n" for _ in range(9)
        )
        folder = chance.choice(["", "src/", "docs/deep/"])
        repository.commit({f"{folder}{chance.choice(WORDS)}.{chance.choice(['py', 'txt'])}": text})
    commits.append(repository.git("rev-parse", "HEAD"))


@pytest.mark.parametrize("seed", range(6))
def test_syncs_along_any_history_end_where_a_fresh_sync_ends(
    seed: int, workspace: Workspace, other_workspace: Workspace, worker: Drain, sync: Sync, tmp_path: Path
) -> None:
    chance = random.Random(seed)
    repository = Repository(tmp_path / "repository", {"README.md": "# Hello\n", "alpha.py": "x = 1\n"})
    commits = [repository.git("rev-parse", "HEAD")]
    resource = str(repository.path)

    def index(place: Workspace) -> Integration:
        integration = connect(workspace=place, kind="git", resource=resource, allow_local=True)
        worker()
        return Integration.objects.get(pk=integration.pk)

    followed = index(workspace)
    for _ in range(6):
        for _ in range(chance.randrange(1, 4)):
            shake(repository, chance, commits)
        followed.refresh_from_db()
        run = sync(followed)
        assert run.state == "completed", run.error
    fresh = index(other_workspace)
    expected, found = snapshot(fresh), snapshot(followed)
    assert expected["documents"]
    assert found == expected
