"""How django-allauth does accounts here: who may sign up, names, and secrets that are encrypted."""

from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.urls import Resolver404, resolve

from console.invitations import Standing, standing_of
from console.models import Invitation, User
from lightfast.lib.crypto import decrypt, encrypt


def invitation_at(address: str) -> Invitation | None:
    """Return the invitation that an address of ours leads to, if it can still be accepted by somebody new."""
    try:
        match = resolve(urlsplit(address).path)
    except Resolver404:
        return None
    if match.view_name != "console:invitation":
        return None
    invitation, standing = standing_of(match.kwargs["token"], None)
    return invitation if standing == Standing.ANONYMOUS else None


def may_sign_up(next_url: str) -> bool:
    """Tell whether somebody on the way to an address may sign up."""
    return settings.SIGNUP == "open" or invitation_at(next_url) is not None or not User.objects.exists()


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts with email address and password."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Tell whether this request may make an account."""
        return may_sign_up(_next(request))

    def clean_email(self, email: str) -> str:
        """Keep those who sign up by an invitation to its address, where others may not sign up."""
        request = context.request
        if settings.SIGNUP != "open" and request is not None and not request.user.is_authenticated:
            invitation = invitation_at(_next(request))
            if invitation is not None and invitation.email.lower() != email.lower():
                raise forms.ValidationError(
                    f"You were invited as {invitation.email}: sign up with that address."
                )
        cleaned: str = super().clean_email(email)
        return cleaned


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Accounts that log in elsewhere."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Tell whether a person whom another service knows may make an account."""
        return may_sign_up(sociallogin.state.get("next") or "")

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """Take over name and address."""
        user: User = sociallogin.user
        user.email = (data.get("email") or "").strip()
        parts = (
            data.get("name"),
            f"{data.get('first_name') or ''} {data.get('last_name') or ''}",
            data.get("username"),
        )
        user.name = next((name.strip() for name in parts if name and name.strip()), "")[:150]
        return user


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors, whose secrets are encrypted at rest."""

    def encrypt(self, text: str) -> str:
        """Encrypt a secret."""
        return encrypt({"secret": text}).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Decrypt what `encrypt` made."""
        return decrypt(encrypted_text.encode())["secret"]


class SignupForm(forms.Form):
    """What is asked of new people besides address and password."""

    name = forms.CharField(
        max_length=150, label="Your name", widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    field_order = ("name", "email", "password1")

    def signup(self, request: HttpRequest, user: User) -> None:
        """Keep the name."""
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])


def _next(request: HttpRequest) -> str:
    return request.POST.get("next") or request.GET.get("next") or ""
