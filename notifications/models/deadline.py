"""The ledger of due dates. Every date somebody must keep is a row, never a computation on the fly."""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.authority import Scope
from accounts.roles import ADMINISTRATORS, HOUSE, NARROW, REACH, Reach


def is_inside(authority) -> bool:
    """True for those who hold an office; applicants and experts are outside."""
    return any(REACH[role] in (Reach.PLACE, Reach.PROGRAMME) for role in authority.roles - NARROW)


class DeadlineQuerySet(models.QuerySet):
    def open(self) -> "DeadlineQuerySet":
        """What somebody must do now: neither done, nor waiting for a clock that stands still."""
        return self.filter(closed_at__isnull=True, paused_on__isnull=True)

    def unclosed(self) -> "DeadlineQuerySet":
        """Open ones and those whose clock stands still."""
        return self.filter(closed_at__isnull=True)

    def of(self, case):
        """The deadlines of one case."""
        return self.filter(subject_model=case._meta.label_lower, subject_uuid=case.uuid)

    def acting(self, at: datetime) -> "DeadlineQuerySet":
        """Open deadlines at whose end the system does something, and that instant has come."""
        return self.open().filter(acts_at__lte=at)

    def passed(self, at: datetime) -> "DeadlineQuerySet":
        """Open deadlines after whose end, and the days of grace, the system may act at `at`, tried before or not."""
        return self.open().filter(acts_at__isnull=False).filter(Q(acts_at__lte=at) | ~Q(stuck_reason=""))

    def stuck(self) -> "DeadlineQuerySet":
        """Open deadlines at whose end the system could not act."""
        return self.open().exclude(stuck_reason="")

    def visible_to(self, authority):
        """Deadlines of seats the person holds, wherever they reach. Who applies does not learn of what is personal to
        somebody else: who judges, and how many of them."""
        rows = self
        if not is_inside(authority):
            rows = self.filter(Q(user=None) | Q(user_id=authority.user.pk if authority.user else None))
        mine = authority.visible(
            place="place_path",
            organisation="organisation_id",
            programme="programme",
            personal=Q(user_id=authority.user.pk) if authority.user else None,
        )
        # Duties about accounts and rights are the administrators' own.
        of_the_house = Q(role__in=[str(role) for role in HOUSE])
        mine &= ~of_the_house
        return rows.filter(mine | of_the_house if authority.has(*ADMINISTRATORS) else mine)


class Deadline(models.Model):
    """Who must have done what by when, and why that day."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    subject_model = models.CharField(max_length=60)
    subject_uuid = models.UUIDField()
    subject_label = models.CharField(max_length=200)
    subject_url = models.CharField(max_length=200, blank=True)
    code = models.CharField(max_length=40)
    label = models.CharField(max_length=100)
    label_en = models.CharField(max_length=100, blank=True)
    # The holder: a role over a scope; `user` only where the duty is personal (a review).
    role = models.CharField(max_length=24)
    place_path = models.CharField(max_length=120, blank=True)
    organisation_id = models.BigIntegerField(null=True, blank=True)
    programme = models.CharField(max_length=60, blank=True)
    user = models.ForeignKey("accounts.User", models.CASCADE, null=True, blank=True, related_name="+")
    # The date: last permitted day, and the first instant that is too late.
    due_on = models.DateField()
    due_at = models.DateTimeField()
    due_version = models.PositiveIntegerField(default=1)
    starts_on = models.DateField()
    # As the rules gave it: n, unit, count_first_day, roll, cut_off, grace, stop_clock; `fixed` where the day was set.
    period = models.JSONField(default=dict)
    # The clock stands still since this day; and the stretches in which it stood still before, [[first, last], …].
    paused_on = models.DateField(null=True, blank=True)
    stops = models.JSONField(default=list, blank=True)
    basis = models.CharField(max_length=200, blank=True)
    provisional = models.BooleanField(default=False)
    calendar_version = models.CharField(max_length=40, blank=True)
    # Days relative to the due day on which the holder is reminded.
    ladder = models.JSONField(default=list)
    # What the system does when the day has passed; empty: it only reminds and escalates.
    then_act = models.CharField(max_length=40, blank=True)
    # The first instant at which it does, after the days of grace; later when it could not and tries again. None: never.
    acts_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    # A sweep that could not act says why, and tries again.
    stuck_reason = models.CharField(max_length=300, blank=True)

    objects = DeadlineQuerySet.as_manager()

    class Meta:
        verbose_name = _("期限")
        verbose_name_plural = _("期限")
        ordering = ["due_at", "pk"]
        constraints = [
            # One open duty per holder; a review is one per expert.
            models.UniqueConstraint(
                fields=["subject_model", "subject_uuid", "code"],
                condition=Q(closed_at__isnull=True, user__isnull=True),
                name="deadline_open_once",
            ),
            models.UniqueConstraint(
                fields=["subject_model", "subject_uuid", "code", "user"],
                condition=Q(closed_at__isnull=True, user__isnull=False),
                name="deadline_open_once_per_person",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(closed_at__isnull=True), name="deadline_open_due"),
            models.Index(
                fields=["acts_at"],
                condition=Q(closed_at__isnull=True, acts_at__isnull=False),
                name="deadline_open_acts",
            ),
            models.Index(fields=["subject_model", "subject_uuid"]),
        ]

    def __str__(self):
        return f"{self.subject_label} · {self.label} · {self.due_on}"

    def scope(self):
        """Where its holder sits."""
        people = frozenset([self.user_id] if self.user_id else ())
        return Scope(self.place_path, self.organisation_id, self.programme, people, house=self.role in HOUSE)

    def is_visible_to(self, authority):
        """The same as `visible_to`, about one row at hand and without a query."""
        if self.user_id and self.user_id != authority.user.pk and not is_inside(authority):
            return False
        scope = self.scope()
        return any(held.role not in NARROW and held.covers(scope, authority.user.pk) for held in authority.held)

    def get_absolute_url(self):
        return f"/deadlines/{self.uuid}/"


class DueChange(models.Model):
    """One move of a due date: from which day to which, by which act, on which paper."""

    deadline = models.ForeignKey(Deadline, models.CASCADE, related_name="moves")
    due_version = models.PositiveIntegerField()
    before = models.DateField()
    after = models.DateField()
    at = models.DateTimeField()
    why = models.CharField(max_length=200, blank=True)
    document = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("期限变更")
        verbose_name_plural = _("期限变更")
        ordering = ["due_version"]
        constraints = [models.UniqueConstraint(fields=["deadline", "due_version"], name="due_change_once")]

    def __str__(self):
        return f"{self.deadline_id} {self.before} → {self.after}"


class ReminderQuerySet(models.QuerySet):
    def waiting(self) -> "ReminderQuerySet":
        """Rungs that nobody has reached yet."""
        return self.filter(state=Reminder.State.WAITING)

    def reached(self, at: datetime) -> "ReminderQuerySet":
        """Waiting rungs whose instant has come."""
        return self.waiting().filter(speaks_at__lte=at)


class Reminder(models.Model):
    """One rung of one deadline's ladder: a row from the day the duty exists, so that what will be said can be read."""

    class State(models.TextChoices):
        WAITING = "waiting", _("待提醒")
        OWED = "owed", _("正在提醒")
        SPOKEN = "spoken", _("已提醒")
        SUPERSEDED = "superseded", _("已被后一次提醒取代")
        DROPPED = "dropped", _("不再需要")

    deadline = models.ForeignKey(Deadline, models.CASCADE, related_name="reminders")
    due_version = models.PositiveIntegerField()
    # "-30", "0", "1": calendar days from the due day; "up1" … "up6": reports to the level above.
    rung = models.CharField(max_length=6)
    speaks_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    # When it was decided: spoken, superseded, dropped.
    at = models.DateTimeField(null=True, blank=True)

    objects = ReminderQuerySet.as_manager()

    class Meta:
        verbose_name = _("提醒")
        verbose_name_plural = _("提醒")
        ordering = ["speaks_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["deadline", "due_version", "rung"], name="reminder_once"),
        ]
        indexes = [
            # The sweep looks only at what has come: its cost is that of what is due, not of what is open.
            models.Index(fields=["speaks_at"], condition=Q(state="waiting"), name="reminder_waiting"),
            models.Index(fields=["id"], condition=Q(state="owed"), name="reminder_owed"),
        ]

    def __str__(self):
        return f"{self.deadline_id} {self.rung}"
