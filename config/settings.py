"""One settings module. Embedded and production installations differ by environment variables only (docs/operate.md)."""

from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config.keys import weakness

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

VAR_DIR = Path(env.str("PILOTAGE_VAR", default=str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)

DEBUG = env.bool("DEBUG", default=False)
# Role cards, a movable clock and a mailbox that never leaves the machine.
DEMO = env.bool("PILOTAGE_DEMO", default=False)
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
# Acts on a whole batch do this many items in the request; more are left to jobs with progress.
BULK_INLINE = env.int("PILOTAGE_BULK_INLINE", default=40)
_HOST = urlsplit(SITE_URL).hostname or "127.0.0.1"
LOCAL_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[*LOCAL_HOSTS, _HOST])


def _secret_key():
    """From the environment or a file; a local installation makes its own once and keeps it."""
    given = env.str("SECRET_KEY", default="")
    file = Path(env.str("SECRET_KEY_FILE", default=str(VAR_DIR / "secret_key")))
    if given:
        return given
    if not file.exists():
        if (
            env.str("DATABASE_URL", default="").startswith("postgres")
            and not DEBUG
            and not env.bool("CI", default=False)
        ):
            raise ImproperlyConfigured("set SECRET_KEY or SECRET_KEY_FILE for a production installation")
        from django.core.management.utils import get_random_secret_key  # noqa: PLC0415

        file.write_text(get_random_secret_key(), encoding="ascii")
        file.chmod(0o600)
    return file.read_text(encoding="ascii").strip()


SECRET_KEY = _secret_key()
# Where it counts, a key that can be guessed is no start at all.
if SITE_URL.startswith("https://") and not DEBUG and (_words := weakness(SECRET_KEY)):
    raise ImproperlyConfigured(f"the secret key {_words}")

INSTALLED_APPS = [
    "config.apps.ConfigConfig",
    "templates.apps.TemplatesConfig",
    "workflows.apps.WorkflowsConfig",
    "approvals.apps.ApprovalsConfig",
    "pilots.apps.PilotsConfig",
    "notifications.apps.NotificationsConfig",
    "accounts.apps.AccountsConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "config.apps.OwnStaticFiles",
    "django.forms",
    "django_htmx",
    "csp",
    "lucide",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "viewflow",
    "viewflow.workflow",
]

MIDDLEWARE = [
    "config.requests.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.language.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.requests.PersonMiddleware",
    "accounts.access.AccessMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.shell.shell",
            ],
        },
    }
]

# --- database -------------------------------------------------------------------------------------------------------
DATABASE_URL = env.str("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'pilotage.sqlite3'}")
DATABASES = {"default": env.db_url_config(DATABASE_URL)}
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Without IMMEDIATE half of all simultaneous presses die with "database is locked" (see docs/decisions.md).
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
else:
    DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c lock_timeout=3000"
# Where pg_dump and pg_restore are, when not on the PATH or not as new as the server.
PG_BIN = env.str("PILOTAGE_PG_BIN", default="")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- people ---------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", **({"OPTIONS": {"min_length": 12}} if "Minimum" in name else {})}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator")
]  # fmt: skip
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/desk/"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_ADAPTER = "accounts.adapter.ClosedDoorAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
# Scripts take the token out of the form.
CSRF_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_HTTPONLY, LANGUAGE_COOKIE_SAMESITE = True, "Lax"

# --- language and time ----------------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("简体中文")), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
USE_THOUSAND_SEPARATOR = False

# --- files ----------------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("PILOTAGE_STATIC", default=str(VAR_DIR / "static")))
FILES_DIR = Path(env.str("FILES_DIR", default=str(VAR_DIR / "files")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if env.bool("PILOTAGE_PLAIN_STATIC", default=DEBUG)
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = env.bool("PILOTAGE_PLAIN_STATIC", default=DEBUG)
# No application may hold more than this, whatever its rules say.
UPLOAD_TOTAL_MB = env.int("PILOTAGE_UPLOAD_TOTAL_MB", default=500)
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# --- signatures -----------------------------------------------------------------------------------------------------
# Who signs certificates (docs/signatures.md). Without a word about it: the demonstration's own authority, under var.
SIGNER = env.str("PILOTAGE_SIGNER", default="demo")
SIGNER_DIR = Path(env.str("PILOTAGE_SIGNER_DIR", default=str(VAR_DIR / "signing")))
SIGNER_OPTIONS = {
    name: env.str(f"PILOTAGE_SIGNER_{name.upper()}", default="")
    for name in (
        "key_file",
        "chain_file",
        "password_file",
        "module",
        "token_label",
        "key_label",
        "pin_file",
        "url",
        "token_file",
    )
}
# What signatures and timestamps are checked by, PEM. Empty: the last certificate of the signer's chain.
SIGNER_ROOTS_FILE = env.str("PILOTAGE_SIGNER_ROOTS_FILE", default="")
# The QR code carries a signed fragment besides, so that a saved page can check a paper without a network; it gets finer.
OFFLINE_QR = env.bool("PILOTAGE_OFFLINE_QR", default=False)
TSA_URL = env.str("PILOTAGE_TSA_URL", default="")
TSA_ROOTS_FILE = env.str("PILOTAGE_TSA_ROOTS_FILE", default="")

# --- mail -----------------------------------------------------------------------------------------------------------
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="smtp://127.0.0.1:25")
EMAIL_BACKEND = EMAIL_CONFIG["EMAIL_BACKEND"]
EMAIL_HOST, EMAIL_PORT = EMAIL_CONFIG["EMAIL_HOST"], EMAIL_CONFIG["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = EMAIL_CONFIG["EMAIL_HOST_USER"], EMAIL_CONFIG["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS, EMAIL_USE_SSL = EMAIL_CONFIG.get("EMAIL_USE_TLS", False), EMAIL_CONFIG.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 20
if DEMO and not env.str("EMAIL_URL", default=""):
    EMAIL_BACKEND = "notifications.mailbox.DemoMailbox"
MAIL_DOMAIN = env.str("MAIL_DOMAIN", default=_HOST)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"pilotage@{MAIL_DOMAIN}")

# What left the house: outside the database and outside its backups, best on another volume (docs/operate.md).
SENT_LOG = Path(env.str("PILOTAGE_SENT_LOG", default=str(VAR_DIR / "outside" / "sent.sqlite3")))
# The roots of the ledger's log, signed: outside the database, best where nobody who may write it can write (docs/ledger.md).
ANCHOR_LOG = Path(env.str("PILOTAGE_ANCHOR_LOG", default=str(VAR_DIR / "anchors" / "anchors.jsonl")))
ANCHOR_HOURS = env.int("PILOTAGE_ANCHOR_HOURS", default=24)
# Each new root is also mailed to the auditors.
ANCHOR_MAIL = env.bool("PILOTAGE_ANCHOR_MAIL", default=False)
# Networks and hosts that messages to other systems may go to although they are not public.
OUTGOING_ALLOW = env.list("PILOTAGE_OUTGOING_ALLOW", default=[])

# --- background -----------------------------------------------------------------------------------------------------
CELERY_BROKER_URL = env.str("BROKER_URL", default="filesystem://")
# The web process only hints; where no worker listens (tests, play) nothing is hinted.
WAKE_WORKER = env.bool("PILOTAGE_WAKE_WORKER", default=True)
if CELERY_BROKER_URL == "filesystem://":
    _QUEUE = VAR_DIR / "broker"
    for part in ("queue", "processed", "control"):
        (_QUEUE / part).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_QUEUE / "queue"),
        "data_folder_out": str(_QUEUE / "queue"),
        "processed_folder": str(_QUEUE / "processed"),
        "control_folder": str(_QUEUE / "control"),
        "polling_interval": 1.0,
    }
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = {"tick": {"task": "pilotage.tick", "schedule": 30.0, "options": {"expires": 25}}}
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")

# --- safety ---------------------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
if SITE_URL.startswith("https://"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 31536000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    CSRF_TRUSTED_ORIGINS = [SITE_URL]
    # The prefix makes browsers refuse these names from a sister host, and without TLS (ASVS 3.3.3).
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    LANGUAGE_COOKIE_NAME, LANGUAGE_COOKIE_SECURE = "__Host-language", True
    # Asked by neighbours without TLS: a redirect would be taken for health.
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
# The demonstration may only run where nothing counts: on this very machine.
DEMO_ALLOWED = _HOST in {"127.0.0.1", "localhost", "::1"} and CELERY_BROKER_URL == "filesystem://"
SOURCE_URL = env.str("SOURCE_URL", default="/source/")

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
# The preload list is for whole domains, by whoever owns one: an office's site under gov.cn cannot decide that (decision 78).
SILENCED_SYSTEM_CHECKS = ["security.W021"]
# One JSON object a line for machines, or lines for people; nothing a stranger wrote can break either (config/logs.py).
LOG_FORMAT = env.str("PILOTAGE_LOG_FORMAT", default="plain")
LOG_LEVEL = env.str("LOG_LEVEL", default="WARNING")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"()": "config.logs.Plain"}, "json": {"()": "config.logs.Json"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "loggers": {
        # The file broker has no host name, and kombu says so at every start.
        # pyHanko tells with a traceback what is wrong with a stranger's file; the verdict says it in a word.
        **{name: {"level": "ERROR"} for name in ("kombu.connection", "pyhanko", "pyhanko_certvalidator")},
        # Requests, acts, jobs and sign-ins: what somebody who looks into a matter needs, and machines can read.
        "pilotage": {"level": "INFO" if LOG_FORMAT == "json" and LOG_LEVEL == "WARNING" else LOG_LEVEL},
        # Its own handler would write around ours.
        "django.server": {"handlers": [], "propagate": True},
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
}
# --- metrics --------------------------------------------------------------------------------------------------------
# /metrics is read from this machine, from these networks, or with the token in this file (config/metrics.py).
METRICS_ALLOW = env.list("PILOTAGE_METRICS_ALLOW", default=[])
METRICS_TOKEN_FILE = env.str("PILOTAGE_METRICS_TOKEN_FILE", default="")
