"""A database that comes back from a backup: nothing is sent twice, nothing is swallowed, somebody says when."""

from datetime import timedelta

import pytest
from django.core import mail

from notifications import epoch, outbox, sentlog
from notifications.models import Epoch, Heartbeat, Message
from tests.channels import AT, lapse, make_person, tell

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=1)


def backup():
    """The rows of the tables that matter, as a backup would have them."""
    return list(Message.objects.order_by("pk")), list(Epoch.objects.order_by("pk"))


def restore(rows):
    messages, marks = rows
    Message.objects.all().delete()
    Epoch.objects.all().delete()
    Message.objects.bulk_create(messages)
    Epoch.objects.bulk_create(marks)


@pytest.fixture
def people(db):
    return [make_person(f"p{number}") for number in range(6)]


@pytest.fixture
def officer(db):
    return make_person("officer")


def test_the_first_start_just_begins(people):
    assert epoch.held(AT) == ""
    tell(*people)
    assert outbox.send_due(AT) == 6
    assert Epoch.objects.get().token == sentlog.log().token()


def test_restored_held_released_nothing_twice_nothing_swallowed(people, officer):
    tell(officer)
    outbox.send_due(AT)
    tell(*people)
    kept = backup()
    assert outbox.send_due(LATER) == 6
    restore(kept)
    # A message that was never sent, written after the restore, waits with the rest.
    tell(*people[:2], key="new", at=LATER)
    assert outbox.send_due(LATER + timedelta(minutes=2)) == 0
    assert epoch.held(LATER) == epoch.RESTORED
    assert Heartbeat.objects.get(name="outgoing").note == "restored"
    assert Message.objects.filter(channel="inbox", key__startswith="new").count() == 2, "the inbox goes on"
    before = len(mail.outbox)
    count = epoch.release(LATER + timedelta(minutes=3), by=officer, reason="核对完毕")
    assert (count.would_go, count.already_went) == (2, 6)
    assert outbox.send_due(LATER + timedelta(minutes=4)) == 2
    assert len(mail.outbox) == before + 2
    assert set(Message.objects.filter(channel="email").values_list("state", flat=True)) == {"sent"}
    assert Message.objects.filter(note="known").count() == 6
    release = Epoch.objects.exclude(by=None).get()
    assert (release.by, release.reason, release.would_go, release.already_went) == (officer, "核对完毕", 2, 6)
    assert not Heartbeat.objects.filter(name="outgoing").exists()


def test_an_act_that_ends_differently_after_the_restore_is_told(people):
    """The same key (`outcome:<case>:7`), another result: what was sent before must not swallow it."""
    kept = backup()
    outbox.put(outbox.write("outcome", "outcome:case:7", people[:1], AT, case="徐汇区", done="通过", reason=""))
    outbox.send_due(AT)
    first = Message.objects.get(channel="email")
    assert outbox.send_due(AT + timedelta(days=1)) == 1
    restore(kept)
    outbox.put(
        outbox.write("outcome", "outcome:case:7", people[:1], AT, case="徐汇区", done="不通过", reason="材料不全")
    )
    epoch.release(LATER + timedelta(days=1), by=people[1], reason="x")
    assert Message.objects.get(channel="email").key == first.key
    assert outbox.send_due(AT + timedelta(days=2)) == 1
    assert "不通过" in mail.outbox[-1].body


def test_a_lost_file_is_held_too(people):
    tell(*people)
    outbox.send_due(AT)
    sentlog.log().close()
    for file in sentlog.log().path.parent.iterdir():
        file.unlink()
    assert epoch.check(LATER) == epoch.LOST
    tell(*people, key="more", at=LATER)
    assert outbox.send_due(LATER) == 0
    epoch.release(LATER, by=people[0], reason="x")
    assert outbox.send_due(LATER) == 6


def test_a_file_that_cannot_be_used_holds_and_lets_go_by_itself(people, settings, tmp_path):
    good = settings.SENT_LOG
    (tmp_path / "file").write_text("not a folder")
    settings.SENT_LOG = tmp_path / "file" / "sent.sqlite3"
    tell(*people)
    assert outbox.send_due(AT) == 0
    damaged = tmp_path / "damaged.sqlite3"
    damaged.write_bytes(b"this is no database" * 100)
    settings.SENT_LOG = damaged
    assert outbox.send_due(AT) == 0
    assert epoch.held(AT) == epoch.UNREADABLE
    assert set(Message.objects.filter(channel="email").values_list("state", flat=True)) == {"queued"}
    settings.SENT_LOG = good
    assert outbox.send_due(AT) == 6


def test_marks_are_renewed_once_a_minute_and_few_are_kept(people, monkeypatch):
    monkeypatch.setattr(epoch, "KEEP", 5)
    for second in range(0, 600, 20):
        epoch.check(AT + timedelta(seconds=second))
    assert Epoch.objects.count() == 5
    assert Epoch.objects.order_by("-pk").first().token == sentlog.log().token()


def test_a_crash_between_the_two_marks_is_not_a_restore(people, monkeypatch):
    epoch.check(AT)

    def crash(*_args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sentlog.SentLog, "set_token", crash)
        with pytest.raises(KeyboardInterrupt):
            epoch.check(LATER)
    assert epoch.held(LATER) == ""


def test_a_crash_between_handing_over_and_marking_sends_nothing_twice(people, monkeypatch):
    """The server took the mail, the log has it, the database was never told."""
    tell(*people)
    with monkeypatch.context() as patch:
        patch.setattr("notifications.sending._mark", lambda *args, **more: None)
        outbox.send_due(AT)
    assert len(mail.outbox) == 6
    lapse()
    assert outbox.send_due(AT + timedelta(seconds=61)) == 0
    assert len(mail.outbox) == 6
    assert set(Message.objects.filter(channel="email").values_list("state", "note")) == {("sent", "known")}


def test_old_lines_are_forgotten_but_not_because_a_clock_ran_ahead(people):
    tell(*people)
    outbox.send_due(AT)
    rows = list(Message.objects.filter(channel="email"))
    later = AT + sentlog.KEEP + timedelta(days=1)
    sentlog.log().set_token(epoch.uuid4(), later)
    assert len(sentlog.log().known(rows)) == 6
    sentlog.log().append(rows[:1], epoch.uuid4(), later)
    sentlog.log().set_token(epoch.uuid4(), later)
    assert sentlog.log().known(rows[1:]) == set()
