"""Forgotten passwords: three mails an hour to an account however often one asks, and no word about who is known (A6)."""

import re

import pytest
from django.core import mail
from django.test import Client

from accounts import adapter, clock
from accounts.models import AccountEvent, User
from tests.accounts.signing_in import browser, person, sign_in

pytestmark = pytest.mark.django_db
URL = "/accounts/password/reset/"
NEW = "another sentence nobody guesses"


@pytest.fixture
def zhang():
    return person(email="zhang@example.cn")


def ask(client, email="zhang@example.cn", **extra):
    return client.post(URL, {"email": email}, **extra)


def letters():
    """Every mail, after those on their way have left."""
    for _worker in range(4):
        adapter.sending.submit(lambda: None).result()
    return mail.outbox


def test_of_two_hundred_requests_three_are_mailed(zhang, figures):
    for number in range(200):
        ask(browser(), REMOTE_ADDR=f"10.0.{number // 20}.{number % 20}")
    figures("200 requests", f"{len(letters())} mails")
    assert len(letters()) == 3
    assert AccountEvent.objects.filter(user=zhang, kind="reset_asked").count() == 3


def test_one_address_asks_twenty_times_an_hour():
    for number in range(30):
        person(f"p{number}", email=f"p{number}@example.cn")
    answers = [ask(browser(), f"p{number}@example.cn").status_code for number in range(30)]
    assert answers == [302] * 20 + [429] * 10
    assert len(letters()) == 20


def test_known_and_unknown_addresses_hear_the_same(zhang):
    known, unknown = ask(browser()), ask(browser(), "nobody@example.cn")
    assert known.status_code == unknown.status_code == 302
    pages = [re.sub(r'value="\w{64}"', "", browser().get(one["Location"]).content.decode()) for one in (known, unknown)]
    assert pages[0] == pages[1]
    assert [one.to for one in letters()] == [["zhang@example.cn"]]
    # Also when it was one too many.
    for _time in range(5):
        assert ask(browser()).status_code == 302
    assert len(letters()) == 3


def test_the_link_leads_to_our_own_host_whatever_was_asked(zhang, settings):
    settings.SITE_URL, settings.ALLOWED_HOSTS = "https://pilots.example.cn", ["*"]
    Client(headers={"Host": "evil.example"}).post(
        URL, {"email": "zhang@example.cn"}, HTTP_X_FORWARDED_HOST="evil.example"
    )
    letter = letters()[0]
    assert "https://pilots.example.cn/accounts/password/reset/key/" in letter.body
    assert "evil" not in letter.body + letter.subject
    assert letter.subject == "试点通：重设密码"


def test_it_goes_to_the_address_on_file(zhang):
    User.objects.filter(pk=zhang.pk).update(email="zhang@example.cn")
    ask(browser(), "ZHANG@EXAMPLE.CN")
    # U+FF48 and the like fold to ASCII in some comparisons; such an address belongs to somebody else.
    ask(browser(), "zｈang@example.cn")
    assert {tuple(one.to) for one in letters()} <= {("zhang@example.cn",)}


def test_the_link_works_once_and_ends_sessions(zhang):
    old = browser()
    sign_in(old)
    ask(browser())
    path = re.search(r"https?://[^/]+(\S+)", letters()[0].body).group(1)
    client = browser()
    form = client.get(path)
    done = client.post(form["Location"], {"password1": NEW, "password2": NEW})
    assert done.status_code == 302
    assert "/accounts/login/" in client.get("/inbox/")["Location"]
    assert "/accounts/login/" in old.get("/inbox/")["Location"]
    assert sign_in(browser(), password=NEW).status_code == 302
    again = browser()
    second = again.get(path)
    assert "重设链接无效" in (again.get(second["Location"]) if second.status_code == 302 else second).content.decode()


def test_inactive_people_get_none(zhang):
    User.objects.filter(pk=zhang.pk).update(is_active=False)
    ask(browser())
    assert letters() == []


def test_a_mail_server_that_is_away_does_not_show(zhang, settings, monkeypatch):
    from django.core.mail import EmailMultiAlternatives

    def away(self, *given, **more):
        raise OSError("no route")

    monkeypatch.setattr(EmailMultiAlternatives, "send", away)
    assert ask(browser()).status_code == 302
    assert letters() == []


def test_a_link_from_before_an_account_was_off_is_dead_for_good(zhang):
    from approvals.grants import switch_off

    ask(browser())
    path = re.search(r"https?://[^/]+(\S+)", letters()[0].body).group(1)
    switch_off(User.objects.get(pk=zhang.pk), clock.now())
    User.objects.filter(pk=zhang.pk).update(is_active=True)
    answer = browser().get(path, follow=True)
    assert "重设链接无效" in answer.content.decode()


def test_the_address_on_file_is_not_changed_at_an_open_desk(zhang):
    """allauth's page of addresses asked for no password: whoever passed by put in their own, and asked for a new password."""
    client = browser()
    sign_in(client)
    for data in ({"email": "thief@example.cn", "action_add": ""}, {"email": "thief@example.cn", "action_primary": ""}):
        assert client.post("/accounts/email/", data).status_code == 404
    assert client.get("/accounts/email/").status_code == 404
    zhang.refresh_from_db()
    assert zhang.email == "zhang@example.cn"
    ask(browser(), "thief@example.cn")
    assert not [one for one in letters() if "thief@example.cn" in one.to]
    # The planted positive: what does stay of the package's pages is there.
    assert client.get("/accounts/password/change/").status_code == 200
