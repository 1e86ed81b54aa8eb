"""What is asked for teams, their members and workspaces."""

from typing import Any

from django import forms

from console.models import Membership, Organization, Role, User
from console.onboarding import STARTERS
from console.slugs import (
    LONGEST,
    check_team_slug,
    check_workspace_slug,
    reserved_team_slug,
    reserved_workspace_slug,
)
from lightfast.lib.errors import UserError

ROLES = [
    (Role.MEMBER.value, "Member: searches, and sees what is indexed"),
    (Role.ADMIN.value, "Admin: connects sources, makes keys, invites people"),
    (Role.OWNER.value, "Owner: everything, and deletes the team"),
]
NO_STARTER = "later"
RESERVED = "The address “{slug}” belongs to Lightfast itself. Choose another address below."


class AddressField(forms.CharField):
    """The part of an address that names a team or a workspace."""

    def __init__(self, **more: Any) -> None:
        attributes = {"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}
        super().__init__(
            label="Address",
            max_length=LONGEST,
            widget=forms.TextInput({**attributes, "placeholder": more.pop("placeholder", "")}),
            **more,
        )


class NewTeamForm(forms.Form):
    """A team that is made."""

    name = forms.CharField(
        label="Name of the team", max_length=100, widget=forms.TextInput({"autocomplete": "organization"})
    )
    slug = AddressField(
        required=False, help_text="Stands in the team's links. Left empty, it is made from the name."
    )

    def clean_slug(self) -> str:
        """Refuse an address that cannot be had, the one made from the name included."""
        return _chosen(
            self.cleaned_data["slug"],
            reserved_team_slug(self.cleaned_data.get("name", "")),
            check_team_slug,
        )


class TeamForm(forms.Form):
    """A team's name and address."""

    name = forms.CharField(max_length=100)
    slug = AddressField(
        help_text="Changing it ends all links to the team's pages at once, bookmarks included."
        " API keys, agents and webhooks go on working."
    )

    def __init__(self, data: Any = None, *, organization: Organization) -> None:
        super().__init__(data, initial={"name": organization.name, "slug": organization.slug})
        self.organization = organization

    def clean_slug(self) -> str:
        """Refuse an address that cannot be had."""
        try:
            return check_team_slug(self.cleaned_data["slug"], besides=self.organization.pk)
        except UserError as error:
            raise forms.ValidationError(str(error)) from error


class InviteForm(forms.Form):
    """Whom to invite."""

    email = forms.EmailField(label="Email address", widget=forms.EmailInput({"autocomplete": "off"}))
    role = forms.ChoiceField(choices=ROLES, initial=Role.MEMBER.value)

    def __init__(self, data: Any = None, *, may_own: bool) -> None:
        super().__init__(data)
        self.fields["role"].choices = roles(may_own)  # type: ignore[attr-defined]


class RoleForm(forms.Form):
    """A member's role."""

    role = forms.ChoiceField(choices=ROLES)


class MemberField(forms.ModelChoiceField[Membership]):
    """One of a team's members, by address."""

    def label_from_instance(self, obj: Membership) -> str:
        """Return the person's address."""
        return str(obj.user)


class HandOverForm(forms.Form):
    """Who becomes the owner."""

    to = MemberField(Membership.objects.none(), label="New owner", empty_label="Choose a member")

    def __init__(self, data: Any = None, *, organization: Organization, user: User) -> None:
        super().__init__(data)
        members = Membership.objects.of_organization(organization).exclude(user=user)
        self.fields["to"].queryset = members.select_related("user").order_by("user__email")  # type: ignore[attr-defined]


class NewWorkspaceForm(forms.Form):
    """A workspace that is made, and what it begins with."""

    organization = forms.ModelChoiceField(
        Organization.objects.none(), label="Team", to_field_name="slug", empty_label=None
    )
    name = forms.CharField(
        label="Name of the workspace",
        max_length=100,
        help_text="One body of knowledge, such as a product. It is searched as a whole, and apart from others.",
    )
    slug = AddressField(
        required=False, help_text="Stands in its links. Left empty, it is made from the name."
    )
    starter = forms.ChoiceField(
        label="Begin with", widget=forms.RadioSelect, initial=NO_STARTER, required=False
    )

    def __init__(self, data: Any = None, *, teams: Any, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=dict(initial or {}))
        self.fields["organization"].queryset = teams  # type: ignore[attr-defined]
        if len(teams) == 1:
            self.fields["organization"].widget = forms.HiddenInput()
            self.initial["organization"] = teams[0].slug
        ordered = sorted(STARTERS.items(), key=lambda item: item[1].position)
        choices = [(key, f"{starter.label}: {starter.words}") for key, starter in ordered]
        self.fields["starter"].choices = [*choices, (NO_STARTER, "Nothing yet")]  # type: ignore[attr-defined]
        for key, starter in ordered:
            if starter.field:
                self.fields[f"{key}_value"] = forms.CharField(
                    label=starter.field,
                    help_text=f"Only for “{starter.label}”.",
                    required=False,
                    max_length=2_000,
                    widget=forms.TextInput({"placeholder": starter.placeholder, "autocomplete": "off"}),
                )
        self.order_fields([name for name in self.fields if name != "slug"])

    def clean_slug(self) -> str:
        """Refuse an address that cannot be had, the one made from the name included."""
        organization = self.cleaned_data.get("organization")
        if organization is None:
            return ""
        return _chosen(
            self.cleaned_data["slug"],
            reserved_workspace_slug(self.cleaned_data.get("name", "")),
            lambda slug: check_workspace_slug(organization, slug),
        )

    def clean(self) -> dict[str, Any]:
        """Ask for what the chosen beginning needs; what was typed for one chooses it."""
        values = super().clean() or {}
        key = values.get("starter")
        typed = [name for name, starter in STARTERS.items() if starter.field and values.get(f"{name}_value")]
        if key in ("", NO_STARTER) and typed:
            key = values["starter"] = typed[0]
        starter = STARTERS.get(key or "")
        if starter is not None and starter.field and not values.get(f"{key}_value"):
            self.add_error(f"{key}_value", "This is needed to begin with it.")
        return values


def roles(may_own: bool) -> list[tuple[str, str]]:
    """Return the roles that somebody may give."""
    return [(value, label) for value, label in ROLES if may_own or value != Role.OWNER]


def _chosen(slug: str, reserved: str, check: Any) -> str:
    if not slug:
        if reserved:
            raise forms.ValidationError(RESERVED.format(slug=reserved))
        return ""
    try:
        checked: str = check(slug)
    except UserError as error:
        raise forms.ValidationError(str(error)) from error
    return checked
