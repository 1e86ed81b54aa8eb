"""`manage.py doctor` names what is wrong and what to do."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django.fixtures import Settings

from ingestion.models import Chunk, Delivery, Integration, Run, Trigger, Vector


def examine(capsys: pytest.CaptureFixture[str]) -> tuple[bool, str]:
    """Return whether there was no error, and what was printed."""
    try:
        call_command("doctor")
        sound = True
    except CommandError:
        sound = False
    return sound, capsys.readouterr().out


def test_a_sound_installation_is_told_so(
    indexed: Integration, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    sound, said = examine(capsys)
    assert sound, said
    assert "pgvector" in said
    assert "1 indexes hold what their documents say." in said
    assert "all-MiniLM-L6-v2" in said


def test_work_that_nobody_does_is_an_error(indexed: Integration, capsys: pytest.CaptureFixture[str]) -> None:
    hour_ago = timezone.now() - timedelta(hours=1)
    Run.objects.create(
        workspace=indexed.workspace, integration=indexed, trigger=Trigger.PUSH, due_at=hour_ago
    )
    delivery = Delivery.objects.create(provider="github", delivery_id="1", event="push", body=b"")
    Delivery.objects.filter(pk=delivery.pk).update(created_at=hour_ago)
    sound, said = examine(capsys)
    assert not sound
    assert "1 runs and 1 deliveries have waited" in said
    assert "Is a worker running" in said


def test_a_scheduler_that_sleeps_is_an_error(
    indexed: Integration, capsys: pytest.CaptureFixture[str]
) -> None:
    Integration.objects.filter(pk=indexed.pk).update(next_sync_at=timezone.now() - timedelta(hours=1))
    sound, said = examine(capsys)
    assert not sound
    assert "scheduler running?" in said


def test_an_index_that_lost_rows_is_an_error(
    indexed: Integration, capsys: pytest.CaptureFixture[str]
) -> None:
    chunk = Chunk.objects.first()
    assert chunk is not None
    Vector.objects.exclude(pk=chunk.pk).first().delete()  # type: ignore[union-attr]
    Chunk.objects.filter(document=chunk.document).delete()
    sound, said = examine(capsys)
    assert not sound
    assert "misses 1 vectors and the chunks of 1 documents" in said


def test_a_source_that_needs_somebody_is_a_warning(
    indexed: Integration, capsys: pytest.CaptureFixture[str]
) -> None:
    Integration.objects.filter(pk=indexed.pk).update(state="blocked", state_reason="The token was refused.")
    sound, said = examine(capsys)
    assert sound
    assert "The token was refused." in said


def test_an_embedder_without_its_key_is_an_error(
    db: None, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.EMBEDDER, settings.VOYAGE_API_KEY = "voyage", ""
    sound, said = examine(capsys)
    assert not sound
    assert "VOYAGE_API_KEY" in said


def test_a_mail_server_that_is_away_is_an_error(
    db: None, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    sound, said = examine(capsys)
    assert not sound
    assert "The mail server does not answer" in said


def test_secrets_that_others_may_read_are_an_error(
    db: None, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    secrets = settings.STATE_DIR / "secrets"
    before = secrets.stat().st_mode
    secrets.chmod(0o755)
    try:
        sound, said = examine(capsys)
    finally:
        secrets.chmod(before)
    assert not sound
    assert "Others may read" in said
