"""The first password is the person's own: a link that ends, works once, and is not an administrator's way in (ASVS 6.4.1)."""

import re
from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core import mail
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse

from accounts import activation, clock
from accounts.models import AccountEvent, Grant, User
from accounts.roles import Role
from tests.accounts.signing_in import browser, sign_in

pytestmark = pytest.mark.django_db
NEW = "a sentence of one's very own"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture(autouse=True)
def _plain(settings):
    settings.STORAGES = {
        **settings.STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }  # fmt: skip
    settings.MFA_REQUIRED = False


@pytest.fixture
def admin():
    user = User.objects.create(username="sys", name="系统")
    Grant.objects.create(user=user, role=Role.SYSTEM_ADMIN, valid_from=clock.now() - timedelta(days=1))
    return user


@pytest.fixture
def new():
    user = User(username="lisi", name="李四", email="lisi@example.cn")
    user.set_unusable_password()
    user.save()
    return user


def as_person(user):
    client = browser()
    client.force_login(user, backend=BACKEND)
    return client


def opened(address):
    """(browser, page) after following the link."""
    client = browser()
    path = re.sub(r"^https?://[^/]+", "", address)
    return client, client.get(path, follow=True)


def choose(client, page, password=NEW):
    return client.post(page.request["PATH_INFO"], {"new_password1": password, "new_password2": password})


def test_the_mail_s_link_sets_a_password_once(admin, new, settings):
    as_person(admin).post(reverse("person_link", args=[new.pk]))
    (letter,) = mail.outbox
    assert letter.to == ["lisi@example.cn"]
    address = re.search(r"https?://\S+", letter.body).group()
    assert address.startswith(settings.SITE_URL)
    client, page = opened(address)
    # No address with a secret stays in the history.
    assert page.request["PATH_INFO"].endswith("/new/")
    assert choose(client, page, "123").status_code == 200
    assert choose(client, page)["Location"] == reverse("account_login")
    assert sign_in(browser(), "lisi", NEW).status_code == 302
    assert "启用链接无效" in opened(address)[1].content.decode()
    kinds = list(AccountEvent.objects.filter(user=new).order_by("pk").values_list("kind", flat=True))
    assert kinds[:2] == ["link_sent", "activated"]


def test_a_newer_link_ends_the_older_one(new):
    first = activation.link(new)
    second = activation.link(new)
    assert "启用链接无效" in opened(first)[1].content.decode()
    assert "用户名是" in opened(second)[1].content.decode()


@pytest.mark.parametrize(("hours", "good"), [(0, True), (71, True), (73, False)])
def test_a_link_ends_by_itself(new, monkeypatch, hours, good):
    address = activation.link(new)
    monkeypatch.setattr(activation.tokens, "_now", lambda: datetime.now() + timedelta(hours=hours))  # noqa: DTZ005 - as Django does
    assert ("用户名是" in opened(address)[1].content.decode()) is good


def test_what_changes_meanwhile_ends_the_link(new):
    for change in ({"email": "other@example.cn"}, {"is_active": False}, {"last_login": clock.now()}):
        address = activation.link(new)
        User.objects.filter(pk=new.pk).update(**change)
        assert "启用链接无效" in opened(address)[1].content.decode(), change
        User.objects.filter(pk=new.pk).update(email="lisi@example.cn", is_active=True, last_login=None)
        new.refresh_from_db()
    for broken in ("activate/MQ/x/", "activate/!!/a-b/", "activate/MQ/zzzz-zzzz/"):
        assert "启用链接无效" in browser().get(f"/{broken}").content.decode()


def test_a_link_is_shown_only_where_there_is_no_address(admin, new):
    client, url = as_person(admin), reverse("person_link", args=[new.pk])
    assert client.post(url).status_code == 302
    User.objects.filter(pk=new.pk).update(email="")
    page = client.post(url)
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    address = re.search(r"http[^\"\s<]+/activate/[^\"\s<]+", page.content.decode()).group()
    assert "用户名是" in opened(address)[1].content.decode()
    assert AccountEvent.objects.filter(user=new, kind="link_shown").get().note == "系统"


def test_an_administrator_s_link_is_never_shown_and_an_account_in_use_gets_none(admin, new):
    client, url = as_person(admin), reverse("person_link", args=[new.pk])
    User.objects.filter(pk=new.pk).update(email="")
    Grant.objects.create(user=new, role=Role.SECURITY_ADMIN, valid_from=clock.now() + timedelta(days=9))
    assert client.post(url).status_code == 302
    Grant.objects.filter(user=new).delete()
    new.set_password(NEW)
    new.save()
    assert client.post(url).status_code == 302
    new.refresh_from_db()
    assert new.check_password(NEW)
    assert not AccountEvent.objects.filter(user=new).exists()
    assert not mail.outbox


def test_a_mail_server_that_refuses_is_told(admin, new, monkeypatch):
    def refuse(*args, **kwargs):
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)
    page = as_person(admin).post(reverse("person_link", args=[new.pk]), follow=True)
    assert "邮件没有发出" in page.content.decode()


# --- the command line
def run(*args, **more):
    out = StringIO()
    call_command("account", *args, stdout=out, **more)
    return out.getvalue()


def test_the_first_administrators_are_made_at_the_command_line_and_only_they():
    for role, seat in (("system", "system_admin"), ("security", "security_admin")):
        said = run("first-admin", f"first-{role}", "--role", role, "--name", "甲")
        address = re.search(r"http\S+", said).group()
        assert "用户名是" in opened(address)[1].content.decode()
        assert Grant.objects.get(user__username=f"first-{role}").role == seat
        with pytest.raises(CommandError, match="there is one already"):
            run("first-admin", "second", "--role", role)
    assert User.objects.count() == 2
    assert "apart" in run("check")


def test_one_person_is_not_made_both_and_the_check_finds_who_is():
    run("first-admin", "jia", "--role", "system")
    with pytest.raises(CommandError, match="三员分立"):
        run("first-admin", "jia", "--role", "security")
    jia = User.objects.get(username="jia")
    Grant.objects.create(user=jia, role=Role.LEADER, valid_from=clock.now())
    with pytest.raises(CommandError, match="1 against"):
        run("check")


def test_a_lost_link_is_made_again_at_the_command_line(new):
    assert "http" in run("link", "lisi")
    User.objects.filter(pk=new.pk).update(last_login=clock.now())
    with pytest.raises(CommandError):
        run("link", "lisi")


# --- switched off
def test_whoever_is_switched_off_is_out_at_the_next_request_and_stays_out(new):
    from approvals.grants import switch_off

    new.set_password(NEW)
    new.save()
    client, idle = browser(), browser()
    for one in (client, idle):
        sign_in(one, "lisi", NEW)
    assert client.get("/inbox/").status_code == 200
    assert idle.get("/inbox/").status_code == 200
    switch_off(User.objects.get(pk=new.pk), clock.now())
    assert client.get("/inbox/").status_code == 302
    User.objects.filter(pk=new.pk).update(is_active=True)
    # Also the session in which nothing was asked while the account was off.
    assert idle.get("/inbox/").status_code == 302
