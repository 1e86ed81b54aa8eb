"""The checklist of a workspace that is being set up, for any page about it."""

from typing import Any

from django import template
from django.template.context import Context

from console.access import PERMISSIONS
from console.models import Workspace
from console.onboarding import PERMISSION, checklist, in_setup

register = template.Library()


@register.inclusion_tag("console/checklist.html", takes_context=True)
def setup_checklist(context: Context, workspace: Workspace) -> dict[str, Any]:
    """Show what is left to set up, to those who may, until it is done or dismissed."""
    role = context["shell"].role_in(workspace.organization)
    if PERMISSION not in PERMISSIONS.get(role, frozenset()) or not in_setup(workspace):
        return {}
    found = checklist(workspace)
    return {} if found.complete else {"checklist": found, "workspace": workspace}
