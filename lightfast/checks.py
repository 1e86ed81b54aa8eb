"""System checks: every misconfiguration that the settings alone can tell, and what to do about it."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, register
from django.http.request import validate_host

from lightfast.lib.checks import at_least
from lightfast.lib.secret import secret_path

BROKER_SCHEMES = ("redis", "rediss", "valkey", "valkeys", "amqp", "amqps")
LEAST = {
    "WORKER_PROCESSES": 1,
    "WORKER_THREADS": 1,
    "SCHEDULER_INTERVAL": 1,
    "RETENTION_DAYS": 1,
    "SECURE_HSTS_SECONDS": 0,
    "RATE_LIMIT_SEARCH": 0,
    "RATE_LIMIT_READ": 0,
    "RATE_LIMIT_SYNC": 0,
    "RATE_LIMIT_ADMIN": 0,
    "TRUSTED_PROXIES": 0,
    "LINE_SEARCH_BUDGET": 1,
}


@register
def addresses(**_: Any) -> list[CheckMessage]:
    """Check that the console is served where `BASE_URL` says."""
    base = urlsplit(settings.BASE_URL)
    if base.scheme not in ("http", "https") or not base.hostname:
        return [
            Error(
                f"BASE_URL is {settings.BASE_URL!r}, which is no address of a web page.",
                hint="Write it whole, as in BASE_URL=https://lightfast.example.com.",
                id="lightfast.E001",
            )
        ]
    found: list[CheckMessage] = []
    if not validate_host(base.hostname, settings.ALLOWED_HOSTS) and not settings.DEBUG:
        found.append(
            Error(
                f"BASE_URL leads to {base.hostname}, which ALLOWED_HOSTS does not serve.",
                hint=f"Add it: ALLOWED_HOSTS={','.join([*settings.ALLOWED_HOSTS, base.hostname])}.",
                id="lightfast.E002",
            )
        )
    if settings.HTTPS and settings.SECURE_SSL_REDIRECT and not settings.SECURE_PROXY_SSL_HEADER:
        found.append(
            checks.Warning(
                "HTTP is redirected to HTTPS, and no proxy is trusted to say which of the two a request used.",
                hint="Lightfast speaks HTTP: set TRUST_FORWARDED_PROTO=true if the proxy before it always sets "
                "X-Forwarded-Proto, or SECURE_SSL_REDIRECT=false if the proxy redirects.",
                id="lightfast.W001",
            )
        )
    return found


@register
def broker(**_: Any) -> list[CheckMessage]:
    """Check that `BROKER_URL` names a broker there is."""
    scheme, _separator, rest = settings.BROKER_URL.partition("://")
    if not settings.BROKER_URL or (scheme in BROKER_SCHEMES and rest):
        return []
    return [
        Error(
            f"BROKER_URL begins with {scheme!r}, which is no broker that Lightfast knows.",
            hint="Use redis://, rediss://, amqp:// or amqps:// with a host. Unset, Postgres is the queue.",
            id="lightfast.E003",
        )
    ]


@register
def secrets(**_: Any) -> list[CheckMessage]:
    """Check that machines which share a database share their secrets, too."""
    if not settings.DATABASE_URL:
        return []
    own = {"SECRET_KEY": settings.SECRET_KEY, "ENCRYPTION_KEYS": ",".join(settings.ENCRYPTION_KEYS)}
    files = {"SECRET_KEY": "secret_key", "ENCRYPTION_KEYS": "encryption_key"}
    found: list[CheckMessage] = []
    for name, value in own.items():
        path = secret_path(settings.STATE_DIR, files[name])
        if path.exists() and path.read_text() == value:
            found.append(
                checks.Warning(
                    f"{name} is unset, so that each machine makes its own, while the database is shared.",
                    hint=f"Give {name} the content of {path}, on every machine.",
                    id="lightfast.W002",
                )
            )
    return found


@register
def numbers(**_: Any) -> list[CheckMessage]:
    """Check that counts and durations are such."""
    return [*at_least(LEAST, code="lightfast.E004")]
