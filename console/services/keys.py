"""API keys: made, changed, rotated and revoked; a key's text is returned once and never stored."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from console.audit import SYSTEM, Action, Actor, record
from console.keys import PREFIX, SHOWN, digest, new_token
from console.models import ApiKey, Scope, Workspace
from console.services.naming import clean_name
from lightfast.lib.errors import UserError


@transaction.atomic
def create_api_key(
    *,
    workspace: Workspace,
    name: str,
    scopes: Sequence[Scope],
    expires_at: datetime | None = None,
    actor: Actor = SYSTEM,
) -> tuple[ApiKey, str]:
    """Create a key; return it and its text, which is not stored and cannot be shown again."""
    token = new_token()
    key = ApiKey.objects.create(
        workspace=workspace,
        name=clean_name(name),
        prefix=_prefix(token),
        digest=digest(token),
        scopes=_known(scopes),
        created_by=actor.user,
        expires_at=_future(expires_at),
    )
    record(actor, Action.KEY_CREATED, key, workspace=workspace, after=_facts(key))
    return key, token


@transaction.atomic
def change_api_key(
    *,
    key: ApiKey,
    name: str,
    scopes: Sequence[Scope],
    expires_at: datetime | None,
    actor: Actor = SYSTEM,
) -> ApiKey:
    """Change what a key is called, what it may do and until when."""
    locked = _lock(key)
    before = _facts(locked)
    locked.name, locked.scopes = clean_name(name), _known(scopes)
    if expires_at != locked.expires_at:
        locked.expires_at = _future(expires_at)
    if _facts(locked) == before:
        return locked
    locked.save(update_fields=["name", "scopes", "expires_at", "updated_at"])
    record(actor, Action.KEY_CHANGED, locked, workspace=locked.workspace, before=before, after=_facts(locked))
    return locked


@transaction.atomic
def rotate_api_key(
    *, key: ApiKey, grace: timedelta = timedelta(0), actor: Actor = SYSTEM
) -> tuple[ApiKey, str]:
    """Give a key a new text; the old one opens what it opened for the time of `grace`."""
    locked = _lock(key)
    before = {"prefix": locked.prefix}
    token = new_token()
    if grace > timedelta(0):
        locked.old_prefix, locked.old_digest = locked.prefix, locked.digest
        locked.old_expires_at = timezone.now() + grace
    else:
        locked.old_prefix, locked.old_digest, locked.old_expires_at = "", None, None
    locked.prefix, locked.digest = _prefix(token), digest(token)
    changed = ["prefix", "digest", "old_prefix", "old_digest", "old_expires_at", "updated_at"]
    locked.save(update_fields=changed)
    until = locked.old_expires_at
    after = {"prefix": locked.prefix, "old_valid_until": until and until.isoformat()}
    record(actor, Action.KEY_ROTATED, locked, workspace=locked.workspace, before=before, after=after)
    return locked, token


@transaction.atomic
def revoke_api_key(*, key: ApiKey, actor: Actor = SYSTEM) -> bool:
    """Revoke a key for good; return whether it was usable until now."""
    now = timezone.now()
    if not ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now, updated_at=now):
        return False
    record(actor, Action.KEY_REVOKED, key, workspace=key.workspace, before=_facts(key))
    return True


def _lock(key: ApiKey) -> ApiKey:
    rows = ApiKey.objects.select_for_update(no_key=True, of=("self",))
    locked = rows.select_related("workspace__organization").get(pk=key.pk)
    if locked.revoked_at is not None:
        raise UserError(f"{locked} is revoked, and stays so. Create another key.")
    return locked


def _known(scopes: Sequence[Scope]) -> list[str]:
    if not scopes:
        raise UserError("A key needs at least one scope.")
    return [scope.value for scope in Scope if scope in scopes]


def _future(moment: datetime | None) -> datetime | None:
    if moment is not None and moment <= timezone.now():
        raise UserError("A key must end in the future. To end it now, revoke it.")
    return moment


def _prefix(token: str) -> str:
    return token[: len(PREFIX) + SHOWN]


def _facts(key: ApiKey) -> dict[str, Any]:
    return {
        "name": key.name,
        "scopes": list(key.scopes),
        "expires_at": key.expires_at and key.expires_at.isoformat(),
    }
