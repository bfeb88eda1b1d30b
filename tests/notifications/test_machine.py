"""Whatever happens to the clock, the mail, the people and the dates: no reminder is lost, and none is said twice.

Days, downtime, mail outages, extensions, closings, renamings, hand-overs, empty seats and restored backups in random
order; after every step the ledger of reminders is held against an oracle that knows neither the tables nor the sweep. More and longer:
`PILOTAGE_LIVES=500 pytest tests/notifications/test_machine.py`.
"""

import io
import os
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from uuid import uuid4

import chinese_calendar
import pytest
from django.conf import settings as django_settings
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from accounts.authority import Scope
from accounts.clock import SHANGHAI
from accounts.models import Grant, Organisation, Place, User
from accounts.roles import Role
from notifications import epoch, outbox, sentlog
from notifications.channels.base import Letter
from notifications.duties import Duty, replan
from notifications.ladder import climb
from notifications.models import Deadline, DueChange, Epoch, Message, Reminder
from notifications.sending import GIVE_UP
from notifications.workdays.arithmetic import Period

# The laws are the same on both databases; how many lives are lived on the slower one is a matter of time.
USUAL = 200 if connection.vendor == "sqlite" else 40
EXAMPLES, STEPS = int(os.environ.get("PILOTAGE_LIVES", USUAL)), 30
START = datetime(2017, 1, 3, 9, 0, tzinfo=SHANGHAI)
LADDERS = [(-30, -7, -1, 0, 1), (-90, -30, -7, -1, 0), (-7, -3, -1, 0, 1, 5), (0,)]
# What happened in all lives: a machine that never gets there proves nothing.
SEEN: Counter = Counter()
TIMELY = set(outbox.ABOUT_TIME)
# What a backup holds, in the order in which it can be written back.
TABLES = (User, Grant, Deadline, DueChange, Reminder, Epoch, Message)


class Sink(BaseEmailBackend):
    """A mail server that may be down; it keeps what it took, with the messages each mail was made of."""

    up = True
    taken: list = []

    def open(self):
        if not Sink.up:
            raise OSError("connection refused")

    def send_messages(self, email_messages):
        self.open()
        # Only messages in the air are handed over; a letter's id is made of them.
        letters = {}
        for row in Message.objects.filter(state=Message.State.SENDING, channel="email").select_related("user"):
            letters.setdefault(str(Letter([row]).id), []).append(row)
        for item in email_messages:
            rows = letters[item.extra_headers["Message-ID"].strip("<>").split("@")[0]]
            assert {row.user.email for row in rows} == set(item.to)
            Sink.taken.append(Mail(item.to[0], parsedate_to_datetime(item.extra_headers["Date"]), rows))
        return len(email_messages)


@dataclass
class Mail:
    to: str
    at: datetime
    rows: list


class Case:
    """As much of a case as the ledger of deadlines asks for."""

    _meta = SimpleNamespace(label_lower="pilots.application")
    state = "formality_check"

    def __init__(self, name, scope):
        self.uuid, self.name, self._scope = uuid4(), name, scope

    def label_for(self, _role):
        return self.name

    def scope(self):
        return self._scope

    def get_absolute_url(self):
        return f"/cases/{self.uuid}/"


def newest_due(due_on, ladder, since, moved, today):
    """The oracle: the newest rung that has come by `today`, or None; worked days from another library."""
    days = [(str(n), due_on + timedelta(days=n)) for n in ladder]
    worked, day = [], due_on
    while len(worked) < 5:
        day += timedelta(days=1)
        if chinese_calendar.is_workday(day):
            worked.append(day)
    days += [("up1", worked[0]), ("up2", worked[4])]
    days += [(f"up{n}", worked[4] + timedelta(days=7 * (n - 2))) for n in range(3, 7)]
    come = [
        (day, rung.startswith("up"), rung) for rung, day in days
        if day <= today and (day > since or (day == since and (not moved or day >= due_on)))
    ]  # fmt: skip
    return max(come)[2] if come else None


class Machine(RuleBasedStateMachine):
    """One office, one province, one body; duties of the body's contact and of the province's officer."""

    def __init__(self):
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        Sink.up, Sink.taken = True, []
        # Every life has its own record outside the database.
        self.outside = TemporaryDirectory()
        django_settings.SENT_LOG = Path(self.outside.name) / "sent.sqlite3"
        self.kept = None
        self.now, self.serial = START, 0
        # case → (Duty, day since which its present date exists, whether it was moved)
        self.duties = {}
        self.closed = set()
        self.place = Place.objects.create(name="测试省", short_name="测试", kind="province", code="990000")
        self.body = Organisation.objects.create(name="测试单位", place=self.place)
        self.seats = {}
        for role in (Role.APPLICANT_CONTACT, Role.PROVINCE_OFFICER):
            self.seats[role] = self._sit(role)
        for role in (Role.APPLICANT_LEADER, Role.PROVINCE_LEADER, Role.PROGRAMME_OFFICER):
            self._sit(role)

    def teardown(self):
        try:
            self._finish()
        finally:
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)
            sentlog.log().close()
            self.outside.cleanup()

    def _sit(self, role):
        self.serial += 1
        user = User.objects.create(
            username=f"u{self.serial}", name=f"人员{self.serial}", email=f"u{self.serial}@example.invalid"
        )
        where = {"organisation": self.body} if role.startswith("applicant") else {"place": self.place}
        if role == Role.PROGRAMME_OFFICER:
            where = {}
        Grant.objects.create(user=user, role=role, valid_from=self.now - timedelta(days=1), **where)
        return user

    # --- what happens ---------------------------------------------------------------------------------------------

    @initialize(days=st.lists(st.integers(0, 60), min_size=4, max_size=4), ladder=st.sampled_from(LADDERS))
    def begin(self, days, ladder):
        for number, n in enumerate(days):
            self.open_duty(n, ladder, ours=number % 2 == 0)

    @rule(days=st.integers(0, 200), ladder=st.sampled_from(LADDERS), ours=st.booleans())
    def open_duty(self, days, ladder, ours):
        if len(self.duties) >= 6:
            return
        self.serial += 1
        case = Case(f"第{self.serial}件", Scope(self.place.path, self.body.pk, "demo"))
        role = Role.APPLICANT_CONTACT if ours else Role.PROVINCE_OFFICER
        duty = Duty("form", "初审", "Check", role, self.now.astimezone(SHANGHAI).date(),
                    Period(days, "calendar"), ladder)  # fmt: skip
        replan(case, [duty], self.now)
        self.duties[case] = (duty, self._today(), False)

    @rule(hours=st.sampled_from([8, 12, 16, 24, 24, 72, 24 * 8, 24 * 30]))
    def time_passes(self, hours):
        self.now += timedelta(hours=hours)
        self.tick()

    @rule(days=st.sampled_from([1, 10, 120]))
    def nobody_sweeps(self, days):
        self.now += timedelta(days=days)

    @rule(times=st.integers(1, 3))
    def swept_by_several(self, times):
        for _n in range(times):
            self.tick()

    @rule()
    def mail_fails(self):
        Sink.up = False

    @rule()
    def mail_works(self):
        Sink.up = True

    @precondition(lambda self: self.duties)
    @rule(data=st.data(), days=st.sampled_from([-20, -1, 3, 30, 90]))
    def date_moves(self, data, days):
        case = data.draw(st.sampled_from(list(self.duties)))
        duty, _since, _moved = self.duties[case]
        period = Period(max(duty.period.n + days, 0), "calendar")
        if period == duty.period:
            return
        moved = Duty(duty.code, duty.label, duty.label_en, duty.role, duty.start, period, duty.ladder)
        replan(case, [moved], self.now)
        self.duties[case] = (moved, self._today(), True)

    @precondition(lambda self: self.duties)
    @rule(data=st.data())
    def duty_is_done(self, data):
        case = data.draw(st.sampled_from(list(self.duties)))
        replan(case, [], self.now)
        del self.duties[case]
        self.closed |= set(Deadline.objects.filter(subject_uuid=case.uuid).values_list("uuid", flat=True))

    @precondition(lambda self: self.duties)
    @rule(data=st.data())
    def renamed(self, data):
        case = data.draw(st.sampled_from(list(self.duties)))
        case.name = f"更名{self.serial}"
        plan = replan(case, [self.duties[case][0]], self.now)
        assert (plan.opened, plan.moved, plan.closed) == ([], [], [])
        assert Deadline.objects.get(subject_uuid=case.uuid).subject_label == case.name

    @rule(ours=st.booleans(), gap=st.booleans())
    def holder_leaves(self, ours, gap):
        """With `gap` the seat is empty for a while: the account is closed, nobody is named."""
        role = Role.APPLICANT_CONTACT if ours else Role.PROVINCE_OFFICER
        gone, self.seats[role] = self.seats[role], None
        if gone is not None:
            User.objects.filter(pk=gone.pk).update(is_active=False)
        if not gap:
            self.seats[role] = self._sit(role)

    @rule()
    def backed_up(self):
        rows = [(model, list(model.objects.order_by("pk"))) for model in TABLES]
        self.kept = (rows, dict(self.duties), set(self.closed), dict(self.seats))

    @precondition(lambda self: self.kept is not None)
    @rule()
    def restored_from_the_backup(self):
        """The database forgets what happened since; the record outside and the mail boxes do not."""
        rows, self.duties, self.closed, self.seats = self.kept
        self.duties, self.closed, self.seats = dict(self.duties), set(self.closed), dict(self.seats)
        for model, _kept in reversed(rows):
            if model is not User:
                model.objects.all().delete()
        for model, kept in rows:
            if model is User:
                # People of later days stay, without seats; those of then are as they were.
                User.objects.exclude(pk__in=[user.pk for user in kept]).update(is_active=False)
                User.objects.bulk_update(kept, ["is_active"])
            else:
                model.objects.bulk_create(kept)
        for case, _duty in self.duties.items():
            case.name = Deadline.objects.get(subject_uuid=case.uuid, closed_at=None).subject_label

    @rule()
    def released(self):
        if epoch.held(self.now):
            SEEN["released"] += 1
            epoch.release(self.now, by=User.objects.order_by("pk").first(), reason="核对完毕")

    # --- what must hold -------------------------------------------------------------------------------------------

    def _today(self):
        return self.now.astimezone(SHANGHAI).date()

    def tick(self):
        already = len(Sink.taken)
        # Twice, as a beat goes on until nothing is left: a word to somebody who has left is owed again to the next one.
        for _round in range(2):
            climb(self.now)
            outbox.send_due(self.now)
        self._everything_that_came_was_said()
        self._nothing_that_is_over_was_mailed(already)
        if epoch.held(self.now):
            assert len(Sink.taken) == already, "nothing leaves before somebody has looked"

    def _everything_that_came_was_said(self):
        for case, (duty, since, moved) in self.duties.items():
            row = Deadline.objects.get(subject_uuid=case.uuid, closed_at=None)
            expected = newest_due(row.due_on, duty.ladder, since, moved, self._today())
            spoken = row.reminders.filter(due_version=row.due_version, state=Reminder.State.SPOKEN)
            newest = max(spoken, key=lambda rung: (rung.speaks_at, rung.pk), default=None)
            assert (newest.rung if newest else None) == expected, (case.name, row.due_on, self._today())
            assert not row.reminders.filter(state=Reminder.State.OWED).exists()
            if expected is not None:
                # Somebody heard it, whoever sits where.
                assert Message.objects.filter(
                    duty=row.uuid, duty_version=row.due_version, channel="inbox", kind__in=TIMELY,
                    key__startswith=f"{row.uuid}:{row.due_version}:{expected}:",
                ).exists()  # fmt: skip

    def _nothing_that_is_over_was_mailed(self, already):
        versions = dict(Deadline.objects.values_list("uuid", "due_version"))
        for letter in Sink.taken[already:]:
            for row in letter.rows:
                assert row.duty not in self.closed, row.key
                assert row.kind not in TIMELY or row.duty_version == versions[row.duty], row.key
                assert row.user.is_active, row.key
        said = Counter((row.key, row.essence or row.body) for letter in Sink.taken for row in letter.rows)
        assert [key for key, times in said.items() if times > 1] == []
        digests = Counter(
            (letter.to, letter.at.astimezone(SHANGHAI).date()) for letter in Sink.taken
            if any(row.digest for row in letter.rows)
        )  # fmt: skip
        assert [day for day, times in digests.items() if times > 1] == [], "one digest a person and day"

    def _finish(self):
        """The mail works again, somebody sits in every seat, and days pass until a working one."""
        Sink.up = True
        self.released()
        for role, user in list(self.seats.items()):
            if user is None:
                self.seats[role] = self._sit(role)
        for day in range(30):
            if day >= 12 and chinese_calendar.is_workday(self._today()):
                break
            self.now = datetime.combine(self._today() + timedelta(days=1), time(9, 30), SHANGHAI)
            self.tick()
            self.now += timedelta(hours=2)
            self.tick()
        mailed = {row.key for letter in Sink.taken for row in letter.rows}
        rows = Message.objects.filter(channel="email").select_related("user")
        for row in rows:
            SEEN[row.note or row.state] += 1
            if row.state == Message.State.SENT:
                assert row.key in mailed, row.key
            elif row.state == Message.State.QUEUED:
                assert row.not_before > self.now, (row.key, row.error)
            elif row.state == Message.State.DEAD:
                # Laid aside where people see it, and not before the mail had been down for a week.
                assert self.now - row.created_at > GIVE_UP, row.key
            else:
                assert row.state == Message.State.DROPPED, (row.key, row.state)
                assert self._rightly_dropped(row), row.key

    def _rightly_dropped(self, row):
        if not row.user.is_active or row.duty in self.closed:
            return True
        duty = Deadline.objects.get(uuid=row.duty)
        if row.duty_version != duty.due_version:
            return True
        # A newer word about the same duty took its place.
        newer = Message.objects.filter(duty=row.duty, kind__in=TIMELY, created_at__gt=row.created_at)
        return row.kind in TIMELY and newer.exists()


@pytest.mark.timeout(1200)
@pytest.mark.django_db
def test_no_reminder_is_lost_and_none_is_said_twice(settings):
    settings.EMAIL_BACKEND = f"{__name__}.Sink"
    from django.core.management import call_command

    call_command("load_calendar", stdout=io.StringIO())
    run_state_machine_as_test(Machine, settings=_settings())
    # Few lives need not meet everything.
    rare = {"released", Message.Note.KNOWN, Message.Note.GONE} if EXAMPLES >= 200 else set()
    assert {"sent", "dropped"} | rare <= set(SEEN), SEEN


def _settings():
    return settings(
        max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, derandomize="PILOTAGE_LIVES" not in os.environ,
        suppress_health_check=list(HealthCheck), database=None, print_blob=True, phases=[Phase.generate, Phase.shrink],
    )  # fmt: skip
