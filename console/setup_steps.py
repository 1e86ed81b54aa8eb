"""The console's steps of setting a workspace up."""

from django.urls import reverse

from console.models import ApiKey, Invitation, Membership, Workspace
from console.onboarding import STEPS, Step


def register_steps() -> None:
    """Put the steps of keys and people beside those of the other apps."""
    STEPS["key"] = Step(
        title="Create an API key",
        words="Programs and coding agents search with it: there is a command to paste for each.",
        button="Create a key",
        position=50,
        url=_new_key,
        done=lambda workspace: ApiKey.objects.in_workspace(workspace).exists(),
    )
    STEPS["people"] = Step(
        title="Invite your colleagues",
        words="They search what you have connected.",
        button="Invite",
        position=60,
        url=lambda workspace: reverse("console:members", args=[workspace.organization.slug]),
        done=_has_company,
    )


def _new_key(workspace: Workspace) -> str:
    return reverse("console:new_key", args=[workspace.organization.slug, workspace.slug])


def _has_company(workspace: Workspace) -> bool:
    organization = workspace.organization
    if Invitation.objects.of_organization(organization).exists():
        return True
    return Membership.objects.of_organization(organization).count() > 1
