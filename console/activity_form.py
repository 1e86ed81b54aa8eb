"""The filters of the activity pages."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict

from console.audit import Action
from console.models import ApiKey
from console.trail import Filters, words

KINDS = {
    "organization.": "Team",
    "member.": "Members",
    "workspace.": "Workspaces",
    "key.": "API keys",
    "connection.": "Connections",
    "source.": "Sources",
    "run.": "Jobs",
    "store.": "Index",
}


def action_choices() -> list[tuple[str, str | list[tuple[str, str]]]]:
    """Return the actions by kind, a whole kind before its own."""
    groups: list[tuple[str, str | list[tuple[str, str]]]] = [("", "Everything")]
    for prefix, name in KINDS.items():
        each = [(str(action), words(action)) for action in Action if action.startswith(prefix)]
        groups.append((name, [(prefix, f"Everything of {name}"), *each]))
    return groups


class ActivityForm(forms.Form):
    """What to show of the audit trail."""

    actor = forms.CharField(label="Who", required=False, max_length=254)
    action = forms.ChoiceField(label="Did what", required=False, choices=action_choices)
    entity = forms.CharField(label="To what", required=False, max_length=200)
    key = forms.ModelChoiceField(
        ApiKey.objects.none(), label="With key", required=False, empty_label="Any or none"
    )
    since = forms.DateField(label="From", required=False, widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(label="To", required=False, widget=forms.DateInput({"type": "date"}))

    def __init__(self, data: QueryDict, *, keys: QuerySet[ApiKey]) -> None:
        """Take what was asked for, and the keys that there are to choose from."""
        super().__init__(data)
        self.fields["key"].queryset = keys  # type: ignore[attr-defined]

    @property
    def filters(self) -> Filters:
        """What is valid of it; what is not is told of beside its field and does not filter."""
        self.is_valid()
        given: dict[str, Any] = {name: value for name, value in self.cleaned_data.items() if value}
        if "key" in given:
            given["key"] = given["key"].pk
        return Filters(**given)
