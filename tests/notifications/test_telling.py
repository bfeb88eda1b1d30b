"""Telling: one mail for what is due together, digests in office hours, quiet hours, choices, the secret feed."""

from datetime import datetime, time, timedelta

import pytest
from django.core import mail
from django.urls import reverse

from accounts.models import User
from notifications import outbox, preferences, sending
from notifications.channels import registry
from notifications.channels.base import Letter
from notifications.models import Message
from notifications.workdays.days import Calendar
from tests.channels import AT, VALUES, lapse

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def shanghai(day, hour, minute=0):
    return datetime(2017, 3, day, hour, minute, tzinfo=preferences.clock.SHANGHAI)


@pytest.fixture
def person(world):
    return User.objects.create(username="told", name="被通知人", email="told@example.invalid")


def tell(person, kind, at=AT, key="k"):
    outbox.put(outbox.write(kind, f"{key}:{kind}", [person], at, url="/x/", **VALUES))


def test_what_cannot_wait_goes_at_once_and_the_rest_in_the_next_digest(person):
    tell(person, "overdue")
    tell(person, "duty_opened")
    tell(person, "reminder")
    assert outbox.send_due(AT) == 1
    assert "逾期" in mail.outbox[0].subject
    assert outbox.send_due(shanghai(7, 17)) == 0
    assert outbox.send_due(shanghai(8, 9)) == 2
    (digest,) = mail.outbox[1:]
    assert "2 条" in digest.subject
    assert digest.body.count("/x/") == 2
    assert outbox.send_due(shanghai(8, 10)) == 0


def test_several_urgent_ones_leave_as_one_mail(person):
    for key in range(25):
        tell(person, "overdue", key=str(key))
    assert outbox.send_due(AT) == 25
    assert len(mail.outbox) == 1
    assert mail.outbox[0].body.count("\n\n") == 24


def test_a_digest_waits_for_a_working_day_and_office_hours(person):
    # Friday afternoon: the next nine o'clock is a Saturday's.
    tell(person, "reminder", shanghai(10, 16))
    for moment in (shanghai(11, 9), shanghai(12, 12), shanghai(13, 8, 59)):
        assert outbox.send_due(moment) == 0, moment
    assert outbox.send_due(shanghai(13, 20)) == 0, "not in the evening either"
    assert outbox.send_due(shanghai(14, 9)) == 1


def test_after_months_of_silence_everybody_gets_two_mails_at_most(world):
    people = [
        User.objects.create(username=f"p{n}", name=f"人{n}", email=f"p{n}@example.invalid", language="zh-hans")
        for n in range(20)
    ]
    for n in range(500):
        person = people[n % 20]
        tell(person, "overdue", AT, f"late{n}")
        tell(person, "reminder", AT, f"rung{n}")
    later = AT + timedelta(days=120)  # Wednesday 5 July 2017
    while outbox.send_due(later):
        pass
    per_person = {address: sum(address in letter.to for letter in mail.outbox) for address in (p.email for p in people)}
    assert max(per_person.values()) <= 2, per_person
    assert not Message.objects.filter(channel="email").exclude(state="sent").exists()


@pytest.mark.parametrize(
    ("quiet", "at", "expected"),
    [
        ((time(22), time(7)), shanghai(7, 23), shanghai(8, 7)),
        ((time(22), time(7)), shanghai(8, 3), shanghai(8, 7)),
        ((time(22), time(7)), shanghai(8, 7), shanghai(8, 7)),
        ((time(12), time(14)), shanghai(8, 13), shanghai(8, 14)),
        ((time(12), time(14)), shanghai(8, 11), shanghai(8, 11)),
        ((time(0), time(0)), shanghai(8, 3), shanghai(8, 3)),
    ],
)
def test_quiet_hours(quiet, at, expected):
    assert preferences.after_quiet(at, quiet) == expected


def test_office_hours_know_the_calendar():
    bare = Calendar({}, frozenset({2017}), "test")
    assert preferences.office_hours(shanghai(7, 9), bare)
    assert not preferences.office_hours(shanghai(7, 18), bare)
    assert not preferences.office_hours(shanghai(11, 10), bare)


def test_a_failed_mail_is_tried_again_as_the_same_mail(person, monkeypatch):
    tell(person, "overdue", key="a")
    tell(person, "overdue", key="b")
    tried = []

    def broken(self, *_args, **_kwargs):
        tried.append(self.extra_headers["Message-ID"])
        raise OSError("connection refused")

    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.EmailMessage.send", broken)
        assert outbox.send_due(AT) == 0
    # What came meanwhile does not change a mail that may have left.
    tell(person, "overdue", AT + timedelta(minutes=1), key="c")
    assert outbox.send_due(AT + timedelta(minutes=5)) == 3
    first, second = mail.outbox
    assert first.extra_headers["Message-ID"] == tried[0]
    assert (first.body.count("/x/"), second.body.count("/x/")) == (2, 1)


def test_a_sender_that_was_killed_loses_nothing_and_keeps_its_mail_together(person):
    for key in "ab":
        tell(person, "overdue", key=key)
    mine = sending.claim(registry.every()["email"], AT)
    assert len(mine) == 2
    assert len({row.bundle for row in mine}) == 1
    assert outbox.send_due(AT + timedelta(seconds=61)) == 0, "the minute is the database's"
    lapse()
    assert outbox.send_due(AT + timedelta(seconds=61)) == 2
    assert mail.outbox[0].extra_headers["Message-ID"].startswith(f"<{Letter(mine).id}@")


def test_choices_are_made_on_a_page_and_honoured(client, person):
    client.force_login(person, backend=BACKEND)
    address = reverse("telling")
    page = client.get(address).content.decode()
    assert "told@example.invalid" in page
    wish = dict.fromkeys(preferences.KINDS, "off") | {"overdue": "digest", "quiet_from": "21:00", "quiet_to": "08:00"}
    bad = client.post(address, wish | {"overdue": "shout", "quiet_from": "25:00"})
    assert bad.status_code == 422
    assert User.objects.get(pk=person.pk).telling == {}
    client.post(address, wish)
    person.refresh_from_db()
    tell(person, "reminder")
    tell(person, "overdue")
    assert list(Message.objects.filter(user=person, channel="email").values_list("kind", "digest")) == [
        ("overdue", True)
    ]
    assert Message.objects.filter(user=person, channel="inbox").count() == 2
    assert preferences.chosen(person).quiet == (time(21), time(8))


def test_stored_nonsense_falls_back_to_the_defaults(person):
    person.telling = {"mail": {"overdue": "loud", "gone": "now"}, "quiet": ["x"]}
    choice = preferences.chosen(person)
    assert choice.mail["overdue"] == "now"
    assert choice.quiet == preferences.QUIET


def test_the_feed_has_a_secret_address_that_can_be_taken_back(client, world):
    walk, application = world.application(to="formality_check")
    checker = walk.cast["checker"]
    client.force_login(checker, backend=BACKEND)
    client.post(reverse("feed_address"), {"do": "new"})
    checker.refresh_from_db()
    address = reverse("calendar_feed", args=[checker.feed_key])
    assert len(checker.feed_key) == 43
    assert address in client.get(reverse("telling")).content.decode()
    client.logout()
    answer = client.get(address)
    assert answer["Content-Type"].startswith("text/calendar")
    assert application.title in answer.content.decode().replace("\r\n ", "")
    assert client.get(reverse("calendar_feed", args=["x" * 43])).status_code == 404
    checker.is_active = False
    checker.save()
    assert client.get(address).status_code == 404
    checker.is_active = True
    checker.save()
    client.force_login(checker, backend=BACKEND)
    client.post(reverse("feed_address"), {"do": "revoke"})
    client.logout()
    assert client.get(address).status_code == 404
    assert client.get("/calendar/feed/.ics").status_code == 404
