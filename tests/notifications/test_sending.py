"""Who still hears what when their letter's time comes, and senders that meet."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import mail

from accounts.models import User
from notifications import outbox, sending
from notifications.channels import registry
from notifications.channels.base import Channel, Letter
from notifications.models import Deadline, Message, Reminder
from tests.channels import AT, VALUES, lapse, make_endpoint, make_person, tell

pytestmark = pytest.mark.django_db


def make_duty(**more):
    fields = {
        "subject_model": "pilots.application", "subject_uuid": uuid4(), "subject_label": "徐汇区", "code": "form", "label": "形审",
        "role": "formality_checker", "programme": "trial_zone", "due_on": AT.date(), "due_at": AT, "starts_on": AT.date(),
        "ladder": [0], "opened_at": AT,
    }  # fmt: skip
    return Deadline.objects.create(**fields | more)


def told(duty, *people, kind="overdue", rung="1"):
    outbox.put(
        outbox.write(kind, f"{duty.uuid}:{duty.due_version}:{rung}", people, AT, duty=duty, **outbox.about(duty, 1))
    )


def states(**where):
    return dict(Message.objects.filter(**where).values_list("user__username", "state"))


def test_a_duty_that_is_done_is_not_spoken_of_even_by_a_lease_that_ran_out(person):
    duty = make_duty()
    told(duty, person)
    sending.claim(registry.every()["email"], AT)
    Deadline.objects.update(closed_at=AT)
    lapse()
    assert outbox.send_due(AT + timedelta(minutes=2)) == 0
    row = Message.objects.get(channel="email")
    assert (row.state, row.note) == ("dropped", "over")


def test_a_duty_that_moved_is_spoken_of_by_its_new_date_only(person):
    duty = make_duty()
    told(duty, person)
    told(duty, person, kind="duty_opened", rung="opened")
    Deadline.objects.update(due_version=2)
    assert outbox.send_due(AT + timedelta(days=1)) == 1
    assert dict(Message.objects.filter(channel="email").values_list("kind", "state")) == {
        "overdue": "dropped", "duty_opened": "sent",
    }  # fmt: skip


def test_whoever_left_hears_nothing_and_the_rung_is_owed_to_the_successor(person):
    duty = make_duty()
    rung = Reminder.objects.create(deadline=duty, due_version=1, rung="1", speaks_at=AT, state="spoken", at=AT)
    other = make_person("other")
    told(duty, person, other)
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert outbox.send_due(AT) == 1
    assert states(channel="email") == {"told": "dropped", "other": "sent"}
    rung.refresh_from_db()
    assert rung.state == "owed"
    assert Message.objects.get(channel="email", user=person).note == "gone"


def test_the_neighbour_who_still_waits_keeps_the_message_when_the_rung_is_spoken_again(person):
    duty = make_duty()
    waits = make_person("waits")
    told(duty, waits)
    outbox.drop([duty.uuid], kinds=outbox.ABOUT_TIME)
    told(duty, waits)
    assert states(channel="email") == {"waits": "queued"}
    Deadline.objects.update(closed_at=AT)
    outbox.drop([duty.uuid])
    assert states(channel="email") == {"waits": "dropped"}


def test_a_late_sender_does_not_speak_for_the_one_that_came_after(person):
    tell(person)
    email = registry.every()["email"]
    slow = sending.claim(email, AT)
    lapse()
    fast = sending.claim(email, AT)
    assert [row.pk for row in slow] == [row.pk for row in fast]
    sending._mark_failed({sending.Temporary("late"): slow}, AT)
    assert Message.objects.get(channel="email").state == "sending"
    sending._mark_sent(fast, AT)
    assert Message.objects.get(channel="email").state == "sent"
    assert Letter(slow).id == Letter(fast).id


def test_two_senders_share_nothing(person):
    tell(person, make_person("b"))
    email = registry.every()["email"]
    first, second = sending.claim(email, AT), sending.claim(email, AT)
    assert (len(first), len(second)) == (2, 0)


def test_a_pass_costs_few_statements_whatever_its_size(django_assert_max_num_queries):
    people = [make_person(f"p{number}") for number in range(300)]
    tell(*people)
    with django_assert_max_num_queries(22):
        assert outbox.send_due(AT) == 300


def test_what_was_not_handed_over_in_time_goes_back_uncounted(monkeypatch):
    tell(*(make_person(f"p{number}") for number in range(3)))
    monkeypatch.setattr(sending, "HANDING_SECONDS", -1)
    assert outbox.send_due(AT) == 1
    assert list(Message.objects.filter(channel="email", state="queued").values_list("attempts", flat=True)) == [0, 0]
    monkeypatch.undo()


def test_back_off_grows_to_an_hour_and_seven_days_end_it(person, monkeypatch):
    tell(person)
    monkeypatch.setattr(
        "django.core.mail.EmailMessage.send", lambda *_args, **_more: (_ for _ in ()).throw(OSError("down"))
    )
    pauses, at = [], AT
    while (row := Message.objects.get(channel="email")).state == "queued":
        outbox.send_due(row.not_before)
        at, row = row.not_before, Message.objects.get(channel="email")
        pauses.append(row.not_before - at)
    minutes = [int(pause.total_seconds() // 60) for pause in pauses]
    assert minutes[:8] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert timedelta(days=7) < at - AT < timedelta(days=7, hours=2)
    monkeypatch.undo()
    assert sending.again(Message.objects.filter(channel="email"), at) == 1
    assert outbox.send_due(at) == 1


def test_a_fault_of_ours_in_a_channel_holds_only_that_channel(person, monkeypatch):
    make_endpoint("webhook", {})
    tell(person, programme="x")
    assert outbox.send_due(AT) == 1
    assert "KeyError" in Message.objects.get(channel="webhook").error
    assert len(mail.outbox) == 1


def test_groups_hear_of_offices_and_not_of_drafts_or_single_persons(person):
    make_endpoint("webhook", {}, kinds=["duty_opened", "overdue"])
    for role, kind, heard in (
        ("formality_checker", "duty_opened", True), ("applicant_contact", "duty_opened", False),
        ("applicant_contact", "overdue", True),
    ):  # fmt: skip
        Message.objects.all().delete()
        told(make_duty(role=role), person, kind=kind, rung=f"{role}{kind}")
        assert Message.objects.filter(channel="webhook").exists() is heard, (role, kind)
    Message.objects.all().delete()
    told(make_duty(role="expert", user=person), person)
    assert not Message.objects.filter(channel="webhook").exists()


def test_a_group_sleeps_at_night_and_a_system_does_not():
    make_endpoint("wecom", {"key": "x"})
    make_endpoint("webhook", {})
    night = AT.replace(hour=16, minute=0)
    tell(programme="x", at=night)
    assert dict(Message.objects.values_list("channel", "not_before")) == {
        "wecom": night + timedelta(hours=7), "webhook": night,
    }  # fmt: skip


def test_an_endpoint_that_is_switched_off_gets_nothing():
    endpoint = make_endpoint("webhook", {"url": "x", "secret": "x"})
    tell(programme="x")
    endpoint.active = False
    endpoint.save()
    assert outbox.send_due(AT) == 0
    assert Message.objects.get().note == "off"
    tell(programme="x", key="more")
    assert Message.objects.count() == 1


def test_every_channel_says_what_it_is():
    for code, channel in registry.every().items():
        assert isinstance(channel, Channel)
        assert channel.code == code
        assert len(code) <= Message._meta.get_field("channel").max_length
        assert str(channel.label)
        assert channel.icon
        assert channel.personal or channel.form is not None
        if channel.form is not None:
            assert set(channel.secrets) <= set(channel.form.config)
            assert channel.secrets == channel.form.secrets
        assert not channel.modes or channel.stored_as


def test_stored_words_are_never_a_template(person):
    outbox.put(
        outbox.write(
            "outcome",
            "k1",
            [person],
            AT,
            **VALUES | {"case": "$text ${settings} {{ x }}", "done": "$n", "reason": "%(x)s"},
        )
    )
    outbox.put(outbox.write("overdue", "k", [person], AT, **VALUES | {"case": "$n $subject"}))
    assert outbox.send_due(AT + timedelta(days=1)) == 2
    assert "$text ${settings} {{ x }}" in mail.outbox[0].body
    assert "$n $subject" in mail.outbox[0].body
