"""Logs: one line per event, whatever strangers write; who and what in each; and no secret of the installation, ever."""

import io
import json
import logging
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import RequestFactory, override_settings
from django.urls import path

from accounts import trail
from accounts.access import public
from config import logs
from config.requests import RequestMiddleware
from config.urls import handler500  # noqa: F401 - used as the URL conf of this module
from config.urls import urlpatterns as own
from notifications import jobs
from notifications.models import Job
from workflows import perform
from workflows.refusals import Refused

HOSTILE = "x\r\n2026-01-01 INFO root forged\u2028line\u0085\x1b[31m\u202ered\u202c"


@public
def fails(request):
    raise RuntimeError(f"cannot reach {settings.DATABASES['default'].get('PASSWORD') or 'nothing'}")


urlpatterns = [*own, path("fails/", fails, name="fails")]


@pytest.fixture(autouse=True)
def _fresh():
    logs.forget()
    yield
    logs.forget()


@pytest.fixture
def written():
    """`written()`: the lines that were logged, as objects."""
    out, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(out)
    handler.setFormatter(logs.Json())
    root.addHandler(handler)
    ours = logging.getLogger("pilotage")
    before = ours.level
    ours.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in out.getvalue().splitlines()]
    root.removeHandler(handler)
    ours.setLevel(before)


def record(message, *args, **more):
    return logging.makeLogRecord(
        {"name": "t", "msg": message, "args": args, "levelname": "ERROR", "levelno": 40, **more}
    )


def traceback_of(words):
    try:
        raise ValueError(words)
    except ValueError:
        return sys.exc_info()


# --- one line -------------------------------------------------------------------------------------------------------
def test_a_stranger_cannot_begin_a_line():
    line = logs.Json().format(record("seen %s", HOSTILE, exc_info=traceback_of(HOSTILE), who=HOSTILE))
    assert len(line.splitlines()) == 1
    assert not any(bad in line for bad in "\x1b\u2028\u202e\u0085\r\n")
    said = json.loads(line)
    assert said["event"] == f"seen {HOSTILE}", "nothing is lost: it can be read back"
    assert "forged" in said["trace"]


def test_in_the_plain_format_neither():
    text = logs.Plain().format(record("seen %s", HOSTILE, exc_info=traceback_of(HOSTILE)))
    first, *rest = text.splitlines()
    assert "forged" in first
    assert "\x1b" not in text
    assert rest
    assert all(line.startswith("  | ") for line in rest), "a traceback cannot be taken for an event"


def test_the_hostile_text_is_one():
    """The planted positive: the usual format lets it through."""
    assert len(logging.Formatter("%(message)s").format(record("seen %s", HOSTILE)).splitlines()) > 1


# --- who and what ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("given", ["", "short", "a" * 65, "abc def ghi", "x\r\nSet-Cookie: a=b", "é" * 10])
def test_an_id_without_the_form_of_one_is_replaced(given):
    made = trail.accepted(given)
    assert made != given
    assert trail.accepted(made) == made


def test_the_answer_names_its_request(client, db):
    given = "proxy-0123456789"
    assert client.get("/readyz", headers={"X-Request-ID": given}).headers["X-Request-ID"] == given
    first, second = (client.get("/readyz").headers["X-Request-ID"] for _n in range(2))
    assert first != second
    assert trail.here() == {}, "nothing is left behind for the next request of this thread"


def test_lines_of_a_request_carry_its_name_and_its_person(world, client, written):
    officer = world.cast["officer"]
    client.force_login(officer)
    answer = client.get("/desk/", headers={"X-Request-ID": "desk-0123456789"})
    line = next(one for one in written() if one["event"] == "request")
    assert answer.status_code == 200
    assert (line["request"], line["user"], line["route"], line["status"]) == (
        "desk-0123456789",
        officer.pk,
        "desk",
        200,
    )
    assert str(officer) not in json.dumps(line, ensure_ascii=False), "people are named by their key"


def test_an_address_with_a_key_in_it_is_not_written_down(db, written):
    request = RequestFactory().get("/calendar/feed/canary-key.ics")
    RequestMiddleware(lambda _request: HttpResponse())(_resolved(request))
    assert "canary-key" not in json.dumps(written())
    assert written()[-1]["route"] == "calendar_feed"


def _resolved(request):
    from django.urls import resolve

    request.resolver_match = resolve(request.path)
    return request


def test_acts_jobs_and_refusals_are_lines(world, written):
    walk, application = world.application(to="submitted")
    done = [one for one in written() if one["event"] == "act done"]
    assert done[-1]["case"] == f"application/{application.uuid}"
    assert done[-1]["act"]
    assert done[-1]["seq"] >= 1
    with pytest.raises(Refused):
        perform(application, "withdraw", by=world.cast["officer"], at=walk.at)
    refused = next(one for one in written() if one["event"] == "act refused")
    assert (refused["refusal"], refused["act"]) == ("Denied", "withdraw")
    assert refused["reasons"] == ["no_seat"]


def test_a_job_says_which_request_it_came_from_and_fails_under_its_own_name(world, written, monkeypatch):
    monkeypatch.setitem(jobs._handlers, "drill", lambda row, at: 1 / 0)
    with trail.bind(request="request-0123"):
        jobs.enqueue([jobs.job("drill", "drill:1", world.start)])
    assert jobs.work(world.start) == 0
    queued, failed = written()[-2:]
    row = Job.objects.get(key="drill:1")
    assert (queued["event"], queued["request"], queued["job"]) == ("jobs queued", "request-0123", str(row.uuid))
    assert (failed["event"], failed["job"]) == ("job failed", str(row.uuid))
    assert "ZeroDivisionError" in failed["trace"]


def test_signing_in_and_failing_to_are_lines(world, client, written):
    officer = world.cast["officer"]
    officer.set_password("correct horse battery")
    officer.save()
    client.post("/accounts/login/", {"login": officer.username, "password": "canary-wrong-password"})
    client.post("/accounts/login/", {"login": officer.username, "password": "correct horse battery"})
    events = [one["event"] for one in written()]
    assert "sign-in failed" in events
    assert "signed in" in events
    assert "canary-wrong-password" not in json.dumps(written())


# --- a fault --------------------------------------------------------------------------------------------------------
@override_settings(ROOT_URLCONF="tests.config.test_logs")
def test_the_page_of_a_fault_names_the_request_and_nothing_else(client, db, written):
    client.raise_request_exception = False
    answer = client.get("/fails/", headers={"X-Request-ID": "fault-0123456789"})
    page = answer.content.decode()
    assert answer.status_code == 500
    assert "fault-0123456789" in page
    assert "RuntimeError" not in page
    assert "cannot reach" not in page
    line = next(one for one in written() if "trace" in one)
    assert line["request"] == "fault-0123456789"


# --- secrets --------------------------------------------------------------------------------------------------------
CANARIES = {
    "SECRET_KEY": "canary-key-" + "k9" * 30,
    "EMAIL_URL": "smtp+tls://mailer:canary-mail-p%40ss@mail.gov.test:587",
    "BROKER_URL": "redis://:canary-broker@127.0.0.1:1/0",
    "DATABASE_URL": "postgres://pilotage:canary-database@127.0.0.1:1/pilotage",
}
# Pages, then everything a careless line could say: the settings themselves, and faults of a driver.
_SAYS = """
import logging, django
django.setup()
from django.conf import settings
from django.test import Client
log = logging.getLogger("careless")
log.error("settings %s", {name: getattr(settings, name) for name in dir(settings) if name.isupper()})
for name in dir(settings):
    if name.isupper():
        log.error("%s=%r", name, getattr(settings, name))
try:
    raise OSError(settings.CELERY_BROKER_URL, settings.EMAIL_HOST_PASSWORD, settings.SECRET_KEY)
except OSError:
    log.exception("no broker")
client = Client(raise_request_exception=False, SERVER_NAME="pilot.gov.test")
for address in ("/", "/healthz", "/metrics", "/accounts/login/", "/nowhere", "/readyz"):
    print(client.get(address, secure=True).content.decode(errors="replace"))
"""


@pytest.mark.parametrize("form", ["json", "plain"])
def test_no_secret_is_in_any_line_or_page(tmp_path, form):
    """Canaries in every secret setting and in every file a setting names (trust.md A13); the database cannot be reached."""
    files = {}
    for name in ("password_file", "pin_file", "token_file"):
        file = tmp_path / name
        file.write_text(f"canary-{name}", encoding="ascii")
        files[f"PILOTAGE_SIGNER_{name.upper()}"] = str(file)
    token = tmp_path / "metrics-token"
    token.write_text("canary-metrics", encoding="ascii")
    environment = {"PATH": os.environ["PATH"], "PILOTAGE_VAR": str(tmp_path / "var"), "SITE_URL": "https://pilot.gov.test",
                   "PILOTAGE_LOG_FORMAT": form, "LOG_LEVEL": "DEBUG", "PILOTAGE_PLAIN_STATIC": "1", "CONN_MAX_AGE": "0",
                   "DJANGO_SETTINGS_MODULE": "config.settings", "PILOTAGE_METRICS_TOKEN_FILE": str(token), **CANARIES, **files}  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", _SAYS],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stderr.count(logs.HIDDEN) > 10, "the lines with secrets in them were written"
    assert "no broker" in done.stderr
    assert "canary-key" not in done.stdout + done.stderr
    assert "canary-mail" not in done.stdout + done.stderr
    assert "canary-" not in done.stdout
    assert "canary-database" not in done.stderr
    assert "canary-broker" not in done.stderr


def test_what_stands_in_files_is_hidden_too(tmp_path, settings):
    file = tmp_path / "pin"
    file.write_text("canary-pin-in-a-file\n", encoding="ascii")
    settings.SIGNER_OPTIONS = {"pin_file": str(file)}
    logs.forget()
    assert logs.Json().format(record("token says canary-pin-in-a-file")).count("canary") == 0
    settings.SIGNER_OPTIONS = {}
    logs.forget()
    assert "canary-pin" in logs.Json().format(record("token says canary-pin-in-a-file")), "the planted positive"


@pytest.mark.parametrize("word", ['with"quote-and\\slash', "with%percent/and@at", "mit-Ümlaut-密码"])
def test_a_secret_is_hidden_however_it_is_written(word, settings):
    from urllib.parse import quote

    settings.EMAIL_HOST_PASSWORD = word
    logs.forget()
    for text in (word, quote(word), quote(word, safe=""), repr(word)):
        line = logs.Json().format(record("tried %s", text))
        if word in text or quote(word, safe="") in text or quote(word) in text:
            assert logs.HIDDEN in line
    assert word not in json.loads(logs.Json().format(record(f"tried {word}")))["event"]
