"""API keys: shaped so that a typo is seen, stored as digests, and refused once they are no good."""

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from console.audit import Actor
from console.keys import ALPHABET, digest, find_key, is_well_formed, new_token
from console.models import Activity, ApiKey, Organization, Scope, User, Workspace
from console.services import change_api_key, create_api_key, revoke_api_key, rotate_api_key
from lightfast.lib.errors import UserError


@pytest.fixture
def made(workspace: Workspace) -> tuple[ApiKey, str]:
    return create_api_key(workspace=workspace, name="Laptop", scopes=[Scope.SEARCH])


def test_a_key_is_found_by_its_text_and_its_text_is_not_stored(made: tuple[ApiKey, str]) -> None:
    key, token = made
    assert find_key(token) == key
    stored = ApiKey.objects.values().get()
    assert token not in str(stored)
    assert token.startswith(stored["prefix"])
    assert bytes(stored["digest"]) == digest(token)


@given(st.integers(3, 40), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_seen_by_the_checksum(place: int, character: str) -> None:
    token = new_token()
    changed = token[:place] + character + token[place + 1 :]
    assert is_well_formed(token)
    assert is_well_formed(changed) == (changed == token)


@pytest.mark.parametrize(
    "text", ["", "lf_", "lf_" + "a" * 38, "xx_" + "a" * 38, "lf_é" + "a" * 37, "a" * 9_000]
)
def test_what_is_no_key_is_not_looked_up(text: str) -> None:
    assert find_key(text) is None  # without the database, which this test may not touch


def test_a_revoked_key_opens_nothing(made: tuple[ApiKey, str]) -> None:
    key, token = made
    assert revoke_api_key(key=key)
    assert not revoke_api_key(key=key)
    assert find_key(token) is None
    assert Activity.objects.filter(action="key.revoked").count() == 1


def test_an_expired_key_opens_nothing(made: tuple[ApiKey, str]) -> None:
    _, token = made
    ApiKey.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert find_key(token) is None


def test_a_key_of_a_deleted_workspace_or_team_opens_nothing(
    made: tuple[ApiKey, str], workspace: Workspace
) -> None:
    _, token = made
    Workspace.objects.update(deleted_at=timezone.now())
    assert find_key(token) is None
    Workspace.objects.update(deleted_at=None)
    Organization.objects.update(deleted_at=timezone.now())
    assert find_key(token) is None


def test_another_pepper_makes_every_key_useless(made: tuple[ApiKey, str], settings: object) -> None:
    settings.API_KEY_PEPPER = "another"  # type: ignore[attr-defined]
    assert find_key(made[1]) is None


def test_a_key_without_scopes_is_refused(workspace: Workspace) -> None:
    with pytest.raises(UserError, match="at least one scope"):
        create_api_key(workspace=workspace, name="None", scopes=[])


def test_a_rotated_key_has_a_new_text_and_the_old_one_ends_at_once(made: tuple[ApiKey, str]) -> None:
    key, old = made
    rotated, new = rotate_api_key(key=key)
    assert find_key(old) is None
    assert find_key(new) == rotated == key
    activity = Activity.objects.get(action="key.rotated")
    assert (activity.before["prefix"], activity.after["prefix"]) == (key.prefix, rotated.prefix)


def test_in_its_grace_the_old_text_opens_too(made: tuple[ApiKey, str]) -> None:
    key, old = made
    rotated, new = rotate_api_key(key=key, grace=timedelta(hours=1))
    assert rotated.old_is_valid
    assert find_key(old) == find_key(new) == key
    ApiKey.objects.update(old_expires_at=timezone.now() - timedelta(seconds=1))
    assert find_key(old) is None
    assert find_key(new) == key


def test_revoked_both_texts_end(made: tuple[ApiKey, str]) -> None:
    key, old = made
    _, new = rotate_api_key(key=key, grace=timedelta(hours=1))
    revoke_api_key(key=key)
    assert find_key(old) is None and find_key(new) is None
    with pytest.raises(UserError, match="stays so"):
        rotate_api_key(key=key)


def test_a_change_is_recorded_with_before_and_after(made: tuple[ApiKey, str], alice: User) -> None:
    key, token = made
    until = timezone.now() + timedelta(days=1)
    scopes = [Scope.SYNC, Scope.READ]
    change_api_key(key=key, name="Desk", scopes=scopes, expires_at=until, actor=Actor(user=alice))
    found = find_key(token)
    assert found is not None
    assert (found.name, found.scopes, found.expires_at) == ("Desk", ["read", "sync"], until)
    activity = Activity.objects.get(action="key.changed")
    assert activity.before == {"name": "Laptop", "scopes": ["search"], "expires_at": None}
    assert activity.after["scopes"] == ["read", "sync"]
    change_api_key(key=found, name="Desk", scopes=scopes, expires_at=until, actor=Actor(user=alice))
    assert Activity.objects.filter(action="key.changed").count() == 1


def test_a_key_cannot_end_in_the_past(made: tuple[ApiKey, str], workspace: Workspace) -> None:
    past = timezone.now() - timedelta(seconds=1)
    with pytest.raises(UserError, match="future"):
        create_api_key(workspace=workspace, name="Late", scopes=[Scope.SEARCH], expires_at=past)
    with pytest.raises(UserError, match="future"):
        change_api_key(key=made[0], name="Late", scopes=[Scope.SEARCH], expires_at=past)
