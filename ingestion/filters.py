"""What lists can be narrowed to, as it stands in the address of their pages."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar, TypeVar

from django import forms
from django.db.models import Model, QuerySet
from django.http import QueryDict
from django.utils import timezone

from ingestion.models import (
    ACTIVE_STATES,
    Integration,
    ItemAction,
    ItemState,
    OmissionState,
    RunState,
    Trigger,
)
from ingestion.reasons import Reason
from lightfast.lib.ids import first_id_at

Row = TypeVar("Row", bound=Model)
Choices = list[tuple[str, str]]

PERIODS = {"24h": timedelta(hours=24), "7d": timedelta(days=7), "30d": timedelta(days=30)}


class Filter(forms.Form):
    """Fields of a list's address; a value that is none of the choices narrows nothing.

    `fields_of_rows` are those that say what a column of a row is.
    """

    fields_of_rows: ClassVar[tuple[str, ...]] = ()

    def __init__(self, data: QueryDict, **choices: Choices) -> None:
        """Take the query of the page, and the choices that depend on what there is."""
        super().__init__(data)
        for name, found in choices.items():
            field: Any = self.fields[name]
            field.choices = [*field.choices, *found]
        self.is_valid()

    @property
    def active(self) -> bool:
        """Whether anything is narrowed."""
        return any(self.cleaned_data.values())

    def narrow(self, rows: QuerySet[Row]) -> QuerySet[Row]:
        """Keep the rows that are asked for."""
        for name in self.fields_of_rows:
            if value := self.cleaned_data.get(name):
                rows = rows.filter(**{name: value})
        if path := self.cleaned_data.get("path"):
            rows = rows.filter(key__icontains=path)
        return rows


class PathFilter(Filter):
    """One that narrows to keys that hold a text, too."""

    path = forms.CharField(
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Path"}),
    )


class JobFilter(Filter):
    """Which runs to list."""

    fields_of_rows = ("trigger", "integration")

    state = forms.ChoiceField(
        required=False,
        choices=[("", "Any state"), ("active", "Active"), ("held", "On hold"), *RunState.choices],
    )
    trigger = forms.ChoiceField(label="Cause", required=False, choices=[("", "Any cause"), *Trigger.choices])
    integration = forms.ChoiceField(label="Source", required=False, choices=[("", "Any source")])
    since = forms.ChoiceField(
        required=False,
        choices=[("", "Any time"), ("24h", "Last 24 hours"), ("7d", "Last 7 days"), ("30d", "Last 30 days")],
    )

    def __init__(self, data: QueryDict, *, sources: Sequence[Integration]) -> None:
        """Take the query of the page and the sources to choose from."""
        super().__init__(data, integration=[(str(source.pk), str(source)) for source in sources])

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the runs that are asked for; their ids tell the time."""
        rows = super().narrow(rows)
        match self.cleaned_data.get("state"):
            case "active":
                rows = rows.filter(state__in=ACTIVE_STATES)
            case "held":
                rows = rows.filter(state=RunState.RUNNING).exclude(hold="")
            case str(state) if state:
                rows = rows.filter(state=state)
        if period := PERIODS.get(self.cleaned_data.get("since", "")):
            rows = rows.filter(pk__gte=first_id_at(timezone.now() - period))
        return rows


class ItemFilter(PathFilter):
    """Which documents of a run to list."""

    fields_of_rows = ("state", "action", "reason")

    state = forms.ChoiceField(required=False, choices=[("", "Any state"), *ItemState.choices])
    action = forms.ChoiceField(
        label="Change", required=False, choices=[("", "Any change"), *ItemAction.choices]
    )
    reason = forms.ChoiceField(required=False, choices=[("", "Any reason"), *Reason.choices])


class OmissionFilter(PathFilter):
    """Which of what is not in the index to list; the reasons are those that there are."""

    fields_of_rows = ("state", "reason")

    state = forms.ChoiceField(required=False, choices=[("", "Skipped or failed"), *OmissionState.choices])
    reason = forms.ChoiceField(required=False, choices=[("", "Any reason")])


class DocumentFilter(PathFilter):
    """Which documents of a source to list."""

    fields_of_rows = ("kind", "language")

    kind = forms.ChoiceField(required=False, choices=[("", "Any kind")])
    language = forms.ChoiceField(required=False, choices=[("", "Any language")])
