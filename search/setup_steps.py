"""Search's step of setting a workspace up."""

from django.urls import reverse

from console.onboarding import STEPS, Step
from search.models import SearchLog


def register_steps() -> None:
    """Put the first search beside the steps of the other apps."""
    STEPS["search"] = Step(
        title="Search",
        words="Ask for a name, a phrase, or in your own words. A result opens at its exact line.",
        button="Search",
        position=30,
        url=lambda workspace: reverse("search:page", args=[workspace.organization.slug, workspace.slug]),
        done=lambda workspace: SearchLog.objects.in_workspace(workspace).exists(),
    )
