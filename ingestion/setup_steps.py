"""The steps of setting a workspace up that are ingestion's, and the ways to begin one."""

from functools import partial

from django.urls import reverse

from console.audit import Actor
from console.models import Workspace
from console.onboarding import STARTERS, STEPS, Starter, Step
from ingestion import services
from ingestion.models import Document, Integration
from ingestion.sources.errors import SourceError
from lightfast.lib.errors import UserError


def register_steps() -> None:
    """Put the steps of sources beside those of the other apps."""
    STEPS["source"] = Step(
        title="Connect a source",
        words="A repository, from GitHub or by its address: its files are what you will search.",
        button="Add a source",
        position=10,
        url=partial(_page, "ingestion:choose_source"),
        done=lambda workspace: Integration.objects.in_workspace(workspace).exists(),
    )
    STEPS["sync"] = Step(
        title="Let it be indexed",
        words="The first sync reads everything once; later ones read what has changed.",
        button="See the progress",
        position=20,
        url=partial(_page, "ingestion:overview"),
        done=lambda workspace: Document.objects.in_workspace(workspace).exists(),
    )
    STARTERS["github"] = Starter(
        label="GitHub",
        words="choose repositories, private ones too",
        position=10,
        start=_begin_with_github,
    )
    STARTERS["git"] = Starter(
        label="A git address",
        words="any repository that can be cloned over https",
        position=20,
        start=_begin_with_git,
        field="Address of the repository",
        placeholder="https://github.com/django/django",
    )


def _page(view: str, workspace: Workspace) -> str:
    return reverse(view, args=[workspace.organization.slug, workspace.slug])


def _begin_with_github(workspace: Workspace, value: str, actor: Actor) -> str:
    del value, actor
    return _page("ingestion:choose_source", workspace)


def _begin_with_git(workspace: Workspace, value: str, actor: Actor) -> str:
    may_read_disk = actor.user is not None and actor.user.is_staff
    try:
        services.connect(
            workspace=workspace,
            kind="git",
            resource=value,
            allow_local=may_read_disk,
            confirm=True,
            actor=actor,
        )
    except SourceError as error:
        raise UserError(str(error)) from error
    return _page("ingestion:overview", workspace)
