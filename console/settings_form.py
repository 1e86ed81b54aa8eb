"""The settings of a workspace."""

from typing import Any

from django import forms

from console.models import Workspace


class WorkspaceForm(forms.Form):
    """What can be changed of a workspace."""

    name = forms.CharField(max_length=100)
    slug = forms.CharField(
        label="Address",
        max_length=60,
        help_text="The last part of this workspace's address. Links to the old one end; API keys go on working.",
    )
    keeps_searches = forms.BooleanField(
        label="Keep a log of searches",
        required=False,
        help_text="Insights and quality figures are made of it.",
    )
    search_log_days = forms.IntegerField(
        label="Days for which searches are kept", min_value=1, max_value=3650, required=False, initial=90
    )

    def __init__(self, data: Any, *, workspace: Workspace) -> None:
        """Show what the workspace has."""
        initial = {
            "name": workspace.name,
            "slug": workspace.slug,
            "keeps_searches": workspace.search_log_days is not None,
            "search_log_days": workspace.search_log_days or 90,
        }
        super().__init__(data, initial=initial)

    def clean(self) -> dict[str, Any]:
        """Join the two fields of the log: no days means that it is off."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not cleaned.pop("keeps_searches", False):
            cleaned["search_log_days"] = None
        elif not cleaned.get("search_log_days") and "search_log_days" not in self.errors:
            self.add_error("search_log_days", "For how many days? Or keep none.")
        return cleaned
