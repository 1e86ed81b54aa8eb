"""What people fill in about sources."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.http import QueryDict

from ingestion.models import Integration
from ingestion.sources import get_source
from ingestion.sources.base import PastedSource
from ingestion.words import kind_label


class AccountForm(forms.Form):
    """Where an app is made."""

    account = forms.CharField(
        label="GitHub organization",
        required=False,
        max_length=39,
        validators=[RegexValidator(r"^[A-Za-z0-9-]+$", "A name has letters, digits and hyphens.")],
        help_text="Leave it empty to make the App in your own account.",
    )
    public = forms.BooleanField(
        label="Other accounts may install it, too",
        required=False,
        help_text="For teams whose repositories are in several accounts. They still only connect what is theirs.",
    )


class TokenForm(forms.Form):
    """A person's token."""

    token = forms.CharField(
        label="Fine-grained personal access token",
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="With read access to Contents and Metadata; add Issues and Pull requests to index those, too.",
    )


class ResourceForm(forms.Form):
    """What names a resource of a source where people paste it, with the source's own options."""

    def __init__(self, source: PastedSource, noun: str, data: QueryDict | None = None) -> None:
        """Make the fields that the source wants; `noun` is what it calls a resource."""
        super().__init__(data)
        self.options = source.options
        self.fields["resource"] = forms.CharField(
            label=f"Address of the {noun}",
            max_length=4_096,
            widget=forms.TextInput(
                attrs={"placeholder": source.example, "autocomplete": "off", "spellcheck": "false"}
            ),
        )
        for option in source.options:
            widget = forms.PasswordInput if option.secret else forms.TextInput
            self.fields[option.name] = forms.CharField(
                label=option.label,
                help_text=option.help,
                required=False,
                max_length=1_000,
                widget=widget(attrs={"autocomplete": "off"}),
            )

    def values(self, *, secret: bool) -> dict[str, str]:
        """Return the options that are filled in: the secret ones, or the others."""
        return {
            option.name: self.cleaned_data[option.name]
            for option in self.options
            if option.secret == secret and self.cleaned_data[option.name]
        }


class SourceForm(forms.Form):
    """What people decide about a source."""

    title = forms.CharField(
        label="Name", required=False, max_length=200, help_text="Empty: what its provider calls it."
    )
    interval = forms.TypedChoiceField(
        label="Look for changes",
        required=False,
        coerce=int,
        empty_value=None,
        choices=[
            ("", "As usual for this kind of source"),
            (5, "Every 5 minutes"),
            (15, "Every 15 minutes"),
            (60, "Every hour"),
            (6 * 60, "Every 6 hours"),
            (24 * 60, "Once a day"),
        ],
    )
    kinds = forms.MultipleChoiceField(
        label="What to index", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, source: Integration, data: QueryDict | None = None) -> None:
        """Take the source; kinds can be chosen where there are several."""
        manifest = get_source(source.kind).manifest
        interval = source.sync_interval
        initial = {
            "title": source.title,
            "interval": int(interval.total_seconds() // 60) if interval else "",
            "kinds": source.config.get("kinds") or manifest.kinds[:1],
        }
        super().__init__(data, initial=initial)
        self.fields["title"].widget.attrs["placeholder"] = source.name
        if len(manifest.kinds) > 1:
            kinds: Any = self.fields["kinds"]
            kinds.choices = [(kind, kind_label(kind).capitalize()) for kind in manifest.kinds]
        else:
            del self.fields["kinds"]

    def clean_kinds(self) -> list[str]:
        """Want one kind at least."""
        kinds: list[str] = self.cleaned_data["kinds"]
        if not kinds:
            raise forms.ValidationError("Choose at least one kind, or remove the source.")
        return kinds


class BudgetForm(forms.Form):
    """The caps of a workspace a month."""

    tokens = forms.IntegerField(
        label="Tokens a month", required=False, min_value=0, help_text="Empty: no cap on tokens."
    )
    dollars = forms.DecimalField(
        label="US dollars a month",
        required=False,
        min_value=0,
        max_digits=10,
        decimal_places=2,
        help_text="Empty: no cap on money.",
    )
