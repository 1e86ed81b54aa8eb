"""Connecting an organization to a provider: the app, the way there and back, and what came of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import get_random_string

from console.access import role_in
from console.audit import SYSTEM, Action, Actor, record
from console.models import Organization, Role, User
from ingestion.models import Connection, ConnectionState, Integration, ProviderApp, SharedSecret
from ingestion.pipeline.context import app_values, context_of
from ingestion.sources import get_source
from ingestion.sources.base import (
    ConnectedSource,
    Grant,
    InstallableSource,
    Registered,
    Resource,
    TokenSource,
)
from ingestion.vault import DatabaseVault
from ingestion.webhooks import change_state
from lightfast.lib.errors import UserError

STATE_LIFETIME = timedelta(hours=1)
STATE_SALT, GRANT_SALT = "ingestion.connections.state", "ingestion.connections.grant"


@dataclass(frozen=True, slots=True)
class Journey:
    """What somebody who went to a provider is about to do; `answer` is what they already brought back."""

    kind: str
    user_id: str
    organization: str
    return_to: str = ""
    answer: Mapping[str, str] | None = None


def installable(kind: str) -> InstallableSource:
    """Return a source whose app people install; raise `LookupError`."""
    source = get_source(kind)
    if not isinstance(source, InstallableSource):
        raise LookupError(f"{source.manifest.name} has no app to install.")
    return source


def has_app(kind: str) -> bool:
    """Tell whether this Lightfast is registered at a provider."""
    config, secrets = app_values(kind)
    return bool(config.get("app_id") and secrets.get("private_key"))


def may_register(user: User, organization: Organization) -> bool:
    """Tell who may make the app of this installation: staff, and the owners of its first team."""
    first = Organization.objects.alive().order_by("created_at", "pk").first()
    return user.is_staff or (first == organization and role_in(user, organization) == Role.OWNER)


def sign_state(journey: Journey) -> str:
    """Return a state that works once, for an hour, for the person who set out."""
    nonce = get_random_string(32)
    values: dict[str, Any] = {
        "kind": journey.kind,
        "user": journey.user_id,
        "organization": journey.organization,
        "return_to": journey.return_to,
        "answer": dict(journey.answer or {}),
        "nonce": nonce,
    }
    DatabaseVault().put(f"state {nonce}", journey.user_id, timezone.now() + STATE_LIFETIME)
    return signing.dumps(values, salt=STATE_SALT, compress=True)


def take_state(state: str, *, kind: str, user: User) -> Journey:
    """Return what a state was made for, and use it up; raise `UserError` for one that is not ours or not theirs."""
    refusal = UserError(
        "This page was opened too late, twice, or by somebody else. Start again from Connections."
    )
    try:
        values = signing.loads(state, salt=STATE_SALT, max_age=STATE_LIFETIME)
    except signing.BadSignature:
        raise refusal from None
    if values["kind"] != kind or values["user"] != str(user.pk):
        raise refusal
    used, _ = SharedSecret.objects.filter(
        name=f"state {values['nonce']}", expires_at__gt=timezone.now()
    ).delete()
    if not used:
        raise refusal
    return Journey(kind, values["user"], values["organization"], values["return_to"], values["answer"])


@transaction.atomic
def save_app(
    *, kind: str, registered: Registered, organization: Organization, actor: Actor = SYSTEM
) -> ProviderApp:
    """Keep the app that somebody has made; raise `UserError` when there is one already."""
    if has_app(kind):
        raise UserError("This Lightfast has its app already. Delete the new one at the provider.")
    app = ProviderApp(kind=kind, name=registered.name[:200], config=dict(registered.config))
    app.secrets = dict(registered.secrets)
    app.save()
    record(
        actor,
        Action.APP_REGISTERED,
        app,
        organization=organization,
        after={"kind": kind, **registered.config},
    )
    return app


@transaction.atomic
def save_connection(
    *, organization: Organization, kind: str, grant: Grant, actor: Actor = SYSTEM
) -> Connection:
    """Connect an organization by what the provider has confirmed; one that is there is renewed and goes on."""
    connection, created = Connection.objects.select_for_update(no_key=True).get_or_create(
        organization=organization,
        kind=kind,
        external_id=grant.external_id,
        defaults={"name": grant.name[:200], "created_by": actor.user},
    )
    connection.name, connection.config = grant.name[:200], dict(grant.config)
    connection.secrets = dict(grant.secrets)
    _take_over(connection)
    change_state(connection, ConnectionState.ACTIVE, "")
    connection.save()
    if created:
        record(actor, Action.CONNECTION_CREATED, connection, organization=organization, after={"kind": kind})
    return connection


def _take_over(connection: Connection) -> None:
    """Move the sources of what was revoked for the same account: an app that is installed again has another id."""
    revoked = Connection.objects.filter(
        organization=connection.organization,
        kind=connection.kind,
        name=connection.name,
        state=ConnectionState.REVOKED,
    ).exclude(pk=connection.pk)
    Integration.objects.filter(connection__in=revoked).update(connection=connection)
    revoked.delete()


@transaction.atomic
def remove_connection(*, connection: Connection, actor: Actor = SYSTEM) -> None:
    """Forget an authorization's secrets; its sources stop, keep what is indexed, and go on when it is renewed."""
    locked = Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)
    change_state(
        locked, ConnectionState.REVOKED, "It was disconnected here. Connect the account again to go on."
    )
    locked.secrets = {}
    locked.save()
    record(actor, Action.CONNECTION_REMOVED, locked, organization=locked.organization)


def check_token(kind: str, token: str) -> Grant:
    """Return what a person's token grants; raise `SourceError`, or `LookupError` for a source without tokens."""
    source = get_source(kind)
    if not isinstance(source, TokenSource):
        raise LookupError(f"{source.manifest.name} takes no tokens.")
    return source.check_token(context_of(kind, None), token)


def sign_grants(grants: Iterable[Grant], user: User) -> list[tuple[Grant, str]]:
    """Return grants confirmed for a person with a proof of it, to choose one of on the next page."""
    return [
        (
            grant,
            signing.dumps(
                [grant.external_id, grant.name, dict(grant.config)], salt=f"{GRANT_SALT} {user.pk}"
            ),
        )
        for grant in grants
    ]


def read_grant(signed: str, user: User) -> Grant:
    """Return a grant that was confirmed for the person within the hour; raise `UserError`."""
    try:
        return Grant(*signing.loads(signed, salt=f"{GRANT_SALT} {user.pk}", max_age=STATE_LIFETIME))
    except signing.BadSignature:
        raise UserError("This choice is too old. Start again from Connections.") from None


def resources_of(connection: Connection) -> list[Resource]:
    """List what a connection may read, newest first; raise `SourceError`."""
    source = get_source(connection.kind)
    assert isinstance(source, ConnectedSource)
    found = list(source.resources(context_of(connection.kind, connection)))
    return sorted(found, key=lambda r: (r.updated_at is not None, r.updated_at, r.name), reverse=True)


def callback_url(kind: str) -> str:
    """Return where a provider sends people back to."""
    return f"{settings.BASE_URL}/connections/{kind}/callback/"
