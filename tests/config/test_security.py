"""What a verifier asks for and no other test asks: sources without dangerous calls, headers, sessions, passwords.

Rows of docs/security/asvs.csv name these tests.
"""

import ast
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.hashers import get_hasher
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from tests.config.test_access_matrix import arguments, own_routes, scene  # noqa: F401 - a fixture

ROOT = Path(settings.BASE_DIR)
PACKAGES = ("accounts", "notifications", "pilots", "approvals", "workflows", "config")
SCRIPTS = sorted((ROOT / "templates" / "static" / "pilotage").glob("*.js"))
GOOD = "correct-horse-battery-staple"


# --- sources --------------------------------------------------------------------------------------------------------
# Places that may, each with its reason.
ALLOWED = {
    # Between a parent and the child it made, over a pipe of their own.
    ("approvals/certificates/sandbox.py", "pickle.loads"),
    # PDF demands an MD5 checksum of an attachment; nothing relies on it.
    ("approvals/certificates/attachments.py", "hashlib.md5"),
    # Variations that can be made again; nothing secret.
    ("approvals/certificates/compiled/gate.py", "random.Random"),
    ("config/drills/storm.py", "random.Random"),
    ("config/drills/pgcrash.py", "random.Random"),
    # The operating system's own randomness.
    ("config/backups/checking.py", "random.SystemRandom"),
    # Python's string.Template: names out of a list, and nothing that runs.
    ("notifications/channels/texts.py", "Template"),
    # Text that our own template has just escaped.
    ("pilots/views/desk.py", "mark_safe"),
}
_CALLS = re.compile(
    r"^(eval|exec|compile|__import__|mark_safe|pickle\.loads?|marshal\.loads?|yaml\.load|os\.system|os\.popen|"
    r"hashlib\.(md5|sha1)|random\.\w+|tempfile\.mktemp|jinja2\.\w+|(django\.template\.)?Template)$"
)


def dangerous(text):
    """(line, words) of calls that run text, unpack objects, use weak hashes or guessable randomness, or trust anybody."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        if _CALLS.match(name):
            yield node.lineno, name
        for word in node.keywords:
            said = ast.unparse(word.value)
            if (word.arg, said) in {("shell", "True"), ("verify", "False"), ("cert_reqs", "'CERT_NONE'")}:
                yield node.lineno, f"{word.arg}={said}"
        if name.endswith((".raw", ".extra")) and name.split(".")[-2:-1] in (["objects"], ["_default_manager"]):
            yield node.lineno, name


def sql(text):
    """Lines on which a statement is put together out of pieces."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("cursor.execute") and node.args:
            first = node.args[0]
            pieces = isinstance(first, ast.JoinedStr) and any(
                isinstance(one, ast.FormattedValue) for one in first.values
            )
            if (
                pieces
                or isinstance(first, ast.BinOp)
                or (isinstance(first, ast.Call) and "format" in ast.unparse(first.func))
            ):
                yield node.lineno


def sources():
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            yield str(file.relative_to(ROOT)), file.read_text(encoding="utf-8")


def test_no_source_runs_text_or_trusts_what_it_should_not():
    planted = "eval(x)\nsubprocess.run(a, shell=True)\npickle.loads(x)\nhashlib.md5(x)\nrandom.choice(x)\nmark_safe(x)\nrequests.get(u, verify=False)"
    assert len(list(dangerous(planted))) == 7, "the planted positives"
    found = {(name, words) for name, text in sources() for _line, words in dangerous(text) if "/tests/" not in name}
    assert found - ALLOWED == set()
    assert ALLOWED - found == set(), "a reason for something that is gone"


def test_statements_are_put_together_by_the_database_driver():
    assert list(sql('cursor.execute(f"SELECT {x}")\ncursor.execute("a" + b)\ncursor.execute("SELECT 1")')) == [1, 2]
    # Names of tables, triggers and roles that the code itself knows; a name cannot be a parameter.
    ours = {"config/backups/databases.py", "config/backups/facts.py"}
    found = {name for name, text in sources() if list(sql(text)) and name != "workflows/attacks.py"}
    assert found == ours


def test_forms_name_their_fields():
    """No form takes whatever a model has: what is added to a model later is not writable by itself."""
    wide = re.compile(r"fields\s*=\s*['\"]__all__['\"]|^\s+exclude\s*=", re.MULTILINE)
    assert wide.search("    fields = '__all__'")
    assert [name for name, text in sources() if "/migrations/" not in name and wide.search(text)] == []


def test_scripts_write_text_and_keep_no_secret():
    risky = re.compile(
        r"\beval\(|new Function|document\.write|outerHTML|insertAdjacentHTML|postMessage|sessionStorage|__proto__"
    )
    assert risky.search("eval(x)")
    own = [file for file in SCRIPTS if "htmx" not in file.name]
    assert own
    for file in own:
        text = file.read_text(encoding="utf-8")
        assert not risky.search(text), file.name
        # One place, and what it takes is a page of ours.
        assert len(re.findall(r"innerHTML\s*=", text)) <= 1
        for word in ("password", "token"):
            assert not re.search(rf"localStorage\.setItem\([^)]*{word}", text, re.IGNORECASE)


# --- answers --------------------------------------------------------------------------------------------------------
PUBLIC = ["home", "calls", "notices", "verify", "healthz", "readyz", "source", "account_login"]


@pytest.mark.parametrize("name", PUBLIC)
def test_an_answer_says_what_it_is_and_what_may_be_done_with_it(client, db, name):
    answer = client.get(reverse(name), headers={"Origin": "https://elsewhere.test"})
    kind = answer.headers["Content-Type"]
    assert kind.startswith("application/json") or "charset=utf-8" in kind
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "Access-Control-Allow-Origin" not in answer.headers, "nobody else's scripts may read us"
    assert "Server" not in answer.headers


def test_a_page_that_is_not_there_is_as_careful(client, db):
    answer = client.get("/nowhere/")
    assert answer.status_code == 404
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_host_name_that_is_not_ours_is_refused(client, db):
    assert client.get("/", headers={"Host": "evil.test"}).status_code == 400


@pytest.mark.parametrize(
    "path", ["/.git/config", "/.env", "/static/../config/settings.py", "/static/", "/requirements.lock"]
)
def test_files_of_the_installation_are_not_served(client, db, path):
    assert client.get(path).status_code in (404, 400)


def test_methods_that_echo_or_tunnel_are_refused(client, db):
    for method in ("TRACE", "CONNECT"):
        assert client.generic(method, "/accounts/login/").status_code == 405


@pytest.mark.parametrize("there", ["https://evil.test/", "//evil.test/", "javascript:alert(1)", "https:evil.test"])
def test_signing_in_leads_nowhere_else(client, django_user_model, db, there):
    user = django_user_model.objects.create_user("x", password=GOOD)
    answer = client.post("/accounts/login/", {"login": user.username, "password": GOOD, "next": there})
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/")
    assert not answer.headers["Location"].startswith("//")


def test_every_unsafe_method_asks_for_the_token(scene):  # noqa: F811 - the fixture
    """Without the token of the form nothing is done, whoever asks, on any address of ours."""
    client, asked = Client(enforce_csrf_checks=True), 0
    user = next(iter(scene["own"].values()))
    client.force_login(user)
    for entry in own_routes():
        address = reverse(entry.name, args=arguments(entry.name, scene))
        answer = client.post(address)
        # 405: the page takes nothing at all.
        assert answer.status_code in (403, 404, 405), entry.name
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"], entry.name
        asked += answer.status_code == 403
    assert asked > 50


def test_a_refused_page_is_in_the_log(client, world, caplog):
    from accounts.models import User

    client.force_login(User.objects.create(username="nobody", name="x"))
    assert client.get(reverse("ops")).status_code == 403
    assert any("Forbidden" in record.getMessage() for record in caplog.records)


# --- passwords and sessions -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("bad", ["short", "password1234", "123456789012345", "qwertyuiop123"])
def test_passwords_that_are_guessed_first_are_refused(bad):
    with pytest.raises(ValidationError):
        validate_password(bad)


@pytest.mark.parametrize("good", [GOOD, "一二三四五六七八九十甲乙丙", "x" + " y" * 60, "all small letters here"])
def test_long_passwords_of_any_composition_are_taken(good):
    validate_password(good)


def test_a_password_is_compared_as_it_was_typed(client, django_user_model, db):
    long = " Mixed Case and spaces " + "x" * 100
    user = django_user_model.objects.create_user("person", password=long)
    for wrong in (long.strip(), long.lower(), long[:72], long + " "):
        assert not user.check_password(wrong)
        assert sign_in(Client(), wrong).status_code == 200, "nor does the page take it"
    assert sign_in(client, long).status_code == 302
    # And the page that changes it keeps what was typed.
    new = f" {long[::-1]} "
    changed = client.post("/accounts/password/change/", {"oldpassword": long, "password1": new, "password2": new})
    assert changed.status_code == 302
    assert django_user_model.objects.get().check_password(new)


def test_the_page_lets_password_managers_work(client, db):
    page = client.get("/accounts/login/").content.decode()
    field = re.search(r"<input[^>]*name=\"password\"[^>]*>", page)[0]
    assert 'type="password"' in field
    assert 'autocomplete="current-password"' in field
    assert "onpaste" not in page


def test_passwords_are_kept_under_a_slow_hash():
    from config import settings as production

    assert not hasattr(production, "PASSWORD_HASHERS"), "Django's own order"
    hasher = get_hasher("pbkdf2_sha256") if "pbkdf2_sha256" in str(settings.PASSWORD_HASHERS) else None
    from django.contrib.auth.hashers import PBKDF2PasswordHasher

    assert (hasher or PBKDF2PasswordHasher()).iterations >= 600_000


@pytest.fixture
def person(django_user_model, db):
    return django_user_model.objects.create_user("person", password=GOOD)


def sign_in(client, password=GOOD):
    return client.post("/accounts/login/", {"login": "person", "password": password})


def test_signing_in_makes_a_new_session_and_signing_out_ends_it(client, person):
    client.get("/accounts/login/")
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = before = session.session_key
    sign_in(client)
    after = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert after != before, "no fixation"
    assert not Session.objects.filter(session_key=before).exists()
    assert client.get("/desk/").status_code == 200
    client.post("/accounts/logout/")
    client.cookies[settings.SESSION_COOKIE_NAME] = after
    assert client.get("/desk/").status_code == 302, "the old name opens nothing"


def test_what_is_kept_of_a_session_goes_by_itself(client, person):
    """The row outlives the session by a day, so that the page can say why it ended; that it ends: tests/accounts/test_sessions.py."""
    sign_in(client)
    assert settings.SESSION_HOURS <= 12
    assert settings.SESSION_COOKIE_AGE <= (settings.SESSION_HOURS + 24) * 3600
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert client.get("/desk/").status_code == 302


def test_who_is_switched_off_is_out_at_once(client, person):
    sign_in(client)
    type(person).objects.update(is_active=False)
    assert client.get("/desk/").status_code == 302
    again = Client()
    sign_in(again)
    assert again.get("/desk/").status_code == 302


def test_a_new_password_ends_every_other_session(client, person):
    other = Client()
    sign_in(client)
    sign_in(other)
    changed = client.post(
        "/accounts/password/change/",
        {"oldpassword": GOOD, "password1": "another-long-password", "password2": "another-long-password"},
    )
    assert changed.status_code == 302
    assert other.get("/desk/").status_code == 302
    assert sign_in(Client()).status_code == 200, "the old one is not taken any more"


def test_changing_a_password_needs_the_old_one(client, person):
    sign_in(client)
    client.post(
        "/accounts/password/change/",
        {"oldpassword": "wrong", "password1": "another-long-password", "password2": "another-long-password"},
    )
    assert type(person).objects.get().check_password(GOOD)


def test_names_of_sessions_cannot_be_guessed(client, person):
    from django.contrib.sessions.backends.base import VALID_KEY_CHARS

    sign_in(client)
    name = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert len(VALID_KEY_CHARS) ** len(name) > 2**128


def test_nobody_is_there_before_somebody_makes_them(db, django_user_model):
    assert django_user_model.objects.count() == 0
    assert Client().post("/accounts/signup/", {"username": "x", "password1": GOOD, "password2": GOOD}).status_code in (
        200,
        302,
        403,
    )
    assert django_user_model.objects.count() == 0


def test_no_address_of_ours_asks_secret_questions():
    names = {str(name) for name in get_resolver().reverse_dict if isinstance(name, str)}
    assert not [name for name in names if "question" in name or "hint" in name]
    assert "account_reset_password" in names


def test_every_page_behind_a_sign_in_offers_to_sign_out(client, world):
    client.force_login(world.cast["officer"])
    for name in ("desk", "applications", "deadlines", "inbox", "telling"):
        assert f'action="{reverse("account_logout")}"' in client.get(reverse(name)).content.decode(), name


def test_a_line_break_in_a_subject_adds_no_header(world, mailoutbox):
    from notifications import outbox

    officer = world.cast["officer"]
    case = "x\r\nBcc: evil@evil.test\r\n\r\nforged"
    outbox.put(outbox.write("outcome", "hostile:1", [officer], world.start, case=case, done="y", reason=""))
    outbox.send_due(world.start)
    for letter in mailoutbox:
        assert "evil@evil.test" not in letter.recipients()
        assert "Bcc" not in letter.message()
        assert not re.search(r"^Bcc:", letter.message().as_string().partition("\n\n")[0], re.MULTILINE)
    assert mailoutbox
