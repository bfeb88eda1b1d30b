"""A second factor for every seat but an applicant's: the gate, the app, the codes, the lost telephone."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.core.management import call_command
from django.test import TestCase
from django.urls import reverse

from accounts import second_factor
from accounts.models import AccountEvent, Grant, Organisation, Place
from accounts.roles import REACH, UNGRANTABLE, Reach, Role
from tests.accounts.signing_in import PASSWORD, app_of, browser, code_of, factors, person, sign_in

pytestmark = pytest.mark.django_db
INDEX = "/accounts/2fa/"


@pytest.fixture(autouse=True)
def required(settings):
    settings.MFA_REQUIRED = True


@pytest.fixture
def officer(world):
    return person("wang", Role.PROGRAMME_OFFICER, world.start)


def seat(user, role, world):
    china = Place.objects.filter(kind="nation").first() or world.place("上海市")
    body = Organisation.objects.first()
    where = {Reach.PLACE: {"place": china}, Reach.ORGANISATION: {"organisation": body}}.get(REACH[role], {})
    return Grant.objects.create(user=user, role=role, valid_from=world.start, **where)


def enrolled(client, user):
    """Signs in and sets up an app as a person does; returns the app's secret."""
    sign_in(client, user.username)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get("/accounts/2fa/totp/activate/")
    secret = page.context["form"].secret
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)}).status_code == 302
    return secret


# --- the rule
def test_every_role_is_decided_about():
    assert set(Role) == second_factor.REQUIRED | second_factor.OPTIONAL
    assert {Role.APPLICANT_CONTACT, Role.APPLICANT_LEADER, Role.PUBLIC} == second_factor.OPTIONAL


@pytest.mark.parametrize("role", [role for role in Role if role not in UNGRANTABLE])
def test_the_gate_by_role(role, world):
    user = person("somebody")
    seat(user, role, world)
    client = browser()
    sign_in(client, "somebody")
    answer = client.get("/inbox/")
    if role in second_factor.OPTIONAL:
        assert answer.status_code == 200
    else:
        assert (answer.status_code, answer["Location"]) == (302, INDEX)


def test_an_administrator_needs_one_too():
    user = person("root", is_superuser=True)
    client = browser()
    sign_in(client, "root")
    assert client.get("/inbox/")["Location"] == INDEX
    assert user.is_superuser


def test_behind_the_gate_only_setting_up_leaving_and_what_everybody_reads(officer):
    client = browser()
    sign_in(client, "wang")
    for path in ("/desk/", "/tasks/", "/me/seats/", "/accounts/sessions/", "/programmes/"):
        assert client.get(path)["Location"] == INDEX, path
        assert client.post(path)["Location"] == INDEX, path
    for path in (INDEX, "/accounts/password/change/", "/calls/", "/v/"):
        assert client.get(path).status_code == 200, path
    assert client.post("/i18n/setlang/", {"language": "en"}).status_code == 302
    assert client.post("/accounts/logout/").status_code == 302


def test_the_demonstration_and_a_switch_turn_it_off(officer, settings):
    settings.MFA_REQUIRED = False
    client = browser()
    sign_in(client, "wang")
    assert client.get("/inbox/").status_code == 200


@pytest.mark.parametrize(
    ("env", "expected"),
    [({}, "True"), ({"PILOTAGE_MFA": "optional"}, "False"), ({"PILOTAGE_DEMO": "1"}, "False"),
     ({"PILOTAGE_MFA": "required", "PILOTAGE_DEMO": "1"}, "False"), ({"PILOTAGE_MFA": "perhaps"}, "")],
)  # fmt: skip
def test_what_the_environment_says(env, expected, tmp_path):
    import os
    import subprocess
    import sys

    clean = {key: value for key, value in os.environ.items() if not key.startswith(("DJANGO_", "PILOTAGE_"))}
    command = [sys.executable, "-c", "from config import settings; print(settings.MFA_REQUIRED)"]
    done = subprocess.run(
        command, env=clean | {"PILOTAGE_VAR": str(tmp_path)} | env, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == expected
    assert (done.returncode == 0) == bool(expected)


# --- the app
@pytest.mark.django_db(transaction=True)
def test_setting_up_an_app_opens_the_gate_and_gives_codes(officer):
    client, other = browser(), browser()
    sign_in(other, "wang")
    enrolled(client, officer)
    assert factors(officer) == ["recovery_codes", "totp"]
    assert client.get("/inbox/").status_code == 200
    codes = client.get("/accounts/2fa/recovery-codes/")
    assert (
        RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).get_unused_codes()[0] in codes.content.decode()
    )
    # What was opened with the password alone does not stay open.
    assert "/accounts/login/" in other.get("/inbox/")["Location"]


def test_signing_in_asks_for_the_code(officer):
    secret = app_of(officer)
    client = browser()
    assert sign_in(client, "wang")["Location"] == reverse("mfa_authenticate")
    assert "/accounts/login/" in client.get("/inbox/")["Location"]
    assert "验证码不正确" in client.post(reverse("mfa_authenticate"), {"code": "000000"}).content.decode()
    code = code_of(secret)
    assert client.post(reverse("mfa_authenticate"), {"code": code}).status_code == 302
    assert client.get("/inbox/").status_code == 200
    # Used once, gone.
    second = browser()
    sign_in(second, "wang")
    assert second.post(reverse("mfa_authenticate"), {"code": code}).status_code == 200
    assert "/accounts/login/" in second.get("/inbox/")["Location"]


def test_wrong_codes_are_counted_over_all_sign_ins(officer, monkeypatch):
    secret, asked = app_of(officer), []
    from allauth.mfa.totp.internal import auth

    real = auth.validate_totp_code
    monkeypatch.setattr(auth, "validate_totp_code", lambda *given: asked.append(1) or real(*given))
    for number in range(20):
        client = browser()
        sign_in(client, "wang")
        client.post(reverse("mfa_authenticate"), {"code": f"{number:06}"})
    assert len(asked) == 5
    assert client.post(reverse("mfa_authenticate"), {"code": code_of(secret)}).status_code == 200


def test_a_recovery_code_stands_in_once(officer):
    app_of(officer)
    code = RecoveryCodes.activate(officer).get_unused_codes()[0]
    client = browser()
    sign_in(client, "wang")
    assert client.post(reverse("mfa_authenticate"), {"code": code}).status_code == 302
    assert client.get("/inbox/").status_code == 200
    again = browser()
    sign_in(again, "wang")
    assert again.post(reverse("mfa_authenticate"), {"code": code}).status_code == 200


def test_secrets_are_not_readable_in_the_database(officer, settings):
    secret = app_of(officer)
    row = Authenticator.objects.get()
    assert secret not in str(row.data)
    settings.SECRET_KEY = "x" * 60
    other = second_factor.SecondFactorAdapter().decrypt(row.data["secret"])
    assert len(other) >= 32
    assert other != secret
    assert other != second_factor.SecondFactorAdapter().decrypt(row.data["secret"])


def test_a_secret_that_was_changed_in_the_database_is_none(officer):
    """It is sealed, not only hidden: no change of its bytes makes another secret that somebody could know."""
    secret = app_of(officer)
    kept = Authenticator.objects.get().data["secret"]
    adapter = second_factor.SecondFactorAdapter()
    assert adapter.decrypt(kept) == secret, "the planted positive"
    for place in (10, len(kept) // 2, len(kept) - 10):
        changed = kept[:place] + ("A" if kept[place] != "A" else "B") + kept[place + 1 :]
        assert adapter.decrypt(changed) != secret
        assert adapter.decrypt(changed) != adapter.decrypt(changed), "a new one nobody has each time"


# --- taking one away
def test_the_last_factor_of_a_seat_that_needs_one_stays(officer):
    client = browser()
    enrolled(client, officer)
    refused = client.post("/accounts/2fa/totp/deactivate/")
    assert "请先添加另一种方式" in refused.content.decode()
    assert "totp" in factors(officer)


def test_an_applicant_may_take_it_away():
    user = person()
    client = browser()
    enrolled(client, user)
    assert client.post("/accounts/2fa/totp/deactivate/").status_code == 302
    assert factors(user) == []
    assert [row.kind for row in AccountEvent.objects.filter(user=user)][:2] == ["factor_removed", "factor_added"]


def test_taking_one_away_asks_for_the_password(monkeypatch):
    import time

    user = person()
    client = browser()
    enrolled(client, user)
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 301)
    assert "/reauthenticate/" in client.post("/accounts/2fa/totp/deactivate/")["Location"]
    assert "totp" in factors(user)


def test_setting_up_one_asks_for_the_password():
    """Whoever sits down at an open desk must not add a factor of their own."""
    user = person()
    client = browser()
    sign_in(client, "zhang")
    for page in ("/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/add/"):
        assert "/reauthenticate/" in client.get(page)["Location"], page
    assert factors(user) == []


def test_a_lost_telephone_is_reset_by_an_administrator(officer, capsys):
    client = browser()
    enrolled(client, officer)
    call_command("account", "reset-mfa", "wang", "--reason", "identity card seen")
    assert factors(officer) == []
    assert "/accounts/login/" in client.get("/inbox/")["Location"]
    assert "1 sessions ended" in capsys.readouterr().out
    assert AccountEvent.objects.filter(user=officer, kind="factor_reset", note__endswith="identity card seen").exists()
    sign_in(client, "wang")
    assert client.get("/inbox/")["Location"] == INDEX


# --- pages
def test_pages_carry_no_inline_code(officer):
    """Data blocks are data; anything a browser would run comes from our own static files."""
    import re

    client = browser()
    enrolled(client, officer)
    pages = [INDEX, "/accounts/2fa/webauthn/add/", "/accounts/2fa/webauthn/", "/accounts/2fa/recovery-codes/",
             "/accounts/2fa/recovery-codes/generate/", "/accounts/2fa/totp/deactivate/", "/accounts/reauthenticate/",
             "/accounts/2fa/reauthenticate/", "/accounts/password/change/"]  # fmt: skip
    texts = [client.get(page) for page in pages] + [browser().get("/accounts/login/")]
    half = browser()
    sign_in(half, "wang")
    texts.append(half.get(reverse("mfa_authenticate")))
    scripts = 0
    for answer in texts:
        text = answer.content.decode()
        assert answer.status_code == 200, answer.request["PATH_INFO"]
        assert not re.search(r"\sstyle=|\son[a-z]+=\"|<style", text), answer.request["PATH_INFO"]
        for tag, body in re.findall(r"<script([^>]*)>(.*?)</script>", text, re.S):
            scripts += 1
            assert 'type="application/json"' in tag or ("src=" in tag and not body.strip())
    assert scripts > 20


def test_pages_are_chinese_first(officer):
    import re

    client = browser()
    enrolled(client, officer)
    for page in (INDEX, "/accounts/2fa/webauthn/add/", "/accounts/2fa/recovery-codes/", "/accounts/password/change/",
                 "/accounts/2fa/reauthenticate/", "/accounts/reauthenticate/"):  # fmt: skip
        main = client.get(page).content.decode().partition("<main")[2].partition(">")[2].partition("</main>")[0]
        words = re.sub(r"<script.*?</script>|<[^>]+>", " ", main, flags=re.S)
        english = set(re.findall(r"[A-Za-z]{4,}", words)) - {
            "Microsoft",
            "Authenticator",
            "JavaScript",
            "AGPL",
            "Pilotage",
        }
        assert english == set(), page


def test_keys_belong_to_the_host_people_know(officer, settings):
    settings.SITE_URL = "https://pilots.example.cn"
    client = browser()
    sign_in(client, "wang")
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    options = client.get("/accounts/2fa/webauthn/add/").context["js_data"]["creation_options"]
    assert options["publicKey"]["rp"]["id"] == "pilots.example.cn"
