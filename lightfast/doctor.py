"""The examination of what everything stands on: configuration, database, queue, disk, mail."""

import shutil
from collections.abc import Iterator

from django.conf import settings
from django.core import checks
from django.core.mail import get_connection
from django.db import DatabaseError, connection

from lightfast import health
from lightfast.lib.findings import Finding, error, ok, warning

FREE_BYTES = 2_000_000_000
POSTGRES, VECTOR = 150_000, (0, 8)
VERSIONS = """
SELECT current_setting('server_version'), current_setting('server_version_num')::int,
       (SELECT extversion FROM pg_extension WHERE extname = 'vector'),
       EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm')
"""
CONNECTIONS = """
SELECT count(*), current_setting('max_connections')::int FROM pg_stat_activity WHERE backend_type = 'client backend'
"""


def configuration() -> Iterator[Finding]:
    """Examine the settings with Django's checks, those for deployment among them where BASE_URL is public."""
    found = checks.run_checks(include_deployment_checks=settings.HTTPS)
    for message in found:
        said = f"{message.msg} ({message.id})"
        hint = message.hint or ""
        yield error(said, hint) if message.is_serious() else warning(said, hint)
    if not found:
        yield ok("The settings are sound.")
    if not settings.HTTPS and settings.BASE_URL != "http://127.0.0.1:8000":
        yield warning(
            "BASE_URL begins with http://: passwords and keys cross the network in the clear.",
            "Put a proxy with a certificate before Lightfast and set BASE_URL=https://….",
        )


def database() -> Iterator[Finding]:
    """Examine the database's version, extensions, migrations and room for connections."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(VERSIONS)
            version, number, vector, trigrams = cursor.fetchone() or ("", 0, None, False)
            cursor.execute(CONNECTIONS)
            used, most = cursor.fetchone() or (0, 1)
        if not health.is_migrated():
            yield error("The database is older than this program.", "Run: manage.py migrate")
    except DatabaseError as problem:
        yield error(f"The database does not answer: {problem}", "Start it, or set DATABASE_URL right.")
        return
    if number < POSTGRES:
        yield error(f"PostgreSQL is {version}.", "Lightfast needs 15 or newer.")
    elif vector is None or tuple(map(int, vector.split(".")[:2])) < VECTOR:
        yield error(f"pgvector is {vector or 'not there'}.", "Install 0.8 or newer, then: manage.py migrate")
    elif not trigrams:
        yield error("pg_trgm is not there.", "As a superuser: CREATE EXTENSION pg_trgm")
    else:
        yield ok(f"PostgreSQL {version} with pgvector {vector} answers.")
    if used > 0.8 * most:
        yield warning(
            f"{used} of {most} connections are in use.",
            "Raise max_connections, or run fewer processes and threads; docs/operations.md has the sums.",
        )


def queue() -> Iterator[Finding]:
    """Examine whether the broker answers."""
    where = settings.BROKER_URL.partition("://")[0] or "Postgres"
    try:
        health.ping_broker()
    except Exception as problem:  # noqa: BLE001 - each broker's client has its own
        yield error(f"The queue in {where} does not answer: {problem}", "Start it, or set BROKER_URL right.")
    else:
        yield ok(f"The queue in {where} answers.")


def disk() -> Iterator[Finding]:
    """Examine the room and the permissions of STATE_DIR."""
    free = shutil.disk_usage(settings.STATE_DIR).free
    room = f"{free / 1_000_000_000:.1f} GB are free in {settings.STATE_DIR}"
    if free < FREE_BYTES:
        yield warning(f"Only {room}.", "Make room: clones and the embedded database live there.")
    else:
        yield ok(f"{room}.")
    secrets = settings.STATE_DIR / "secrets"
    if secrets.exists() and secrets.stat().st_mode & 0o077:
        yield error(f"Others may read {secrets}.", f"chmod -R go= {secrets}")


def mail() -> Iterator[Finding]:
    """Examine whether mail can be sent."""
    if settings.EMAIL_BACKEND.endswith("console.EmailBackend"):
        yield warning(
            "Mail is only printed: nobody gets an invitation or a password reset.",
            "Set EMAIL_URL=smtp+tls://user:password@host:587.",
        )
        return
    try:
        with get_connection():
            yield ok("The mail server answers.")
    except OSError as problem:
        yield error(f"The mail server does not answer: {problem}", "Set EMAIL_URL right.")
