"""Asked again before grave acts: all of them, walked through; and seats given away."""

import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.http import HttpResponse
from django.urls import reverse

from accounts import clock, proof
from accounts.access import PROTECTING
from accounts.acts import every_act
from accounts.models import Grant, User
from accounts.roles import Role
from accounts.seats import lendable
from pilots.views import act as page
from tests.accounts.signing_in import PASSWORD, browser, person, sign_in

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
NEW = "another sentence nobody guesses"
ACTS = [(label, act) for label, act in every_act() if act.offered]
GRAVE = [(label, act) for label, act in ACTS if act.grave]


def _press(label, act, monkeypatch, proven):
    """Whether the door was reached by POST of this act, with the password given again or not."""
    reached = []

    def door(case, code, **given):
        reached.append(code)
        return SimpleNamespace(obj=case)

    monkeypatch.setattr(page.proof, "recently_proven", lambda request: proven)
    monkeypatch.setattr(page, "perform", door)
    # Whoever presses has the seat.
    monkeypatch.setattr(page, "seatless", lambda *given: None)
    monkeypatch.setattr(page, "_show", lambda *given, status=200, **more: HttpResponse(status=status))
    monkeypatch.setattr(page, "_back", lambda request, case: "/")
    monkeypatch.setattr(page.messages, "success", lambda *given: None)
    monkeypatch.setattr(type(act), "prepare", lambda self, obj: None)
    monkeypatch.setattr(type(act), "form", lambda *given, **more: None)
    request = SimpleNamespace(method="POST", POST={}, FILES={}, user=None, at=None)
    answer = page._post(request, apps.get_model(label)(), act)
    return answer.status_code, reached


@pytest.mark.parametrize(("label", "act"), ACTS, ids=[f"{label}-{act.code}" for label, act in ACTS])
def test_every_act_that_is_grave_waits_for_proof(label, act, monkeypatch):
    status, reached = _press(label, act, monkeypatch, proven=False)
    if act.grave:
        assert (status, reached) == (403, [])
    else:
        assert reached == [act.code]
    assert _press(label, act, monkeypatch, proven=True)[1] == [act.code]


def test_what_binds_the_office_is_grave():
    """By hand, from trust.md A7: sign, issue, seal, revoke, publish rules, publish templates, restrict, take back."""
    codes = {(label, act.code) for label, act in GRAVE}
    wanted = {
        ("pilots.batch", "confirm"), ("pilots.batch", "countersign"), ("pilots.batch", "sign"), ("pilots.batch", "issue"),
        ("pilots.batch", "correct_document"), ("pilots.designation", "sign_agreement"), ("pilots.designation", "revoke"),
        ("pilots.rulesdraft", "publish_rules"), ("approvals.sealuse", "approve"), ("approvals.certificate", "revoke"),
        ("approvals.certificate", "suspend"), ("approvals.certificatetemplate", "publish"),
    }  # fmt: skip
    assert wanted - codes == set()


def test_grave_acts_have_no_other_door():
    """A view that performs an act by its name must not name a grave one: only the act's own page asks for proof."""
    import re
    from pathlib import Path

    from django.conf import settings

    grave = {act.code for _label, act in GRAVE} - {act.code for _label, act in ACTS if not act.grave}
    named = set()
    for path in Path(settings.BASE_DIR).glob("*/views/**/*.py"):
        named |= set(re.findall(r"perform\(\s*\w+,\s*\"(\w+)\"", path.read_text(encoding="utf-8")))
    assert "score" in named
    assert named & grave == set()


@pytest.fixture
def head(world, monkeypatch):
    """A head with a password, and a colleague."""
    monkeypatch.setattr(clock, "now", lambda: world.start)
    user = person(
        "duan", Role.DIVISION_HEAD, world.start - timedelta(days=1), organisation=world.cast["head"].organisation
    )
    client = browser()
    sign_in(client, "duan")
    deputy = User.objects.create(username="deputy", name="周副司长", organisation=user.organisation)
    day = (world.start + timedelta(days=4)).date().isoformat()
    seat = lendable(user, world.start)[0]
    return client, {"do": "lend", "grant": seat.pk, "to": deputy.pk, "until": day}, seat


def test_a_seat_is_not_given_without_proof(head):
    client, given, seat = head
    url = reverse("my_seats")
    assert "须再次验证身份" in client.get(url).content.decode()
    refused = client.post(url, given)
    assert refused.status_code == 403
    assert "您填写的内容还在" in refused.content.decode()
    assert f'value="{given["until"]}"' in refused.content.decode()
    assert not Grant.objects.filter(source=seat).exists()
    assert client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": url})["Location"] == url
    assert "须再次验证身份" not in client.get(url).content.decode()
    assert client.post(url, given).status_code == 302
    assert Grant.objects.filter(source=seat).exists()


def test_proof_lasts_five_minutes(head, monkeypatch):
    client, given, _seat = head
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 301)
    assert client.post(reverse("my_seats"), given).status_code == 403


def test_signing_in_is_no_proof_and_a_code_is(head):
    from tests.accounts.signing_in import app_of, code_of

    client, given, _seat = head
    assert client.post(reverse("my_seats"), given).status_code == 403
    secret = app_of(User.objects.get(username="duan"))
    assert client.post("/accounts/2fa/reauthenticate/", {"code": code_of(secret)}).status_code == 302
    assert client.post(reverse("my_seats"), given).status_code == 302


def test_who_has_no_password_here_proves_it_over_there(db, rf, monkeypatch):
    """An account that only comes by single sign-on must not pass for proven, as it would for the library."""
    from allauth.account.internal.flows.login import record_authentication
    from django.contrib.sessions.backends.db import SessionStore

    user = User.objects.create(username="sso", name="李")
    user.set_unusable_password()
    request = rf.get("/x/")
    request.session, request.user = SessionStore(), user
    assert proof.did_recently_reauthenticate(request)
    assert not proof.recently_proven(request)
    record_authentication(request, user, "socialaccount")
    assert proof.recently_proven(request)
    request.session[proof.ASKED_AT] = time.time() - 3600
    assert not proof.recently_proven(request)


def test_an_open_desk_is_not_enough_to_set_up_what_one_is_known_by(db, monkeypatch):
    """Where the other house signs somebody in, it is asked again before a password or a factor of ours is set up."""
    user = person("sso")
    client = browser()
    sign_in(client, "sso")
    user.set_unusable_password()
    user.save()
    # As they come back from over there: signed in, and no password that could be asked for.
    client.force_login(user, backend=BACKEND)
    pages = [reverse(name) for name in sorted(PROTECTING - {"mfa_edit_webauthn"})]
    assert len(pages) > 5
    for address in pages:
        answer = client.get(address)
        assert answer.status_code == 302, address
        assert "/reauthenticate/" in answer["Location"], address
        assert client.post(address, {"password1": NEW, "password2": NEW})["Location"] == answer["Location"], address
    assert not User.objects.get().has_usable_password()
    # The planted positive: who has just come from there is let in.
    monkeypatch.setattr(proof, "recently_proven", lambda request: True)
    assert client.get("/accounts/2fa/totp/activate/").status_code == 200
    client.post("/accounts/password/set/", {"password1": NEW, "password2": NEW})
    assert User.objects.get().has_usable_password()


def test_nobody_types_an_address_of_their_own(db, mailoutbox):
    """Letters about a forgotten password go where an administrator said, and we write to no strangers on demand."""
    user = person(email="zhang@example.cn")
    client = browser()
    sign_in(client)
    for address in ("/accounts/email/", "/accounts/confirm-email/x:y/"):
        assert client.get(address).status_code == 404
        assert client.post(address, {"action_add": "", "email": "evil@example.cn"}).status_code == 404
    user.refresh_from_db()
    assert user.email == "zhang@example.cn"
    assert mailoutbox == []
