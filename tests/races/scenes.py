"""Where people collide: what each of them sees, the press of a button, and what may come of it (trust.md R1–R7).

Each contestant first looks, as a page does, and keeps what it saw; then all press at the same moment. `run` of
`tests.races.rounds` puts the database back after each round, so that a scene is set up once.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.test import RequestFactory

from accounts.granting import violations
from accounts.models import Grant, User
from accounts.roles import Role
from approvals.models import GrantLine, GrantRequest, Review
from approvals.views.calling import batch_new
from notifications import jobs
from notifications.models import Job, Message
from pilots.models import Application, Batch
from workflows import ledger, perform
from workflows.beginnings import begin_application, begin_grant_request
from workflows.models import LedgerEntry

PEOPLE = 4


@dataclass
class Scene:
    """`look(n)` of each contestant, `press(n, seen)`, and `faults()` of what is in the database afterwards."""

    world: Any

    people = PEOPLE
    # How many presses may succeed.
    winners = 1

    def __post_init__(self):
        self.walk = self.world.walk()
        self.at = self.walk.at
        self.prepare()
        self.at = self.walk.at

    def prepare(self):
        raise NotImplementedError

    def look(self, number):
        raise NotImplementedError

    def press(self, number, seen):
        raise NotImplementedError

    def faults(self):
        raise NotImplementedError

    def acts(self, case, *codes):
        """How often these acts were done on a case, all told."""
        return LedgerEntry.objects.filter(case_uuid=case.uuid, act__in=codes).count()


class TwoDecisions(Scene):
    """Four officers of one province: two recommend, two decline."""

    def prepare(self):
        place = self.world.place("上海市")
        self.officers = [self.world.cast.province(place)]
        for number in range(self.people - 1):
            officer = User.objects.create(username=f"race{number}", name=f"推荐员{number}")
            Grant.objects.create(user=officer, role="province_officer", place=place, valid_from=self.at)
            self.officers.append(officer)
        self.case = self.world.application(walk=self.walk)[1]

    def look(self, number):
        return Application.objects.get(pk=self.case.pk)

    def press(self, number, seen):
        if number % 2:
            given = {"action": "recommend", "data": {"rank": 1, "letter_number": "沪知函〔2017〕1号"}}
        else:
            given = {"action": "decline", "reason": "不符合条件"}
        perform(seen, by=self.officers[number], at=self.at, version=seen.version, **given)

    def faults(self):
        if self.acts(self.case, "recommend", "decline") != 1:
            yield "not one decision"
        if broken := ledger.verify(Application.objects.get(pk=self.case.pk)):
            yield str(broken)


class LastScores(Scene):
    """The last experts hand in at once: the review is concluded, and once."""

    people = winners = 2

    def prepare(self):
        self.case = self.world.application(to="expert_review", walk=self.walk)[1]
        rows = list(Review.objects.filter(application=self.case).select_related("expert").order_by("pk"))
        for row in rows[: -self.people]:
            self.walk.score_now(self.case, row.expert, 0)
        self.experts = [row.expert for row in rows[-self.people :]]

    def look(self, number):
        return Application.objects.get(pk=self.case.pk)

    def press(self, number, seen):
        self.walk.score_now(seen, self.experts[number], number)

    def faults(self):
        if Application.objects.get(pk=self.case.pk).state != "ready":
            yield "the review is not concluded"
        if self.acts(self.case, "conclude_review") != 1:
            yield "concluded more than once"


class DoubleSubmit(Scene):
    """One leader, the button pressed four times."""

    def prepare(self):
        self.case = self.world.application(to="draft", walk=self.walk)[1]
        self.leader = self.walk.leader_of(self.case)
        channels = self.case.rules.recommendation.channels
        self.data = {"channel": channels[0].code} if channels else {}

    def look(self, number):
        return Application.objects.get(pk=self.case.pk)

    def press(self, number, seen):
        perform(seen, "submit", by=self.leader, at=self.at, version=seen.version, data=self.data)

    def faults(self):
        if self.acts(self.case, "submit") != 1:
            yield "not submitted once"


class OneClaim(Scene):
    """One place applies once in a batch, however often its people begin."""

    def prepare(self):
        self.walk.call()
        self.place = self.world.place("徐汇区")
        self.leader = self.walk.applicant(self.place)
        self.batch = self.walk.batch

    def look(self, number):
        return Batch.objects.select_related(*Batch.related).get(pk=self.batch.pk)

    def press(self, number, seen):
        begin_application(seen, organisation=self.leader.organisation, place=self.place, by=self.leader, at=self.at)

    def faults(self):
        if Application.objects.filter(batch=self.batch).count() != 1:
            yield "not one application"


class LastQuotaPlace(Scene):
    """Two places of a province that may send one."""

    people = 2

    def prepare(self):
        self.walk.call()
        self.walk.batch.quotas.create(place=self.world.place("江苏省"), places=1)
        self.officer = self.world.cast.province(self.world.place("江苏省"))
        self.cases = [self.walk.apply(self.world.place(name)) for name in ("江宁区", "苏州市")]

    def look(self, number):
        return Application.objects.get(pk=self.cases[number].pk)

    def press(self, number, seen):
        data = {"rank": number + 1, "letter_number": "苏知函〔2017〕1号"}
        perform(seen, "recommend", by=self.officer, at=self.at, version=seen.version, data=data)

    def faults(self):
        sent = sum(self.acts(case, "recommend") for case in self.cases)
        if sent != 1:
            yield f"{sent} places sent of 1"


class SignChangedList(Scene):
    """The leader signs the list while others send it back: what is signed is what was seen, or nothing."""

    def prepare(self):
        _walk, _case = self.world.application(to="ready", walk=self.walk)
        self.walk.close()
        cast, walk = self.world.cast, self.walk
        batch = walk.act(walk.batch, "draw_list", cast["officer"])
        batch = walk.act(batch, "confirm", cast["head"], data={"comment": "同意。"})
        while batch.state == "countersign":
            batch = walk.act(batch, "countersign", cast["countersigner"], data={"comment": "无不同意见。"})
        self.batch = batch

    def look(self, number):
        return Batch.objects.get(pk=self.batch.pk)

    def press(self, number, seen):
        cast, how = self.world.cast, {"at": self.at, "version": seen.version}
        if number % 2:
            perform(seen, "sign", by=cast["leader"], data={"comment": "同意。"}, **how)
        else:
            perform(seen, "send_back", by=cast["leader"], reason="请核实第一名的材料。",
                    data={"comment": "请核实。", "to": "officer"}, **how)  # fmt: skip

    def faults(self):
        if self.acts(self.batch, "sign", "send_back") != 1:
            yield "signed and sent back"


class GrantAnswers(Scene):
    """One request about rights: a security administrator agrees, another too, a third does not, and its author takes it
    back."""

    codes = ("confirm_grant", "confirm_grant", "refuse_grant", "withdraw")

    def prepare(self):
        self.hands = [self.second(number) for number in range(self.people - 1)] + [self.world.cast["sysadmin"]]
        self.about = User.objects.create(username=f"{type(self).__name__}-about", name="张三")
        self.request = self.ask(self.about, Role.LEADER)

    def second(self, number):
        # By processes, all scenes are played in one installation.
        person = User.objects.create(username=f"{type(self).__name__}{number}", name=f"复核员{number}")
        Grant.objects.create(user=person, role=Role.SECURITY_ADMIN, valid_from=self.at)
        return person

    def ask(self, user, role):
        line = GrantLine(user=user, role=role, valid_from=self.at)
        return begin_grant_request("give", [line], by=self.world.cast["sysadmin"], at=self.at, grounds="岗位调整").obj

    def look(self, number):
        return GrantRequest.objects.get(pk=self.request.pk)

    def press(self, number, seen):
        perform(seen, self.codes[number], by=self.hands[number], at=self.at, reason="岗位未核定", version=seen.version)

    def faults(self):
        now = GrantRequest.objects.get(pk=self.request.pk)
        if self.acts(now, *self.codes) != 1:
            yield "not one answer"
        if Grant.objects.filter(user=self.about).count() != (now.state == "confirmed"):
            yield f"{now.state}, and the seat does not agree"
        if Message.objects.filter(user=self.about, kind="outcome", channel="inbox").count() != 1:
            yield "not told once"
        if broken := ledger.verify(now):
            yield str(broken)


class GrantsApart(GrantAnswers):
    """Two requests, each in order by itself, that would put together what must be apart: one of them takes effect."""

    people = 2

    def prepare(self):
        self.hands = [self.second(number) for number in range(self.people)]
        self.about = User.objects.create(username=f"{type(self).__name__}-about", name="张三")
        self.asked = [self.ask(self.about, role) for role in (Role.LEADER, Role.AUDITOR)]

    def look(self, number):
        return GrantRequest.objects.get(pk=self.asked[number].pk)

    def faults(self):
        held = Grant.objects.filter(user=self.about).count()
        if held != 1 or sum(self.acts(request, "confirm_grant") for request in self.asked) != 1:
            yield f"{held} seats"
        if violations(self.at):
            yield "apart no more"


class OneTask(Scene):
    """Four workers look for work, and there is one job."""

    def prepare(self):
        self.row = Job.objects.create(kind="race", key="race", created_at=self.at, not_before=self.at)
        jobs._handlers["race"] = self.done

    def done(self, row, at):
        key = f"race-done:{Job.objects.count()}"
        Job.objects.create(
            kind="race-done", key=key, created_at=at, not_before=at, finished_at=at, state=Job.State.DONE
        )

    def look(self, number):
        return None

    def press(self, number, seen):
        if not jobs.work(self.at):
            raise Taken

    def faults(self):
        if Job.objects.filter(kind="race-done").count() != 1:
            yield "not done once"


class Taken(Exception):
    """Somebody else has the job."""


class OneForm(Scene):
    """One form that begins a batch arrives four times at once: one batch, and everybody is led to it."""

    winners = PEOPLE
    FORM = {"programme": "service_cluster_trial_zone", "title": "同一表单", "opens_on": "2017-03-07",
            "closes_on": "2017-04-01", "call_text": "请申报。", "once": "7d0a4a52-5d2f-4b0e-9a53-7f0f6f3f6f11"}  # fmt: skip

    def prepare(self):
        self.officer = self.world.cast["officer"]

    def look(self, number):
        return RequestFactory().post("/batches/new/", self.FORM)

    def press(self, number, seen):
        seen.user, seen.at = User.objects.get(pk=self.officer.pk), self.at
        answer = batch_new(seen)
        if answer.status_code != HTTPStatus.FOUND or answer.url != self.begun().get().get_absolute_url():
            raise AssertionError(f"{answer.status_code} {getattr(answer, 'url', '')}")

    def begun(self):
        return Batch.objects.filter(title=self.FORM["title"])

    def faults(self):
        if self.begun().count() != 1:
            yield f"{self.begun().count()} batches of one form"


SCENES = (
    TwoDecisions,
    LastScores,
    DoubleSubmit,
    OneClaim,
    LastQuotaPlace,
    SignChangedList,
    GrantAnswers,
    GrantsApart,
    OneTask,
    OneForm,
)
