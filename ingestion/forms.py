"""What people fill in about sources."""

from django import forms
from django.core.validators import RegexValidator


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
