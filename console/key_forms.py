"""What is asked for API keys."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from console.models import ApiKey, Scope

NEVER, CUSTOM, KEEP = "never", "custom", "keep"
EXPIRIES = [
    ("7", "7 days"),
    ("30", "30 days"),
    ("90", "90 days"),
    ("365", "1 year"),
    (NEVER, "Never"),
    (CUSTOM, "On a date"),
]
GRACES = [
    ("0", "Ends at once"),
    ("1", "Works for 1 more hour"),
    ("24", "Works for 1 more day"),
    ("168", "Works for 7 more days"),
]
SCOPES = [
    (Scope.SEARCH.value, "Search: find documents of this workspace. Enough for most agents."),
    (Scope.READ.value, "Read: whole documents, the list of sources, and syncs."),
    (Scope.SYNC.value, "Sync: start, pause and cancel syncs."),
    (Scope.ADMIN.value, "Admin: everything above, and settings and keys."),
]


class KeyForm(forms.Form):
    """A key's name, what it may do, and until when."""

    name = forms.CharField(
        max_length=100,
        help_text="Where it will be used, such as “CI of the shop” or “Anna's laptop”.",
        widget=forms.TextInput({"autocomplete": "off", "data-autofocus": ""}),
    )
    scopes = forms.MultipleChoiceField(
        label="What it may do",
        choices=SCOPES,
        initial=[Scope.SEARCH.value, Scope.READ.value],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one."},
    )
    expiry = forms.ChoiceField(label="Expires", choices=EXPIRIES, initial="90")
    expires_on = forms.DateField(
        label="Date",
        required=False,
        help_text="Only for “On a date”: the key works until the end of that day, UTC.",
        widget=forms.DateInput({"type": "date"}),
    )

    def clean(self) -> dict[str, Any]:
        """Turn the choice into a moment."""
        values = super().clean() or {}
        if values.get("expiry") == CUSTOM:
            day = values.get("expires_on")
            if day is None and "expires_on" not in self.errors:
                self.add_error("expires_on", "Say on which date.")
            elif day is not None and day < timezone.localdate():
                self.add_error("expires_on", "This day is over. Choose a later one.")
        return values

    def scope_list(self) -> list[Scope]:
        """Return the chosen scopes."""
        return [Scope(value) for value in self.cleaned_data["scopes"]]

    def expires_at(self) -> datetime | None:
        """Return when the key ends, or None for never."""
        match self.cleaned_data["expiry"]:
            case "never":
                return None
            case "custom":
                return timezone.make_aware(datetime.combine(self.cleaned_data["expires_on"], time.max))
            case days:
                return timezone.now() + timedelta(days=int(days))


class ChangeKeyForm(KeyForm):
    """A key that is there; its end stays unless another is chosen."""

    expiry = forms.ChoiceField(label="Expires", choices=[(KEEP, "As it is"), *EXPIRIES], initial=KEEP)

    def __init__(self, data: Any = None, *, key: ApiKey) -> None:
        super().__init__(data, initial={"name": key.name, "scopes": key.scopes, "expiry": KEEP})
        del self.fields["name"].widget.attrs["data-autofocus"]  # the form is not what the page is about
        self.key = key

    def expires_at(self) -> datetime | None:
        """Return when the key ends, or None for never."""
        return self.key.expires_at if self.cleaned_data["expiry"] == KEEP else super().expires_at()


class RotateForm(forms.Form):
    """For how long the text before a rotation works."""

    grace = forms.ChoiceField(label="The old text", choices=GRACES, initial="24")

    def grace_period(self) -> timedelta:
        """Return the chosen time."""
        return timedelta(hours=int(self.cleaned_data["grace"]))
