"""Whatever happens to the clock, the mail, the people and the dates: no reminder is lost, and none is said twice.

Days, downtime, mail outages, extensions, closings, renamings, hand-overs and empty seats in random order; after every
step the ledger of reminders is held against an oracle that knows neither the tables nor the sweep. More and longer:
`PILOTAGE_LIVES=500 pytest tests/notifications/test_machine.py`.
"""

import io
import os
from collections import Counter
from datetime import datetime, time, timedelta
from types import SimpleNamespace
from uuid import uuid4

import chinese_calendar
import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from accounts.authority import Scope
from accounts.clock import SHANGHAI
from accounts.models import Grant, Organisation, Place, User
from accounts.roles import Role
from notifications import outbox
from notifications.duties import Duty, replan
from notifications.ladder import climb
from notifications.models import Deadline, Message, Reminder
from notifications.workdays.arithmetic import Period

EXAMPLES, STEPS = int(os.environ.get("PILOTAGE_LIVES", "200")), 30
START = datetime(2017, 1, 3, 9, 0, tzinfo=SHANGHAI)
LADDERS = [(-30, -7, -1, 0, 1), (-90, -30, -7, -1, 0), (-7, -3, -1, 0, 1, 5), (0,)]
TIMELY = set(outbox.ABOUT_TIME)


class Sink(BaseEmailBackend):
    """A mail server that may be down; it keeps what it took, with the messages each mail was made of."""

    up = True
    taken: list = []

    def send_messages(self, email_messages):
        if not Sink.up:
            raise OSError("connection refused")
        for item in email_messages:
            bundle = item.extra_headers["Message-ID"].strip("<>").split("@")[0]
            keys = list(Message.objects.filter(bundle=bundle).values_list("key", "duty", "duty_version", "kind"))
            assert keys, "a mail nobody wrote"
            Sink.taken.append((item.to[0], bundle, keys))
        return len(email_messages)


class Case:
    """As much of a case as the ledger of deadlines asks for."""

    _meta = SimpleNamespace(label_lower="pilots.application")

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
        self.now, self.ticked, self.serial = START, START, 0
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

    @rule(hours=st.sampled_from([1, 8, 24, 24, 72, 24 * 8, 24 * 30, 24 * 120]))
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

    # --- what must hold -------------------------------------------------------------------------------------------

    def _today(self):
        return self.now.astimezone(SHANGHAI).date()

    def tick(self):
        already = len(Sink.taken)
        climb(self.now)
        outbox.send_due(self.now)
        self.ticked = self.now
        self._everything_that_came_was_said()
        self._nothing_that_is_over_was_mailed(already)

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
        for _to, _bundle, keys in Sink.taken[already:]:
            for key, about, version, kind in keys:
                assert about not in self.closed, key
                assert kind not in TIMELY or version == versions[about], key
        said = Counter(key for _to, _bundle, keys in Sink.taken for key, *_rest in keys)
        assert [key for key, times in said.items() if times > 1] == []

    def _finish(self):
        """The mail works again, somebody sits in every seat, and two working days pass."""
        Sink.up = True
        for role, user in list(self.seats.items()):
            if user is None:
                self.seats[role] = self._sit(role)
        for _day in range(12):
            self.now = datetime.combine(self._today() + timedelta(days=1), time(9, 30), SHANGHAI)
            self.tick()
            self.now += timedelta(hours=2)
            self.tick()
        mailed = {key for _to, _bundle, keys in Sink.taken for key, *_rest in keys}
        rows = Message.objects.filter(channel="email").select_related("user")
        for row in rows:
            if row.state == Message.State.SENT:
                assert row.key in mailed, row.key
            elif row.state == Message.State.QUEUED:
                assert row.not_before > self.now, (row.key, row.error)
            elif row.state == Message.State.DEAD:
                # Laid aside where people see it, and not before the mail had been down for a week.
                assert self.now - row.created_at > outbox.GIVE_UP, row.key
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
    assert mail.outbox == []


def _settings():
    return settings(
        max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, derandomize="PILOTAGE_LIVES" not in os.environ,
        suppress_health_check=list(HealthCheck), database=None, print_blob=True, phases=[Phase.generate, Phase.shrink],
    )  # fmt: skip
