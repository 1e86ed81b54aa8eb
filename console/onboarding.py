"""From an empty workspace to one that is used: steps that the apps register, and ways to begin with a source.

`AppConfig.ready` fills `STEPS` and `STARTERS`. A step that was seen done is remembered, for its row may go.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from console.access import Permission
from console.audit import Actor
from console.models import Workspace


@dataclass(frozen=True, slots=True)
class Step:
    """One step: `title` says what to do, `words` why, `button` begins it at `url`, and `done` looks at the rows."""

    title: str
    words: str
    button: str
    position: int
    url: Callable[[Workspace], str]
    done: Callable[[Workspace], bool]


@dataclass(frozen=True, slots=True)
class Starter:
    """A way to connect the first source of a workspace that is being made.

    `start` gets the new workspace and what was typed into the field `field`, if it has one; it returns the address of
    what comes next. It may raise `UserError`, and then the workspace is not made.
    """

    label: str
    words: str
    position: int
    start: Callable[[Workspace, str, Actor], str]
    field: str = ""
    placeholder: str = ""


STEPS: dict[str, Step] = {}
STARTERS: dict[str, Starter] = {}
PERMISSION = Permission.MANAGE_SOURCES  # whose work the steps are


@dataclass(frozen=True, slots=True)
class StepState:
    """A step as it stands in one workspace."""

    key: str
    title: str
    words: str
    button: str
    url: str
    done: bool
    is_next: bool


@dataclass(frozen=True, slots=True)
class Checklist:
    """The steps of one workspace in order."""

    steps: list[StepState]
    dismissed: bool

    @property
    def done(self) -> int:
        """How many steps are done."""
        return sum(step.done for step in self.steps)

    @property
    def total(self) -> int:
        """How many steps there are."""
        return len(self.steps)

    @property
    def complete(self) -> bool:
        """Whether nothing is left to do."""
        return self.done == self.total


def checklist(workspace: Workspace) -> Checklist:
    """Return where a workspace stands; one query for each step that was not done when last looked at."""
    ordered = sorted(STEPS.items(), key=lambda item: item[1].position)
    done = {key for key, step in ordered if key in workspace.setup_done or step.done(workspace)}
    _remember(workspace, done)
    following = next((key for key, _ in ordered if key not in done), "")
    states = [
        StepState(
            key, step.title, step.words, step.button, step.url(workspace), key in done, key == following
        )
        for key, step in ordered
    ]
    return Checklist(states, workspace.setup_dismissed_at is not None)


def in_setup(workspace: Workspace) -> bool:
    """Tell from what is remembered, without a query, whether a workspace is still being set up."""
    return workspace.setup_dismissed_at is None and not STEPS.keys() <= set(workspace.setup_done)


def remember_step(workspace: Workspace, key: str) -> None:
    """Remember a step that leaves no row."""
    _remember(workspace, {key})


def _remember(workspace: Workspace, done: set[str]) -> None:
    if done <= set(workspace.setup_done):
        return
    with transaction.atomic():
        locked = Workspace.objects.select_for_update(no_key=True).only("setup_done").get(pk=workspace.pk)
        workspace.setup_done = sorted(done | set(locked.setup_done))
        Workspace.objects.filter(pk=workspace.pk).update(setup_done=workspace.setup_done)
