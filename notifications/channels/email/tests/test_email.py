"""Mail over a real SMTP server: one connection, one mail per person, refusals for good, a server that is away."""

from datetime import timedelta

import pytest
from django.core.management import call_command

from accounts.models import User
from notifications import outbox
from notifications.models import Bounce, Message
from tests.channels import AT, make_person, tell

pytestmark = pytest.mark.django_db


def test_a_batch_goes_over_one_connection(smtp_server):
    people = [make_person(f"p{number}") for number in range(30)]
    for key in "ab":
        tell(*people, key=key)
    assert outbox.send_due(AT) == 60
    assert smtp_server.connections == 1
    assert len(smtp_server.mails) == 30
    mail = smtp_server.mails[0]
    assert "2 条" in str(mail["Subject"])
    assert mail["Message-ID"].endswith("@127.0.0.1>")
    assert mail.get_content().count("/x/") == 2
    assert "/me/telling/" in mail.get_content()
    assert len({mail["Message-ID"] for mail in smtp_server.mails}) == 30


def test_english_is_english(smtp_server):
    person = make_person(language="en")
    for key in "ab":
        tell(person, key=key)
    outbox.send_due(AT)
    assert str(smtp_server.mails[0]["Subject"]) == "Pilotage: 2 reminders and messages"
    assert "days overdue" in smtp_server.mails[0].get_content()


def test_an_address_that_is_refused_is_dead_at_once_and_neighbours_get_theirs(smtp_server):
    gone, fine = make_person("gone"), make_person("fine")
    smtp_server.refuse[gone.email] = "550 5.1.1 no such user"
    tell(gone, fine)
    assert outbox.send_due(AT) == 1
    row = Message.objects.get(channel="email", user=gone)
    assert (row.state, row.attempts) == ("dead", 1)
    assert "550 5.1.1 no such user" in row.error
    assert row.error_en.startswith("The mail server refuses it")
    assert Bounce.objects.get().failures == 1


def test_later_is_later(smtp_server):
    busy = make_person("busy")
    smtp_server.refuse[busy.email] = "451 4.7.1 greylisted"
    tell(busy)
    assert outbox.send_due(AT) == 0
    assert Message.objects.get(channel="email").state == "queued"
    assert not Bounce.objects.exists()
    smtp_server.refuse.clear()
    assert outbox.send_due(AT + timedelta(minutes=1)) == 1


def test_after_three_refusals_mail_pauses_until_the_address_changes(smtp_server, client):
    gone = make_person("gone")
    smtp_server.refuse[gone.email] = "550 no"
    for day in range(3):
        tell(gone, key=str(day), at=AT + timedelta(days=day))
        outbox.send_due(AT + timedelta(days=day))
    tell(gone, key="fourth")
    assert outbox.send_due(AT + timedelta(days=3)) == 0
    row = Message.objects.get(key=f"fourth:overdue:{gone.pk}:email")
    assert (row.state, row.note) == ("dropped", "paused")
    assert Message.objects.filter(user=gone, channel="inbox").count() == 4
    client.force_login(gone, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert "邮箱无法送达" in client.get("/me/telling/").content.decode()
    User.objects.filter(pk=gone.pk).update(email="new@example.invalid")
    gone.refresh_from_db()
    assert "邮箱无法送达" not in client.get("/me/telling/").content.decode()
    tell(gone, key="fifth")
    assert outbox.send_due(AT + timedelta(days=4)) == 1


def test_one_success_clears_the_sheet(smtp_server):
    person = make_person("p")
    for day, refuse in enumerate((True, True, False, True)):
        smtp_server.refuse = {person.email: "550 no"} if refuse else {}
        tell(person, key=str(day), at=AT + timedelta(days=day))
        outbox.send_due(AT + timedelta(days=day))
    assert Bounce.objects.get().failures == 1


def test_a_server_that_is_away_is_asked_once_per_batch(smtp_server, settings, monkeypatch):
    tell(*(make_person(f"p{number}") for number in range(5)))
    tried = []
    real = __import__("smtplib").SMTP.connect
    monkeypatch.setattr("smtplib.SMTP.connect", lambda *args, **more: tried.append(1) or real(*args, **more))
    settings.EMAIL_PORT = 1
    assert outbox.send_due(AT) == 0
    assert len(tried) == 1
    assert set(Message.objects.filter(channel="email").values_list("state", flat=True)) == {"queued"}
    settings.EMAIL_PORT = smtp_server.port
    assert outbox.send_due(AT + timedelta(minutes=1)) == 5


def test_a_server_that_drops_the_line_gets_the_rest_over_a_new_one(smtp_server):
    people = [make_person(f"p{number}") for number in range(6)]
    tell(*people)
    smtp_server.refuse[people[2].email] = "421 closing"
    assert outbox.send_due(AT) == 5
    assert smtp_server.connections >= 1
    assert Message.objects.get(channel="email", user=people[2]).state == "queued"


def test_the_demonstrations_mailbox_takes_the_same_letter_once(settings):
    from notifications.models import DemoMail

    settings.EMAIL_BACKEND = "notifications.mailbox.DemoMailbox"
    tell(make_person())
    assert outbox.send_due(AT) == 1
    assert DemoMail.objects.count() == 1


def test_the_tables_are_those_of_the_migrations():
    call_command("makemigrations", "notifications", check=True, dry_run=True, verbosity=0)
