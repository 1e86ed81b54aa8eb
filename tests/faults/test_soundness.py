"""What is checked after each scenario can fail."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from console.models import Workspace
from ingestion.models import (
    Chunk,
    Document,
    IndexVersion,
    Integration,
    ItemState,
    Run,
    RunItem,
    Tally,
    Vector,
)
from tests.faults.outcomes import Outcome, table
from tests.faults.soundness import check_against_fresh, check_rows, count_stuck, index_anew
from tests.faults.stage import Stage
from tests.repositories import Repository


@pytest.fixture
def outcome() -> Outcome:
    """Return one that stands in no table: here is nobody killed."""
    return Outcome("soundness")


@pytest.fixture
def index(workspace: Workspace, tmp_path: Path) -> Integration:
    """Return a small index in which all is well."""
    small = Repository(tmp_path / "small", {f"{name}.md": f"# {name}\n\nWords.\n" for name in "abc"})
    wanted = Integration(kind="git", resource_id=str(small.path), config={}, allow_local=True)
    return index_anew(wanted, workspace)


def test_a_sound_index_is_found_sound(index: Integration, fresh: Workspace, stage: Stage) -> None:
    check_rows(stage.outcome)
    check_against_fresh(stage, index, fresh)
    assert stage.outcome.sound and stage.outcome.checked["documents"] == 3


def lose_a_document() -> None:
    lost = Document.objects.filter(key="a.md")
    Vector.objects.filter(chunk__document__in=lost).delete()
    Chunk.objects.filter(document__in=lost).delete()
    lost.delete()


def double_a_chunk() -> None:
    chunk = Chunk.objects.select_related("vector").earliest("id")
    vector = chunk.vector
    chunk.pk, chunk.ordinal = None, chunk.ordinal + 1
    chunk.save()
    Vector.objects.create(chunk=chunk, version=vector.version, embedding=vector.embedding)


def keep_what_is_gone() -> None:
    Document.objects.filter(key="a.md").update(key="gone.md")


def miss_a_change() -> None:
    Document.objects.filter(key="a.md").update(text="old")


def move_the_cursor() -> None:
    Integration.objects.update(cursor="0" * 40)


@pytest.mark.parametrize(
    ("harm", "lost", "doubled"),
    [(lose_a_document, 2, 0), (double_a_chunk, 0, 1), (keep_what_is_gone, 2, 2), (miss_a_change, 1, 1),
     (move_the_cursor, 0, 0)],
)  # fmt: skip
def test_harm_shows_beside_a_fresh_index(
    harm: Callable[[], None], lost: int, doubled: int, index: Integration, fresh: Workspace, stage: Stage
) -> None:
    harm()
    with pytest.raises(AssertionError):
        check_against_fresh(stage, index, fresh)
    assert (stage.outcome.lost, stage.outcome.doubled) == (lost, doubled)
    assert str(lost) in table([stage.outcome])[1]


def lose_a_vector() -> None:
    Vector.objects.filter(pk=Vector.objects.earliest("pk").pk).delete()


def leave_an_item() -> None:
    RunItem.objects.filter(pk=RunItem.objects.earliest("pk").pk).update(state=ItemState.QUEUED)


def miscount_documents() -> None:
    Tally.objects.update(documents=7)


def miscount_chunks() -> None:
    IndexVersion.objects.update(chunk_total=7)


def miscount_a_run() -> None:
    Run.objects.update(added=7)


@pytest.mark.parametrize(
    "harm", [lose_a_vector, leave_an_item, miscount_documents, miscount_chunks, miscount_a_run]
)
def test_harm_shows_in_the_rows_alone(harm: Callable[[], None], index: Integration, outcome: Outcome) -> None:
    harm()
    with pytest.raises(AssertionError):
        check_rows(outcome)


def test_what_has_not_ended_counts_as_stuck(index: Integration) -> None:
    assert count_stuck() == 0
    late = timezone.now() - timedelta(hours=1)
    RunItem.objects.filter(pk=RunItem.objects.earliest("pk").pk).update(
        state=ItemState.LEASED, lease_expires_at=late
    )
    assert count_stuck() == 1
