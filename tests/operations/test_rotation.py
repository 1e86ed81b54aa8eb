"""Keys that encrypt secrets can be changed."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django.fixtures import Settings

from console.accounts import MfaAdapter
from console.models import Organization, User
from ingestion.models import Connection, ProviderApp, SharedSecret
from ingestion.vault import DatabaseVault
from lightfast.lib.crypto import DecryptionError


@pytest.fixture
def sealed(organization: Organization, settings: Settings) -> Connection:
    """Keep three kinds of secrets under the key `old`."""
    settings.ENCRYPTION_KEYS = ["old"]
    connection = Connection(organization=organization, kind="github", name="acme")
    connection.secrets = {"token": "s3cret"}
    connection.save()
    app = ProviderApp(kind="github", name="App")
    app.secrets = {"private_key": "pem"}
    app.save()
    DatabaseVault().put("token", "t0ken", timezone.now() + timedelta(hours=1))
    return connection


def test_the_old_key_may_go_after_a_rotation(
    sealed: Connection, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.ENCRYPTION_KEYS = ["new", "old"]
    call_command("rotate_encryption")
    assert "3 secrets are encrypted" in capsys.readouterr().out
    settings.ENCRYPTION_KEYS = ["new"]
    sealed.refresh_from_db()
    assert sealed.secrets == {"token": "s3cret"}
    assert ProviderApp.objects.get().secrets == {"private_key": "pem"}
    assert DatabaseVault().get("token") == "t0ken"


def test_without_a_rotation_it_may_not(sealed: Connection, settings: Settings) -> None:
    settings.ENCRYPTION_KEYS = ["new"]
    sealed.refresh_from_db()
    with pytest.raises(DecryptionError, match="Put the key"):
        _ = sealed.secrets


def test_what_no_key_opens_is_named_and_left_as_it_is(
    sealed: Connection, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    before = bytes(sealed.sealed_secrets)
    settings.ENCRYPTION_KEYS = ["new"]
    with pytest.raises(CommandError, match="3 could not be opened"):
        call_command("rotate_encryption")
    assert str(sealed.pk) in capsys.readouterr().err
    sealed.refresh_from_db()
    assert bytes(sealed.sealed_secrets) == before
    assert SharedSecret.objects.count() == 1


def test_second_factors_are_rotated_too(alice: User, settings: Settings) -> None:
    settings.ENCRYPTION_KEYS = ["old"]
    TOTP.activate(alice, "JBSWY3DPEHPK3PXP")
    codes = RecoveryCodes.activate(alice).get_unused_codes()
    settings.ENCRYPTION_KEYS = ["new", "old"]
    call_command("rotate_encryption")
    settings.ENCRYPTION_KEYS = ["new"]
    app, recovery = (Authenticator.objects.get(type=kind) for kind in ("totp", "recovery_codes"))
    assert MfaAdapter().decrypt(app.data["secret"]) == "JBSWY3DPEHPK3PXP"
    assert RecoveryCodes(recovery).get_unused_codes() == codes
