"""The way to a provider and back: who set out, where to, and that it is them who come back, once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from django.core import signing
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import get_random_string, salted_hmac

from ingestion.models import SharedSecret
from ingestion.vault import DatabaseVault
from lightfast.lib.errors import UserError

LIFETIME = timedelta(hours=1)
SALT = "ingestion.journeys"


class Purpose(StrEnum):
    """What somebody went to a provider for."""

    REGISTER = "register"
    CONNECT = "connect"


@dataclass(frozen=True, slots=True)
class Journey:
    """What somebody who went to a provider is about to do; `answer` is what they already brought back."""

    kind: str
    purpose: Purpose
    organization: str
    return_to: str = ""
    answer: Mapping[str, str] | None = None


def sign_state(journey: Journey, request: HttpRequest) -> str:
    """Return a state that works once, for an hour, in the session in which the person set out."""
    nonce = get_random_string(32)
    values: dict[str, Any] = {
        "kind": journey.kind,
        "purpose": journey.purpose,
        "traveller": _traveller(request),
        "organization": journey.organization,
        "return_to": journey.return_to,
        "answer": dict(journey.answer or {}),
        "nonce": nonce,
    }
    DatabaseVault().put(f"state {nonce}", "", timezone.now() + LIFETIME)
    return signing.dumps(values, salt=SALT, compress=True)


def take_state(state: str, request: HttpRequest, *, kind: str, purpose: Purpose) -> Journey:
    """Return what a state was made for, and use it up; raise `UserError` for one that is not ours or not theirs."""
    refusal = UserError(
        "This page was opened too late, twice, or by somebody else. Start again from Connections."
    )
    try:
        values = signing.loads(state, salt=SALT, max_age=LIFETIME)
    except signing.BadSignature:
        raise refusal from None
    if (values["kind"], values["purpose"], values["traveller"]) != (kind, purpose, _traveller(request)):
        raise refusal
    unused = SharedSecret.objects.filter(name=f"state {values['nonce']}", expires_at__gt=timezone.now())
    deleted, _ = unused.delete()
    if not deleted:
        raise refusal
    return Journey(kind, purpose, values["organization"], values["return_to"], values["answer"])


def _traveller(request: HttpRequest) -> str:
    """Return what stands for a person in one session, and tells neither."""
    return salted_hmac(SALT, f"{request.user.pk} {request.session.session_key}").hexdigest()
