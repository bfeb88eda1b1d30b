"""Sessions end: lying idle, too old, ended from another device, or because the person may not sign in any more (A7, F18)."""

import time
from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from accounts import sessions, typed
from accounts.models import AccountEvent, Grant
from accounts.roles import Role
from tests.accounts.signing_in import PASSWORD, browser, person, sign_in
from workflows.tasks import tick

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36 Edg/131.0"


class Watch:
    """The real clock, moved on by the test."""

    def __init__(self, monkeypatch):
        self.on, real = 0, time.time
        monkeypatch.setattr(time, "time", lambda: real() + self.on)

    def go(self, *, minutes=0, hours=0):
        self.on += minutes * 60 + hours * 3600


@pytest.fixture
def watch(monkeypatch):
    return Watch(monkeypatch)


@pytest.fixture
def zhang():
    return person()


@pytest.fixture
def client(zhang):
    client = browser()
    sign_in(client)
    return client


# --- time-outs
def test_idle_for_half_an_hour(client, watch):
    watch.go(minutes=29)
    assert client.get("/inbox/").status_code == 200
    watch.go(minutes=29)
    assert client.get("/inbox/").status_code == 200
    watch.go(minutes=31)
    key = client.session.session_key
    answer = client.get("/inbox/?page=2")
    assert answer["Location"] == "/accounts/login/?next=/inbox/%3Fpage%3D2&over=idle"
    assert "有一段时间没有操作" in client.get(answer["Location"]).content.decode()
    assert not Session.objects.filter(session_key=key).exists()


def test_eight_hours_are_the_end_however_busy(client, watch):
    for _quarter in range(31):
        watch.go(minutes=15)
        assert client.get("/inbox/").status_code == 200
    watch.go(minutes=16)
    assert client.get("/inbox/")["Location"].endswith("over=long")


def test_the_limits_are_settings(client, watch, settings):
    settings.IDLE_MINUTES = 5
    watch.go(minutes=6)
    assert client.get("/inbox/")["Location"].endswith("over=idle")


def test_pages_that_ask_by_themselves_keep_nothing_alive(client, watch, zhang):
    passive = reverse("seal_use_progress", args=["00000000-0000-0000-0000-000000000000"])
    for _time in range(5):
        watch.go(minutes=5)
        client.get(passive)
    watch.go(minutes=6)
    assert client.get("/inbox/")["Location"].endswith("over=idle")


def test_the_demonstrations_clock_signs_nobody_out(client, zhang):
    from accounts.models import ClockShift

    ClockShift.objects.update_or_create(pk=1, defaults={"seconds": 90 * 86400})
    assert client.get("/inbox/").status_code == 200


def test_a_page_is_not_a_write(client, watch, django_assert_max_num_queries):
    watch.go(minutes=5)
    client.get("/inbox/")
    before = client.session[sessions.SEEN]
    watch.go(minutes=0.5)
    client.get("/inbox/")
    assert client.session[sessions.SEEN] == before
    watch.go(minutes=1)
    client.get("/inbox/")
    assert client.session[sessions.SEEN] > before


def test_the_key_changes_at_sign_in(zhang):
    client = browser()
    client.get("/accounts/login/?next=/inbox/")
    session = client.session
    session["planted"] = 1
    session.save()
    client.cookies["sessionid"] = session.session_key
    sign_in(client)
    assert client.cookies["sessionid"].value != session.session_key
    assert not Session.objects.filter(session_key=session.session_key).exists()


def prove(client):
    """Gives the password again."""
    assert client.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code == 302


def test_the_key_changes_when_one_proves_it_again(client, zhang):
    before = client.cookies["sessionid"].value
    thief = browser()
    thief.cookies["sessionid"] = before
    assert thief.get("/inbox/").status_code == 200, "the planted positive: until then the key opens"
    prove(client)
    assert client.cookies["sessionid"].value != before
    assert client.get("/inbox/").status_code == 200
    assert "/accounts/login/" in thief.get("/inbox/")["Location"]
    # Still one session in the list, and the one that is looked from.
    assert [row.session_key for row in UserSession.objects.filter(user=zhang)] == [client.cookies["sessionid"].value]


def test_the_cookie_goes_with_the_browser(client):
    assert client.cookies["sessionid"]["expires"] == ""
    assert client.cookies["sessionid"]["httponly"]


# --- what was typed
def test_what_was_typed_too_late_is_shown_to_its_author_and_sent_again(client, watch):
    watch.go(minutes=31)
    url = reverse("my_seats")
    answer = client.post(
        f"{url}?tab=1", {"do": "lend", "note": "long\n<b>words</b>", "tag": ["a", "b"], "password": "x"}
    )
    assert answer["Location"].startswith("/accounts/login/?next=/me/typed/")
    back = client.post(answer["Location"], {"login": "zhang", "password": PASSWORD, "next": "/me/typed/"})
    assert back["Location"] == "/me/typed/"
    page = client.get("/me/typed/").content.decode()
    assert "long<br>&lt;b&gt;words&lt;/b&gt;" in page
    assert f'action="{url}?tab=1"' in page
    assert page.count('<textarea name="tag" hidden>') == 2
    assert "csrfmiddlewaretoken" in page
    assert 'name="password"' not in page
    kept = client.session[typed.KEY]
    assert dict(typed.as_post(kept).lists())["tag"] == ["a", "b"]
    client.post("/me/typed/")
    assert client.get("/me/typed/")["Location"] == reverse("desk")


def test_another_tab_that_heard_of_the_end_first_costs_no_words(client, watch):
    watch.go(minutes=31)
    client.get(reverse("seal_use_progress", args=["00000000-0000-0000-0000-000000000000"]))
    answer = client.post(reverse("my_seats"), {"note": "kept all the same"})
    assert "next=/me/typed/" in answer["Location"]
    sign_in(client)
    assert "kept all the same" in client.get("/me/typed/").content.decode()


def test_somebody_else_at_the_same_desk_does_not_see_it(client, watch):
    person("li")
    watch.go(minutes=31)
    client.post(reverse("my_seats"), {"note": "not for li"})
    sign_in(client, "li")
    assert client.get("/me/typed/")["Location"] == reverse("desk")
    assert typed.KEY not in client.session


def test_strangers_fill_no_sessions(zhang):
    stranger = browser()
    stranger.post(reverse("my_seats"), {"note": "x"})
    assert Session.objects.count() == 0


def test_too_long_a_text_is_not_kept(client, watch):
    watch.go(minutes=31)
    answer = client.post(reverse("my_seats"), {"note": "x" * (typed.LONGEST + 1)})
    assert "next=/me/seats/" in answer["Location"]


def test_the_editor_and_htmx_are_told(client, watch):
    watch.go(minutes=31)
    saving = client.post(reverse("my_seats"), {"value": "x"}, headers={"X-Requested-With": "XMLHttpRequest"})
    assert saving.status_code == 401
    part = client.get("/inbox/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/desk/?tab=2"})
    assert part.headers["HX-Redirect"].startswith("/accounts/login/?next=%2Fdesk%2F%3Ftab%3D2")


# --- the list
def test_the_list_names_devices_and_ends_one(zhang):
    here, there = browser(headers={"User-Agent": FIREFOX}), browser(headers={"User-Agent": EDGE})
    sign_in(here, REMOTE_ADDR="192.0.2.1")
    sign_in(there, REMOTE_ADDR="192.0.2.2")
    page = here.get("/accounts/sessions/").content.decode()
    assert "Firefox · Linux" in page
    assert "Edge · Windows" in page
    assert "192.0.2.2" in page
    assert "须再次验证身份" in page
    other = UserSession.objects.get(ip="192.0.2.2")
    asked = here.post("/accounts/sessions/", {"session": other.pk})
    assert asked["Location"] == "/accounts/reauthenticate/?next=%2Faccounts%2Fsessions%2F"
    assert there.get("/inbox/").status_code == 200, "not before it is proven who asks"
    prove(here)
    assert "须再次验证身份" not in here.get("/accounts/sessions/").content.decode()
    assert here.post("/accounts/sessions/", {"session": other.pk}).status_code == 302
    assert "/accounts/login/" in there.get("/inbox/")["Location"]
    assert here.get("/inbox/").status_code == 200
    assert AccountEvent.objects.filter(user=zhang, kind="session_ended").exists()


def test_all_others_end_and_this_one_stays(zhang):
    here, others = browser(), [browser() for _number in range(3)]
    for one in (here, *others):
        sign_in(one)
    prove(here)
    here.post("/accounts/sessions/", {"do": "others"})
    assert [one.get("/inbox/").status_code for one in (here, *others)] == [200, 302, 302, 302]


def test_nobody_ends_somebody_elses(client, zhang):
    person("li")
    other = browser()
    sign_in(other, "li")
    theirs = UserSession.objects.get(user__username="li")
    prove(client)
    for value in (theirs.pk, "x", "9" * 30, "-1", ""):
        client.post("/accounts/sessions/", {"session": value})
    assert other.get("/inbox/").status_code == 200
    assert client.get("/inbox/").status_code == 200


def test_devices_in_words():
    assert sessions.device_words(EDGE) == "Edge · Windows"
    assert sessions.device_words("curl/8") == "未知设备"


# --- people who may not
def test_a_deactivated_person_is_out_with_the_next_request_for_good(client, zhang):
    zhang.is_active = False
    zhang.save()
    assert "/accounts/login/" in client.get("/inbox/")["Location"]
    zhang.is_active = True
    zhang.save()
    assert "/accounts/login/" in client.get("/inbox/")["Location"]


def test_the_beat_takes_away_rows_of_sessions_that_are_over(client, zhang):
    gone = browser()
    sign_in(gone)
    Session.objects.filter(pk=gone.session.session_key).update(expire_date=timezone.now() - timedelta(seconds=1))
    tick()
    assert [row.pk for row in Session.objects.all()] == [client.session.session_key]
    assert client.get("/inbox/").status_code == 200


def test_an_administrator_of_the_machine_ends_somebody_s_sessions(client, zhang):
    person("li")
    other = browser()
    sign_in(other, "li")
    call_command("account", "end-sessions", "zhang", "--reason", "lost laptop")
    assert "/accounts/login/" in client.get("/inbox/")["Location"]
    assert other.get("/inbox/").status_code == 200, "only theirs"


def test_seats_that_ended_open_nothing_with_the_next_request(world, monkeypatch):
    from accounts import clock

    user = person("wang", Role.PROGRAMME_OFFICER, world.start)
    client = browser()
    sign_in(client, "wang")
    assert client.get("/ops/").status_code == 200
    Grant.objects.filter(user=user).update(valid_to=clock.now())
    assert client.get("/ops/").status_code == 403


def test_another_password_ends_the_sessions_of_the_old_one(client, zhang):
    other = browser()
    sign_in(other)
    new = {
        "oldpassword": PASSWORD,
        "password1": "another sentence nobody guesses",
        "password2": "another sentence nobody guesses",
    }
    assert client.post("/accounts/password/change/", new).status_code == 302
    assert client.get("/inbox/").status_code == 200
    assert "/accounts/login/" in other.get("/inbox/")["Location"]
