"""Connecting an organization to a provider: the app, the way there and back, and what came of it."""

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.db import transaction

from console.access import role_in
from console.audit import SYSTEM, Action, Actor, record
from console.models import Organization, Role, User
from ingestion.models import Connection, ConnectionState, Integration, ProviderApp
from ingestion.pipeline.context import app_values, context_of
from ingestion.sources import get_source
from ingestion.sources.base import ConnectedSource, Grant, InstallableSource, Registered, Resource
from ingestion.states import change_state
from lightfast.lib.errors import UserError

LISTED_SECONDS = 30
GRANT_LIFETIME = timedelta(hours=1)
GRANT_SALT = "ingestion.connections.grant"


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
    """Connect an organization by what the provider has confirmed; one that is there is renewed and goes on.

    What one member may read there is added to what others of the team were confirmed to.
    """
    connection, created = Connection.objects.select_for_update(no_key=True).get_or_create(
        organization=organization,
        kind=kind,
        external_id=grant.external_id,
        defaults={"name": grant.name[:200], "created_by": actor.user},
    )
    known = [] if created else connection.resources
    connection.name, connection.config = grant.name[:200], dict(grant.config)
    if grant.resources is not None and known is not None:
        connection.config["resources"] = sorted({*known, *grant.resources})
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
    sources = Integration.objects.filter(connection__in=revoked)
    if connection.resources is not None:
        sources = sources.filter(resource_id__in=connection.resources)
    sources.update(connection=connection)
    revoked.filter(integrations=None).delete()


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


def sign_grants(grants: Iterable[Grant], user: User) -> list[tuple[Grant, str]]:
    """Return grants confirmed for a person with a proof of it, to choose one of on the next page."""
    return [
        (
            grant,
            signing.dumps(
                [grant.external_id, grant.name, dict(grant.config), grant.resources],
                salt=f"{GRANT_SALT} {user.pk}",
                compress=True,
            ),
        )
        for grant in grants
    ]


def read_grant(signed: str, user: User) -> Grant:
    """Return a grant that was confirmed for the person within the hour; raise `UserError`."""
    try:
        external_id, name, config, resources = signing.loads(
            signed, salt=f"{GRANT_SALT} {user.pk}", max_age=GRANT_LIFETIME
        )
    except signing.BadSignature:
        raise UserError("This choice is too old. Start again from Connections.") from None
    return Grant(external_id, name, config, resources=tuple(resources) if resources is not None else None)


def resources_of(connection: Connection) -> list[Resource]:
    """List what a connection may read, newest first; raise `SourceError`.

    While somebody searches the list and turns its pages, the provider is asked for it once.
    """
    source = get_source(connection.kind)
    assert isinstance(source, ConnectedSource)
    name = f"resources:{connection.pk}:{connection.updated_at.timestamp()}"
    found: list[Resource] | None = cache.get(name)
    if found is None:
        listed = source.resources(context_of(connection.kind, connection))
        found = [resource for resource in listed if connection.covers(resource.id)]
        found.sort(key=lambda r: (r.updated_at is not None, r.updated_at, r.name), reverse=True)
        cache.set(name, found, LISTED_SECONDS)
    return found


def callback_url(kind: str) -> str:
    """Return where a provider sends people back to."""
    return f"{settings.BASE_URL}/connections/{kind}/callback/"
