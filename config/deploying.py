"""System checks of an installation that counts: what `check --deploy` refuses besides what Django itself looks at."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.checks import Error, Tags, register

from config.keys import weakness

_HERE = ("", "127.0.0.1", "localhost", "::1")


@register(Tags.security, deploy=True)
def check_secret_key(app_configs, **kwargs):
    """A key that can be guessed signs anybody's session. Settings refuse it at the start; this names it."""
    if words := weakness(settings.SECRET_KEY):
        return [Error(f"SECRET_KEY {words}", id="pilotage.E005")]
    return []


@register(Tags.security, deploy=True)
def check_hosts(app_configs, **kwargs):
    """Any host name would be answered, and put into links that are mailed."""
    if any(host in ("*", ".") for host in settings.ALLOWED_HOSTS):
        return [Error("ALLOWED_HOSTS allows every host name", id="pilotage.E006")]
    return []


@register(Tags.security, deploy=True)
def check_https(app_configs, **kwargs):
    """Secure cookies, HSTS and links in mails all follow the public address."""
    if not settings.SITE_URL.startswith("https://"):
        return [Error("SITE_URL does not begin with https://", id="pilotage.E007")]
    return []


@register(Tags.security, deploy=True)
def check_lines_between_machines(app_configs, **kwargs):
    """What leaves this machine for the mail server or the identity provider does so encrypted; the broker knows who asks.

    TLS to broker and database is the operator's: on a network of their own there is none (docs/operate.md, The proxy).
    """
    found = []
    if settings.EMAIL_HOST not in _HERE and not (settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL):
        found.append(
            checks.Warning(
                f"mail to {settings.EMAIL_HOST} is not encrypted: use smtp+tls:// in EMAIL_URL", id="pilotage.W006"
            )
        )
    broker = urlsplit(settings.CELERY_BROKER_URL)
    if broker.scheme in ("redis", "amqp") and broker.hostname not in _HERE and not broker.password:
        found.append(checks.Warning("the broker on another machine asks for no password", id="pilotage.W007"))
    if settings.OIDC_URL and not settings.OIDC_URL.startswith("https://"):
        found.append(
            checks.Warning("the identity provider is asked without TLS: PILOTAGE_OIDC_URL", id="pilotage.W008")
        )
    return found


@register(Tags.security, deploy=True)
def check_demo(app_configs, **kwargs):
    """Cards that let anybody be anybody."""
    return [Error("PILOTAGE_DEMO is on", id="pilotage.E008")] if settings.DEMO else []


@register(Tags.security, deploy=True)
def check_second_wall(app_configs, **kwargs):
    """Asked for where there is none to be had."""
    if settings.ROW_WALL and not settings.DATABASES["default"]["ENGINE"].endswith("postgresql"):
        return [Error("PILOTAGE_ROW_WALL needs PostgreSQL", id="pilotage.E009")]
    return []
