"""One settings module. Embedded and production installations differ by environment variables only (docs/operate.md)."""

from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config.keys import kept, weakness

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

_KEY_FILE = Path(env.str("SECRET_KEY_FILE", default=str(VAR_DIR / "secret_key")))
SECRET_KEY = env.str("SECRET_KEY", default="")
_POSTGRES = env.str("DATABASE_URL", default="").startswith("postgres")
if not SECRET_KEY and not _KEY_FILE.exists() and _POSTGRES and not DEBUG and not env.bool("CI", default=False):
    raise ImproperlyConfigured("set SECRET_KEY or SECRET_KEY_FILE for a production installation")
# A local installation makes its own once and keeps it.
SECRET_KEY = SECRET_KEY or kept(_KEY_FILE)
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
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "viewflow",
    "viewflow.workflow",
]

MIDDLEWARE = [
    "config.requests.RequestMiddleware",
    "config.bodies.BodyMiddleware",
    "accounts.wall.WallMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "config.nothings.NothingMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.sessions.SessionLimits",
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
# A second wall in the database itself (accounts/wall.py); its policies are put up by `./manage.py wall`.
ROW_WALL = env.bool("PILOTAGE_ROW_WALL", default=False)
# Where pg_dump and pg_restore are, when not on the PATH or not as new as the server.
PG_BIN = env.str("PILOTAGE_PG_BIN", default="")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- people ---------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", **({"OPTIONS": {"min_length": 12}} if "Minimum" in name else {})}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator")
] + [{"NAME": "accounts.passwords.OfficeWordsValidator"}]  # fmt: skip
# More words that are no password here: the office's own name and what it is called for short.
PASSWORD_WORDS = env.list("PILOTAGE_PASSWORD_WORDS", default=[])
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/desk/"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "accounts.links.ResetTokens"  # noqa: S105 - a class, not a password
ACCOUNT_ADAPTER = "accounts.adapter.ClosedDoorAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
# Two limits a session ends at: nothing done for so long, and so long after signing in (trust.md A7).
IDLE_MINUTES = env.int("PILOTAGE_IDLE_MINUTES", default=30)
SESSION_HOURS = env.int("PILOTAGE_SESSION_HOURS", default=8)
# The row outlives the limit by a day, so that a page sent too late is still known for whose it was.
SESSION_COOKIE_AGE = (SESSION_HOURS + 24) * 3600
# The cookie goes when the browser is closed; "remember me" makes no sense beside an absolute limit.
ACCOUNT_SESSION_REMEMBER = False
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
# Scripts take the token out of the form.
CSRF_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_HTTPONLY, LANGUAGE_COOKIE_SAMESITE = True, "Lax"
# By which a browser is known from which somebody signed in before (accounts/throttle.py), and what a page says once.
KNOWN_COOKIE_NAME = "known"
MESSAGE_STORAGE = "config.flash.Flash"

# Wrong tries (trust.md A5, A6, G22). What is per address is coarse: an office sits behind one address.
ACCOUNT_RATE_LIMITS = {
    # Passwords and second factors, per account; the limit per address is in accounts/throttle.py.
    "login_failed": "5/30m/key",
    "login": "120/m/ip",
    "reauthenticate": "10/m/user",
    "change_password": "5/30m/user",
    "reset_password": "20/h/ip",
    "reset_password_from_key": "20/h/ip",
}
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
PASSWORD_RESET_TIMEOUT = 3600
# How many proxies of ours add to X-Forwarded-For; with https there is one, or nothing would speak TLS.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("PILOTAGE_PROXIES", default=1 if SITE_URL.startswith("https://") else 0)

# A second factor. The demonstration asks nobody for one: its cards would all end at the set-up page.
_MFA = env.str("PILOTAGE_MFA", default="required")
if _MFA not in {"required", "optional"}:
    raise ImproperlyConfigured("PILOTAGE_MFA is 'required' or 'optional'")
MFA_REQUIRED = _MFA == "required" and not DEMO
MFA_ADAPTER = "accounts.second_factor.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# Who may set one up is decided by an administrator making the account, not by a confirmed address.
MFA_ALLOW_UNVERIFIED_EMAIL = True
# Seconds in which a code counts: with tolerance a used code would count again, since it is remembered for one step.
MFA_TOTP_TOLERANCE = 0

# Single sign-on (docs/operate.md). Without an address there is none.
OIDC_URL = env.str("PILOTAGE_OIDC_URL", default="")
# The claim of the ID token that names the account (`User.username`).
OIDC_CLAIM = env.str("PILOTAGE_OIDC_CLAIM", default="preferred_username")
# Claims by which the other side vouches for a second factor, such as "amr:mfa" or "acr:https://…"; empty: it does not.
OIDC_MFA = env.list("PILOTAGE_OIDC_MFA", default=[])
SOCIALACCOUNT_ADAPTER = "accounts.sso.KnownAccountsAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": []}}
if OIDC_URL:
    _secret = env.str("PILOTAGE_OIDC_CLIENT_SECRET_FILE", default="")
    SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"] = [
        {
            "provider_id": "sso",
            "name": env.str("PILOTAGE_OIDC_NAME", default="") or urlsplit(OIDC_URL).hostname,
            "client_id": env.str("PILOTAGE_OIDC_CLIENT_ID"),
            "secret": Path(_secret).read_text(encoding="utf-8").strip() if _secret else "",
            "settings": {"server_url": OIDC_URL.rstrip("/"), "fetch_userinfo": False},
        }
    ]

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
# Uploads stop while the volume has less than this (MB): what is left is for certificates and the database.
STORAGE_RESERVE_MB = env.int("PILOTAGE_STORAGE_RESERVE_MB", default=500)
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
# A virus scanner every file is shown to before it is kept: unix:/path/to/clamd.ctl or host:port; empty: none.
CLAMD = env.str("PILOTAGE_CLAMD", default="")
# The largest body of one request (MB), all its files together; refused before it is read.
REQUEST_MB = env.int("PILOTAGE_REQUEST_MB", default=100)
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler", "config.bodies.QuarantineHandler"]
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
TICK_SECONDS = env.float("PILOTAGE_TICK_SECONDS", default=30.0)
CELERY_BEAT_SCHEDULE = {
    "tick": {"task": "pilotage.tick", "schedule": TICK_SECONDS, "options": {"expires": TICK_SECONDS * 5 / 6}}
}
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
    KNOWN_COOKIE_NAME = "__Host-known"
    # Asked by neighbours without TLS: a redirect would be taken for health.
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
# The demonstration may only run where nothing counts: on this very machine.
DEMO_ALLOWED = _HOST in {"127.0.0.1", "localhost", "::1"} and CELERY_BROKER_URL == "filesystem://"
SOURCE_URL = env.str("SOURCE_URL", default="/source/")

# In the database, because what is counted (tries, codes used) must be the same in every process (decision 76). Above
# MAX_ENTRIES entries are thrown out, and with them counts: it is far more than the limits per address let anybody make.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "pilotage_cache",
        "OPTIONS": {"MAX_ENTRIES": 1_000_000},
    }
}
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
