"""One's own account."""

from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from console.audit import actor_of
from console.models import User
from console.services.accounts import change_profile, delete_account, end_session, teams_without
from lightfast.lib.errors import UserError


class ProfileForm(forms.ModelForm[User]):
    """What others see of a person."""

    class Meta:
        model = User
        fields = ("name",)
        labels = {"name": "Your name"}
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def profile(request: HttpRequest) -> HttpResponse:
    """Show the account of the person who is logged in, and change its name."""
    assert isinstance(request.user, User)
    form = ProfileForm(request.POST or None, initial={"name": request.user.name})
    if request.method == "POST" and form.is_valid():
        change_profile(user=request.user, name=form.cleaned_data["name"], actor=actor_of(request))
        messages.success(request, "Saved.")
        return redirect("console:profile")
    values = {"form": form, "owned": teams_without(request.user), **_safety(request.user)}
    return render(request, "account/profile.html", values, status=422 if form.errors else 200)


@require_POST
@login_required
@reauthentication_required  # type: ignore[untyped-decorator]
def delete(request: HttpRequest) -> HttpResponse:
    """Delete the account, when its address has been typed."""
    assert isinstance(request.user, User)
    user = request.user
    if request.POST.get("confirm", "").strip().lower() != user.email.lower():
        messages.error(request, "That was not your address. Nothing was deleted.")
        return redirect("console:profile")
    try:
        delete_account(user=user, actor=actor_of(request))
    except UserError as error:
        messages.error(request, str(error))
        return redirect("console:profile")
    logout(request)
    messages.success(request, "Your account is deleted.")
    return redirect("account_login")


@require_POST
@login_required
def end(request: HttpRequest, session_id: int) -> HttpResponse:
    """Log one of one's browsers out."""
    session = get_object_or_404(UserSession, pk=session_id, user=request.user)
    end_session(session=session, actor=actor_of(request))
    messages.success(request, "That session has ended.")
    return redirect("usersessions_list")


def _safety(user: User) -> dict[str, Any]:
    kinds = list(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    return {
        "addresses": list(EmailAddress.objects.filter(user=user).order_by("-primary", "email")),
        "logins": list(SocialAccount.objects.filter(user=user)),
        "totp": Authenticator.Type.TOTP in kinds,
        "passkeys": kinds.count(Authenticator.Type.WEBAUTHN),
    }
