"""What people do with their own accounts, recorded by the signals of allauth and Django: they have no other seam."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any
from uuid import UUID

from allauth.account import signals as account
from django.apps import apps
from django.contrib.auth.signals import user_login_failed
from django.dispatch import Signal
from django.http import HttpRequest

from console.audit import Action, Actor, record
from console.models import User
from lightfast.lib.client_address import address_of

NOBODY = UUID(int=0)  # stands for whoever has an address that no user has
Values = Mapping[str, Any]


def _nothing(_: Values) -> Values:
    return {}


def _address(sent: Values) -> Values:
    return {"email": sent["email_address"].email}


def _addresses(sent: Values) -> Values:
    return {"email": sent["to_email_address"].email}


def _factor(sent: Values) -> Values:
    return {"factor": sent["authenticator"].get_type_display()}


def _linked(sent: Values) -> Values:
    return {"login": sent["sociallogin"].account.provider}


def _unlinked(sent: Values) -> Values:
    return {"login": sent["socialaccount"].provider}


# Each signal with what it tells of, and what is recorded beside it.
HEARD: list[tuple[Signal, Action, Callable[[Values], Values]]] = [
    (account.user_signed_up, Action.USER_SIGNED_UP, _nothing),
    (account.user_logged_in, Action.USER_LOGGED_IN, _nothing),
    (account.user_logged_out, Action.USER_LOGGED_OUT, _nothing),
    (account.password_set, Action.USER_PASSWORD_CHANGED, _nothing),
    (account.password_changed, Action.USER_PASSWORD_CHANGED, _nothing),
    (account.password_reset, Action.USER_PASSWORD_RESET, _nothing),
    (account.email_added, Action.USER_EMAIL_ADDED, _address),
    (account.email_confirmed, Action.USER_EMAIL_CONFIRMED, _address),
    (account.email_changed, Action.USER_EMAIL_CHANGED, _addresses),
    (account.email_removed, Action.USER_EMAIL_REMOVED, _address),
]
GONE = (Action.USER_EMAIL_REMOVED, Action.USER_FACTOR_REMOVED, Action.USER_ACCOUNT_UNLINKED)


def listen() -> None:
    """Record from now on."""
    for signal, action, values in [*HEARD, *_of_apps()]:
        signal.connect(partial(_heard, action, values), weak=False, dispatch_uid=f"trail {action}")
    user_login_failed.connect(_failed, dispatch_uid="trail failed login")


def _of_apps() -> Iterator[tuple[Signal, Action, Callable[[Values], Values]]]:
    """Return what those parts of allauth tell that are installed; the others cannot even be imported."""
    if apps.is_installed("allauth.mfa"):
        from allauth.mfa import signals as mfa

        yield mfa.authenticator_added, Action.USER_FACTOR_ADDED, _factor
        yield mfa.authenticator_removed, Action.USER_FACTOR_REMOVED, _factor
        yield mfa.authenticator_reset, Action.USER_FACTOR_RESET, _factor
    if apps.is_installed("allauth.socialaccount"):
        from allauth.socialaccount import signals as social

        yield social.social_account_added, Action.USER_ACCOUNT_LINKED, _linked
        yield social.social_account_removed, Action.USER_ACCOUNT_UNLINKED, _unlinked


def _heard(action: Action, values: Callable[[Values], Values], request: HttpRequest, **sent: Any) -> None:
    user = sent.get("user") or _user_of(sent)
    if not isinstance(user, User) or user.pk is None:
        return  # the session of nobody, or of somebody whose account is deleted, was logged out
    told = values(sent)
    actor = Actor(user=user, ip_address=address_of(request))
    gone = action in GONE
    record(actor, action, user, before=told if gone else None, after=None if gone else told)


def _user_of(sent: Values) -> Any:
    """Return whose address or login it is, where a signal does not say."""
    if "email_address" in sent:
        return sent["email_address"].user
    return (sent["sociallogin"] if "sociallogin" in sent else sent["socialaccount"]).user


def _failed(credentials: Values, request: HttpRequest | None = None, **_: Any) -> None:
    typed = str(credentials.get("email") or credentials.get("username") or "")[:254]
    known = User.objects.filter(email__iexact=typed).first()
    actor = Actor(name="Somebody", ip_address=address_of(request))
    record(actor, Action.USER_LOGIN_FAILED, known or User(pk=NOBODY, email=typed))
