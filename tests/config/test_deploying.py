"""`check --deploy` is silent for an installation that is right, and names each thing that is not."""

import ast
import os
import re
import secrets
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings

from config import deploying, keys

ROOT = Path(settings.BASE_DIR)
PRODUCTION = {
    "SITE_URL": "https://pilot.gov.test",
    "ALLOWED_HOSTS": "pilot.gov.test,127.0.0.1",
    "DATABASE_URL": "postgres://pilotage:long-and-random@db.gov.test/pilotage?sslmode=verify-full",
    "BROKER_URL": "redis://:long-and-random@redis.gov.test:6379/0",
    "EMAIL_URL": "smtp+tls://mailer:long-and-random@mail.gov.test:587",
    "PILOTAGE_LOG_FORMAT": "json",
}


def check(tmp_path, **more):
    environment = {"PATH": os.environ["PATH"], "PILOTAGE_VAR": str(tmp_path), "SECRET_KEY": secrets.token_urlsafe(60)}
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT, env=environment | PRODUCTION | more, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_production_installation_has_no_warning(tmp_path):
    done = check(tmp_path)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("planted", "named"),
    [
        ({"DEBUG": "1"}, "security.W018"),
        ({"SITE_URL": "http://pilot.gov.test"}, "pilotage.E007"),
        ({"ALLOWED_HOSTS": "*"}, "pilotage.E006"),
        ({"PILOTAGE_DEMO": "1"}, "pilotage.E004"),
        ({"EMAIL_URL": "smtp://mail.gov.test:25"}, "pilotage.W006"),
        ({"BROKER_URL": "redis://redis.gov.test:6379/0"}, "pilotage.W007"),
        ({"PILOTAGE_OIDC_URL": "http://id.gov.test/realms/x", "PILOTAGE_OIDC_CLIENT_ID": "x"}, "pilotage.W008"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_each_planted_fault_is_named(tmp_path, planted, named):
    done = check(tmp_path, **planted)
    assert done.returncode == 1
    assert named in done.stderr


@pytest.mark.parametrize(
    "key", ["short", "ab" * 40, "django-insecure-" + "x9Y" * 20, "changeme-" + "9f86d081884c7d659a2feaa0c55ad015" * 2]
)
def test_a_key_that_can_be_guessed_is_no_start_at_all(tmp_path, key):
    done = check(tmp_path, SECRET_KEY=key)
    assert done.returncode == 1
    assert "the secret key" in done.stderr
    assert keys.weakness(key)
    assert keys.weakness(secrets.token_urlsafe(60)) == ""


def test_the_checks_name_the_key_too(settings):
    settings.SECRET_KEY = "short"
    assert [one.id for one in deploying.check_secret_key(None)] == ["pilotage.E005"]


def test_what_is_silenced_has_a_reason():
    """One check, and decision 78 says why."""
    assert settings.SILENCED_SYSTEM_CHECKS == ["security.W021"]
    assert "W021" in (ROOT / "docs" / "decisions.md").read_text(encoding="utf-8")


# --- locks ----------------------------------------------------------------------------------------------------------
PACKAGES = ("accounts", "notifications", "pilots", "approvals", "workflows", "config")


def impatient(text):
    """Lines that lock a row without waiting for it: the loser of a race would see an error instead of its turn."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
        for word in node.keywords
        if word.arg == "nowait" and not (isinstance(word.value, ast.Constant) and word.value.value is False)
    ]


def test_nobody_locks_without_waiting():
    assert impatient("rows.select_for_update(nowait=True)") == [1], "the planted positive"
    files = [file for package in PACKAGES for file in (ROOT / package).rglob("*.py")]
    assert len(files) > 100
    assert [f"{file}:{line}" for file in files for line in impatient(file.read_text(encoding="utf-8"))] == []


def test_a_flow_that_does_not_wait_is_refused(monkeypatch):
    from viewflow.workflow.lock import SelectForUpdateLock

    from workflows import checks
    from workflows.flows import ApplyFlow

    monkeypatch.setattr(ApplyFlow, "lock_impl", SelectForUpdateLock(nowait=True))
    assert [one.id for one in checks.check_flows_lock(None)] == ["pilotage.E002"]
    monkeypatch.setattr(ApplyFlow, "lock_impl", SelectForUpdateLock(nowait=False))
    assert checks.check_flows_lock(None) == []


# --- what production sends ------------------------------------------------------------------------------------------
_ASKS = """
import django; django.setup()
from django.conf import settings
from django.core.management import call_command
call_command("migrate", run_syncdb=True, verbosity=0)
from django.test import Client
client = Client(SERVER_NAME="pilot.gov.test")
answer = client.get("/accounts/login/", secure=True)
print(answer.status_code, dict(answer.headers), [str(cookie) for cookie in client.cookies.values()])
print("plain", client.get("/accounts/login/").status_code, client.get("/readyz", SERVER_NAME="127.0.0.1").status_code)
client.post("/i18n/setlang/", {"language": "en"}, secure=True)
# Somebody signs in and changes the password, which the next page says: every cookie there is has been set.
call_command("createcachetable", verbosity=0)
from accounts.models import User
old, new = "a long sentence nobody guesses", "another sentence nobody guesses"
User.objects.create_user("x", password=old)
client.post("/accounts/login/", {"login": "x", "password": old}, secure=True)
client.post("/accounts/password/change/", {"oldpassword": old, "password1": new, "password2": new}, secure=True)
print([str(cookie) for cookie in client.cookies.values()])
"""
# Every cookie this system sets.
COOKIES = {"__Host-csrf", "__Host-session", "__Host-language", "__Host-known", "__Host-messages"}


def test_cookies_and_headers_of_production(tmp_path):
    environment = {"PATH": os.environ["PATH"], "PILOTAGE_VAR": str(tmp_path), "SECRET_KEY": secrets.token_urlsafe(60),
                   "DJANGO_SETTINGS_MODULE": "config.settings", "PILOTAGE_PLAIN_STATIC": "1"}  # fmt: skip
    given = environment | {"SITE_URL": "https://pilot.gov.test"}
    # Tables without migrations: only a sign-in page is asked for.
    code = _ASKS.replace(
        "from django.core",
        "from django.apps import apps\nsettings.MIGRATION_MODULES = {app.label: None for app in apps.get_app_configs()}\nfrom django.core", 1,
    )  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-1500:]
    first, plain, last = done.stdout.splitlines()
    assert "max-age=31536000; includeSubDomains" in first
    assert "__Host-csrf=" in first
    cookies = [one for one in ast.literal_eval(last) if "Set-Cookie" in one]
    assert {re.match(r"Set-Cookie: ([\w-]+)=", one)[1] for one in cookies} == COOKIES
    for cookie in cookies:
        for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
            assert word in cookie, cookie
        assert "Domain" not in cookie
    assert plain == "plain 301 200"


def test_pages_behind_a_sign_in_are_not_kept(world, client):
    assert "no-store" not in client.get("/").headers.get("Cache-Control", "")
    client.force_login(world.cast["officer"])
    assert client.get("/desk/").headers["Cache-Control"] == "private, no-store"


def test_a_key_is_made_once_whole_and_for_nobody_else(tmp_path):
    """Web, worker and beat of a small installation start at the same moment."""
    file = tmp_path / "secret_key"
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _n: keys.kept(file), range(64)))
    assert len(made) == 1
    assert keys.weakness(made.pop()) == ""
    assert file.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["secret_key"]


def test_a_volume_without_links_keeps_a_key_too(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "link", lambda *_args: (_ for _ in ()).throw(PermissionError()))
    key = keys.kept(tmp_path / "secret_key")
    assert keys.kept(tmp_path / "secret_key") == key
    assert [one.name for one in tmp_path.iterdir()] == ["secret_key"]
