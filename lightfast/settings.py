"""Settings, read from the environment (or `.env`) only; `NAME_FILE` names a file that holds the secret `NAME`."""

import os
from pathlib import Path
from typing import Any

import django_stubs_ext
from csp.constants import NONCE, NONE, SELF
from pythonjsonlogger.core import RESERVED_ATTRS

from lightfast.lib.environment import Environment
from lightfast.lib.logins import login_providers, origins
from lightfast.lib.secret import local_secret

django_stubs_ext.monkeypatch()  # classes of Django take their type arguments at run time, too

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()
if env.bool("READ_DOTENV", True) and (BASE_DIR / ".env").exists():
    env.read_env(BASE_DIR / ".env")

# Where the embedded database, clones and generated secrets live.
STATE_DIR = Path(env.str("STATE_DIR", str(BASE_DIR / ".lightfast"))).resolve()
DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY", "") or local_secret(STATE_DIR, "secret_key")
# Newest first: the first key encrypts, all of them decrypt.
ENCRYPTION_KEYS = env.list("ENCRYPTION_KEYS", default=[]) or [local_secret(STATE_DIR, "encryption_key")]
API_KEY_PEPPER = env.str("API_KEY_PEPPER", "") or SECRET_KEY

BASE_URL = env.str("BASE_URL", "http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[BASE_URL])
HTTPS = BASE_URL.startswith("https://")
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", HTTPS)
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 31_536_000 if HTTPS else 0)
SILENCED_SYSTEM_CHECKS = [
    "security.W005",
    "security.W021",
]  # what is true of other subdomains is not ours to know
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_SUBDOMAINS", False)
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("TRUST_FORWARDED_PROTO", False) else None
)
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0)  # each adds one address to X-Forwarded-For
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "lightfast_session", "lightfast_csrf"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.forms",  # for the templates of widgets
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.usersessions",
    "corsheaders",
    "csp",
    "django_htmx",
    "template_partials",
    "django_dramatiq",
    "ninja",
    "lightfast",
    "console",
    "ingestion",
    "search",
]

MIDDLEWARE = [
    "lightfast.lib.request_id.RequestIdMiddleware",
    "lightfast.health.HealthMiddleware",
    "lightfast.lib.client_address.ClientAddressMiddleware",
    "lightfast.lib.problem.ApiProblemMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "ingestion.views.webhooks.InboxMiddleware",
    "csp.middleware.CSPMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "console.middleware.FragmentMiddleware",
    "console.limits.RateLimitMiddleware",
]
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY: dict[str, dict[str, list[Any]]] = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

ROOT_URLCONF = "lightfast.urls"
WSGI_APPLICATION = "lightfast.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "console.shell.shell",
            ],
            "builtins": [
                "django.templatetags.static",
                "template_partials.templatetags.partials",
                "console.templatetags.ui",
            ],
        },
    }
]

FORM_RENDERER = "console.rendering.FormRenderer"

# No DATABASE_URL: the embedded Postgres, started by the first connection that needs it.
DATABASE_URL = env.str("DATABASE_URL", "")
if DATABASE_URL:
    DATABASES: dict[str, dict[str, Any]] = {"default": env.db_url_config(DATABASE_URL)}
    DATABASES["default"]["ENGINE"] = "django.db.backends.postgresql"
else:
    DATABASES = {
        "default": {
            "ENGINE": "lightfast.embedded_backend",
            "NAME": "lightfast",
            "STATE_DIR": STATE_DIR / "postgres",
            "DURABLE": env.bool("EMBEDDED_DURABLE", True),  # off only where losing the data is no loss: tests
        }
    }
DATABASES["default"]["CONN_MAX_AGE"] = env.int("DATABASE_CONN_MAX_AGE", 60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Counters that all processes share, such as those of rate limits. No CACHE_URL: a table.
CACHE_URL = env.str("CACHE_URL", "")
CACHES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": CACHE_URL}
    if CACHE_URL
    else {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}
}

# Background work. No BROKER_URL: the queue lives in Postgres.
BROKER_URL = env.str("BROKER_URL", "")
DRAMATIQ_BROKER: dict[str, Any] = {
    "BROKER": "lightfast.broker.broker_from_settings",
    "OPTIONS": {},
    "MIDDLEWARE": [
        "dramatiq.middleware.AgeLimit",
        "dramatiq.middleware.TimeLimit",
        "dramatiq.middleware.ShutdownNotifications",
        "dramatiq.middleware.Callbacks",
        "dramatiq.middleware.Pipelines",
        "dramatiq.middleware.Retries",
        "django_dramatiq.middleware.DbConnectionsMiddleware",
        "lightfast.lib.log_context.MessageContextMiddleware",
        "lightfast.lib.in_hand.GiveBack",
    ],
}
DRAMATIQ_AUTODISCOVER_MODULES = ("actors",)
WORKER_PROCESSES = env.int("WORKER_PROCESSES", 2)
WORKER_THREADS = env.int("WORKER_THREADS", 2)
# A worker takes no message that it cannot begin at once: another may be idle. Dramatiq reads this where it is imported.
os.environ.setdefault("dramatiq_queue_prefetch", str(WORKER_THREADS))
SCHEDULER_INTERVAL = env.int("SCHEDULER_INTERVAL", 60)
SCHEDULER_TICKS = ["ingestion.schedule.tick", "search.schedule.tick", "console.schedule.tick"]
DOCTOR_EXAMS = [
    *(f"lightfast.doctor.{name}" for name in ("configuration", "database", "queue", "disk", "mail")),
    *(f"ingestion.doctor.{name}" for name in ("embedders", "work", "sources", "index", "vector_indexes")),
]

# Ingestion.
EMBEDDER = env.str("EMBEDDER", "")  # "", "local" or "voyage"; "" is voyage where its key is set, else local
VOYAGE_API_KEY = env.str("VOYAGE_API_KEY", "")
VOYAGE_BASE_URL = env.str("VOYAGE_BASE_URL", "")
VOYAGE_MODEL = env.str("VOYAGE_MODEL", "voyage-code-3")
VOYAGE_RERANK_MODEL = env.str("VOYAGE_RERANK_MODEL", "")  # of thorough searches; "" is none
VOYAGE_DIMENSIONS = env.int("VOYAGE_DIMENSIONS", 1024)
LOCAL_EMBEDDER_THREADS = env.int("LOCAL_EMBEDDER_THREADS", 1)
BATCH_DOCUMENTS = env.int("BATCH_DOCUMENTS", 25)
BATCH_TOKENS = env.int("BATCH_TOKENS", 50_000)
RUN_CONCURRENCY = env.int("RUN_CONCURRENCY", 2)  # batches of one run in flight
LEASE_SECONDS = env.int("LEASE_SECONDS", 300)  # after this an item of a silent worker is taken over
VECTOR_INDEX_FROM = env.int("VECTOR_INDEX_FROM", 50_000)  # vectors; fewer are all looked at, 0: always
VECTOR_INDEX_MEMORY = env.int("VECTOR_INDEX_MEMORY", 1_073_741_824)  # bytes, of a build
PUSH_DEBOUNCE_SECONDS = env.int("PUSH_DEBOUNCE_SECONDS", 5)
RETENTION_DAYS = env.int("RETENTION_DAYS", 90)
ALLOW_PRIVATE_HOSTS = env.bool("ALLOW_PRIVATE_HOSTS", False)

# What Lightfast is at the providers of its sources; for GitHub, an App made from a page stands in for unset values.
SOURCES: dict[str, dict[str, dict[str, Any]]] = {
    "git": {
        "config": {"copy_bytes": env.int("GIT_COPY_BYTES", 4_294_967_296)},  # of a repository, at once
        "secrets": {},
    },
    "github": {
        "config": {
            "api_url": env.str("GITHUB_API_URL", "https://api.github.com").rstrip("/"),
            "app_id": env.str("GITHUB_APP_ID", ""),
            "app_slug": env.str("GITHUB_APP_SLUG", ""),
            "client_id": env.str("GITHUB_CLIENT_ID", ""),
            "timeout": env.int("GITHUB_TIMEOUT", 15),  # seconds
            "pause": env.float("GITHUB_PAUSE", 0.07),  # seconds between two calls of a worker
            "archive_from": env.int("GITHUB_ARCHIVE_FROM", 20),  # files; fewer are fetched one by one
            "archive_bytes": env.int("GITHUB_ARCHIVE_BYTES", 2_147_483_648),
            "commit_depth": env.int("GITHUB_COMMIT_DEPTH", 500),
        },
        "secrets": {
            "private_key": env.str("GITHUB_APP_PRIVATE_KEY", "").replace("\\n", "\n"),
            "webhook_secret": env.str("GITHUB_WEBHOOK_SECRET", ""),
            "client_secret": env.str("GITHUB_CLIENT_SECRET", ""),
        },
    },
}

# Search.
LINE_SEARCH_BUDGET = env.int("LINE_SEARCH_BUDGET", 250)  # milliseconds of an exact or regex search

# The API. Requests of one key in a minute, by what they do; 0 is without limit.
RATE_LIMIT_SEARCH = env.int("RATE_LIMIT_SEARCH", 120)
RATE_LIMIT_READ = env.int("RATE_LIMIT_READ", 600)
RATE_LIMIT_SYNC = env.int("RATE_LIMIT_SYNC", 60)
RATE_LIMIT_ADMIN = env.int("RATE_LIMIT_ADMIN", 60)
# Pages of other origins that may call the API from a browser.
CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", default=[])
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_HEADERS = ["accept", "authorization", "content-type", "idempotency-key", "x-request-id"]
CORS_EXPOSE_HEADERS = [
    "RateLimit", "RateLimit-Policy", "Retry-After", "Server-Timing", "X-Request-ID", "Idempotency-Replayed",
]  # fmt: skip

# People.
AUTH_USER_MODEL = "console.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
SIGNUP = env.str("SIGNUP", "open")  # or "invited"
ACCOUNT_ADAPTER = "console.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FORM_CLASS = "console.accounts.SignupForm"
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = env.str("EMAIL_VERIFICATION", "optional")
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True  # of a changed password, an added passkey
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
MFA_ADAPTER = "console.accounts.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Lightfast"
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS  # browsers offer passkeys there on localhost only
SOCIALACCOUNT_ADAPTER = "console.accounts.SocialAccountAdapter"
SOCIALACCOUNT_PROVIDERS = login_providers(
    github=SOURCES["github"],
    oidc={
        "name": env.str("OIDC_NAME", "Single sign-on"),
        "server_url": env.str("OIDC_SERVER_URL", "").rstrip("/"),
        "client_id": env.str("OIDC_CLIENT_ID", ""),
        "client_secret": env.str("OIDC_CLIENT_SECRET", ""),
    },
)
INSTALLED_APPS += [f"allauth.socialaccount.providers.{name}" for name in SOCIALACCOUNT_PROVIDERS]
# Browsers look at where the answer to a form leads, too: logins elsewhere begin with one.
CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"] += origins(SOCIALACCOUNT_PROVIDERS)
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("DEFAULT_FROM_EMAIL", "lightfast@localhost")

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / "staticfiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-us"
USE_I18N = False

LOG_FORMAT = env.str("LOG_FORMAT", "line")  # or "json", an object a line
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"context": {"()": "lightfast.lib.log_context.ContextFilter"}},
    "formatters": {
        "line": {
            "()": "lightfast.lib.redact.RedactingFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s [%(context)s] %(message)s",
        },
        "json": {
            "()": "lightfast.lib.redact.RedactingJsonFormatter",
            "fmt": ["timestamp", "levelname", "name", "message"],
            "rename_fields": {"levelname": "level", "name": "logger"},
            "reserved_attrs": [*RESERVED_ATTRS, "context"],
            "timestamp": True,
        },
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["context"]}
    },
    "loggers": {"mcp": {"level": "WARNING"}},  # it tells of every request
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", "INFO")},
}

# Watching. The addresses of a Sentry and of an OpenTelemetry collector (OTLP over HTTP); unset: nothing is sent.
METRICS_TOKEN = env.str("METRICS_TOKEN", "")
METRIC_COLLECTORS = ["lightfast.metrics.DatabaseCollector", "ingestion.metrics.WorkCollector"]
if METRICS_TOKEN:
    # What counts answers stands before what gives some early.
    _early = MIDDLEWARE.index("ingestion.views.webhooks.InboxMiddleware")
    MIDDLEWARE = [
        "django_prometheus.middleware.PrometheusBeforeMiddleware",
        *MIDDLEWARE[:_early],
        "django_prometheus.middleware.PrometheusAfterMiddleware",
        *MIDDLEWARE[_early:],
    ]
SENTRY_DSN = env.str("SENTRY_DSN", "")
SENTRY_TRACES_SAMPLE_RATE = env.float("SENTRY_TRACES_SAMPLE_RATE", 0.0)
OTEL_EXPORTER_OTLP_ENDPOINT = env.str("OTEL_EXPORTER_OTLP_ENDPOINT", "")
