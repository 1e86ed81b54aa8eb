"""System checks name what is wrong in the settings, and what to do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.checks import run_checks
from pytest_django.fixtures import Settings

from lightfast.lib.secret import local_secret

ROOT = Path(__file__).resolve().parent.parent


def found() -> dict[str | None, str]:
    return {message.id: f"{message.msg} {message.hint}" for message in run_checks()}


def test_the_defaults_are_sound() -> None:
    assert found() == {}


@pytest.mark.parametrize(
    ("name", "value", "code", "told"),
    [
        ("BASE_URL", "lightfast.example.com", "lightfast.E001", "BASE_URL=https://"),
        ("BASE_URL", "https://lf.example.com", "lightfast.E002", "ALLOWED_HOSTS=127.0.0.1"),
        ("BROKER_URL", "kafka://queue", "lightfast.E003", "'kafka'"),
        ("BROKER_URL", "redis://", "lightfast.E003", "with a host"),
        ("WORKER_PROCESSES", 0, "lightfast.E004", "WORKER_PROCESSES is 0"),
        ("EMBEDDER", "openai", "ingestion.E001", "'openai'"),
        ("EMBEDDER", "voyage", "ingestion.E002", "VOYAGE_API_KEY is unset"),
        ("VOYAGE_DIMENSIONS", 8_000, "ingestion.E003", "1024"),
        ("BATCH_TOKENS", 0, "ingestion.E004", "1 or more"),
        ("PUSH_DEBOUNCE_SECONDS", -1, "ingestion.E004", "0 or more"),
    ],
)
def test_a_misconfiguration_is_explained(
    settings: Settings, name: str, value: object, code: str, told: str
) -> None:
    setattr(settings, name, value)
    assert told in found()[code]


@pytest.mark.parametrize("url", ["", "redis://cache:6379/0", "valkey://cache", "amqps://user:pw@queue/vhost"])
def test_every_broker_that_works_is_accepted(settings: Settings, url: str) -> None:
    settings.BROKER_URL = url
    assert "lightfast.E003" not in found()


def test_https_without_a_trusted_proxy_would_redirect_for_ever(settings: Settings) -> None:
    settings.HTTPS = settings.SECURE_SSL_REDIRECT = True
    assert "TRUST_FORWARDED_PROTO" in found()["lightfast.W001"]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert "lightfast.W001" not in found()


def test_machines_that_share_a_database_must_share_their_secrets(settings: Settings, tmp_path: Path) -> None:
    settings.STATE_DIR, settings.DATABASE_URL = tmp_path, "postgres://db/lightfast"
    assert "lightfast.W002" not in found()
    settings.ENCRYPTION_KEYS = [local_secret(tmp_path, "encryption_key")]
    assert "ENCRYPTION_KEYS" in found()["lightfast.W002"]


def check(**environment: str) -> str:
    """Return what `manage.py check` says in an environment."""
    result = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "lightfast.settings"} | environment,
        text=True,
        capture_output=True,
    )
    return result.stdout + result.stderr


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("BATCH_TOKENS", "many", "BATCH_TOKENS must be a whole number"),
        ("ALLOW_PRIVATE_HOSTS", "maybe", "ALLOW_PRIVATE_HOSTS must be true or false"),
        ("SECRET_KEY", "$ecret", r"SECRET_KEY begins with $"),
        ("VOYAGE_API_KEY_FILE", "/nowhere/key", "VOYAGE_API_KEY_FILE names a file that cannot be read"),
    ],
)
def test_a_value_that_cannot_be_read_is_named(name: str, value: str, told: str) -> None:
    assert told in check(**{name: value})


def test_a_secret_from_a_file_has_no_newline_at_its_end(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("pa-secret\n")
    code = "from django.conf import settings; print(repr(settings.VOYAGE_API_KEY), repr(settings.SECRET_KEY))"
    shown = subprocess.check_output(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "lightfast.settings",
            "VOYAGE_API_KEY_FILE": str(tmp_path / "key"),
            "SECRET_KEY": r"\$ecret",
        },
        text=True,
    )
    assert shown.split() == ["'pa-secret'", "'$ecret'"]


@pytest.mark.parametrize(
    ("config", "secrets", "code", "told"),
    [
        ({"app_id": "1"}, {}, "ingestion.github.E001", "GITHUB_APP_PRIVATE_KEY"),
        ({}, {"webhook_secret": "x"}, "ingestion.github.E001", "GITHUB_APP_ID"),
        ({}, {"private_key": "-----BEGIN"}, "ingestion.github.E002", ".pem"),
        ({"api_url": "https://github.com"}, {}, "ingestion.github.E003", "https://api.github.com"),
        ({"api_url": "api.github.com"}, {}, "ingestion.github.E003", "/api/v3"),
        ({"archive_from": 0}, {}, "ingestion.github.E004", "GITHUB_ARCHIVE_FROM is 0"),
        ({"pause": -1.0}, {}, "ingestion.github.E004", "Use 0 or more"),
    ],
)
def test_a_slip_in_the_settings_of_github_is_explained(
    config: dict[str, object], secrets: dict[str, str], code: str, told: str, settings: Settings
) -> None:
    given = settings.SOURCES["github"]
    settings.SOURCES = {
        "github": {"config": {**given["config"], **config}, "secrets": {**given["secrets"], **secrets}}
    }
    assert told in found()[code]


def test_a_bound_of_copies_that_no_repository_keeps_is_explained(settings: Settings) -> None:
    assert "ingestion.git.E001" not in found()
    settings.SOURCES = {"git": {"config": {"copy_bytes": 0}, "secrets": {}}}
    assert "GIT_COPY_BYTES is 0" in found()["ingestion.git.E001"]


def test_what_django_asks_of_a_deployment_is_so() -> None:
    production = {
        "PATH": os.environ["PATH"], "READ_DOTENV": "false", "DATABASE_URL": "postgres://lightfast@db/lightfast",
        "BASE_URL": "https://search.acme.example", "ALLOWED_HOSTS": "search.acme.example",
        "SECRET_KEY": "abcdefghij" * 6,
        "TRUST_FORWARDED_PROTO": "true", "ENCRYPTION_KEYS": "one", "API_KEY_PEPPER": "two",
    }  # fmt: skip
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(command, cwd=ROOT, env=production, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout
