"""Random people do random things on random days, some of them twice, and the laws of the proofs hold in the database.

Every example lives in a programme drawn from the catalogue, through the one door, and is rolled back afterwards. More and
longer lives: `PILOTAGE_LIVES=200 pytest tests/workflows/test_random_lives.py`.
"""

import os
import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from django import forms
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from accounts import clock
from accounts.acts import acts_of
from accounts.holders import holders
from accounts.models import User
from accounts.roles import Role
from approvals.models import Certificate, Objection
from config.demo.world import first_place
from notifications.models import Deadline
from pilots import catalogue
from pilots.models import Application, Batch, Designation
from pilots.models.application import ENDED
from pilots.models.designation import COUNTING, OVER
from tests.workflows.test_proofs import everything
from workflows import explain, ledger, perform
from workflows.beginnings import register_objection
from workflows.models import LedgerEntry
from workflows.proofs.laws import pairs
from workflows.refusals import Refused, Stale
from workflows.sweep import settle
from workflows.timeline import next_moment, travel

# Where an application stands once its papers were accepted.
FAR = {"panel_draw", "expert_review", "ready", "listed", "held", "approved", "not_selected", "removed"}
LIVES, STEPS = int(os.environ.get("PILOTAGE_LIVES", "10")), 12
MODELS = {
    "batch": Batch,
    "application": Application,
    "site": Designation,
    "objection": Objection,
    "certificate": Certificate,
}
_WORDS = "经研究，情况属实，材料齐全，符合规则要求。"
# The acts most lives never come past without help.
_MOST_DAYS = 90
# Acts that carry a life on.
FORWARD = (
    "publish", "open_intake", "submit", "pass_prefecture", "recommend", "accept", "assign_experts", "score",
    "record_survey", "record_inspection", "conclude_review", "next_round", "draw_list", "decide_tie", "confirm",
    "countersign", "sign", "publish_notice", "issue", "approve", "sign_agreement", "file_plan", "file_report",
    "pass_report", "file_mid_term", "assess_mid_term", "file_self_evaluation", "pre_accept", "open_panel", "record_work",
    "give_opinion", "conclude", "rectify", "file_renewal", "assess_renewal", "renew", "investigate", "report_finding",
    "reject", "uphold", "dismiss_appeal", "uphold_appeal", "release_tranche", "recover_tranche", "supplement", "revoke",
    "lift_restriction", "file_follow_up", "close", "hold_discussion",
)  # fmt: skip


# (model, state) in which lives ended, and how many.
REACHED = Counter()


class Lives(RuleBasedStateMachine):
    """One programme, one or two places, and everybody who holds a seat; `world` is set by the test."""

    world = None

    def __init__(self):
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()

    def teardown(self):
        if hasattr(self, "walk"):
            for case in self.cases():
                assert ledger.verify(case) == []
                REACHED[case._meta.model_name, str(case.state)] += 1
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    # --- beginning ---------------------------------------------------------------------------------------------
    # What is drawn never depends on what is there: databases differ in keys, and a life must be repeatable on both.
    @initialize(code=st.sampled_from(catalogue.codes()), head=st.integers(0, 120), seed=st.integers(0, 2**20))
    def open(self, code, head, seed):
        people = {key: User.objects.get(pk=user.pk) for key, user in self.world.cast.people.items()}
        self.cast = replace(self.world.cast, people=people)
        self.walk = replace(self.world, cast=self.cast).walk(code)
        self.place = first_place(self.walk.programme, self.cast)
        self.walk.asked = (self.place,)
        self.walk.call()
        scoring = self.walk.programme.current.rules.scoring
        if scoring:
            self.cast.enough_experts(scoring)
        above = self.place.recommending_unit()
        for seat in (self.cast.province, self.cast.province_leader):
            seat(above)
        self.cast.prefecture(self.place)
        self.people = sorted(self.cast.people.values(), key=lambda user: user.username)

        # The place fills in its form; one who holds every seat works for it, too.
        application = self.walk.apply(self.place, submit=False)
        leader = everything(self.walk.leader_of(application), self.world)
        self.people = [*self.people, leader, leader, leader]
        # Lives are met at any age.
        self.grow(random.Random(seed), head)

    @property
    def at(self):
        return self.walk.at

    # --- acting ------------------------------------------------------------------------------------------------
    def cases(self):
        """Everything there is, read anew."""
        found = []
        for model in MODELS.values():
            found += list(model.objects.select_related(*model.related).order_by("pk"))
        return found

    @rule(who=st.integers(0, 999), which=st.integers(0, 999), seed=st.integers(0, 2**20))
    def something_allowed(self, who, which, seed):
        """Somebody does one of the things the page would offer them."""
        person = self.someone(who)
        offers = [
            (case, offer.act.code) for case in self.cases() for offer in explain(case, person, self.at) if offer.allowed
        ]
        if offers:
            self.do(seed, *offers[which % len(offers)], person)

    @rule(seed=st.integers(0, 2**20), much=st.integers(3, 12))
    def the_road_goes_on(self, seed, much):
        """Up to twelve acts that carry a life on, each by somebody whose seat it is; else time passes to the next date."""
        self.grow(random.Random(seed), much)

    def grow(self, chance, turns):
        """So many acts that carry the life on, or dates on which something falls due."""
        for _turn in range(turns):
            if not self.forward(chance):
                until = next_moment(self.at) or self.at
                until = min(max(until, self.at + timedelta(hours=2)), self.at + timedelta(days=120))
                travel(self.at, until)
                self.walk.at = until

    def forward(self, chance):
        """The first act forward that goes through, in an order that is drawn; False when there is none."""
        cases = [case for case in self.cases() if not isinstance(case, Certificate)]
        chance.shuffle(cases)
        for case in cases:
            acts = acts_of(case)
            # An application is rejected by "anything"; an objection is answered here.
            ends = {"reject"} if isinstance(case, Application) else set()
            codes = [
                code for code in FORWARD
                if code in acts and code not in ends and case.state in acts[code].sources(type(case))
            ]  # fmt: skip
            chance.shuffle(codes)
            for code in codes:
                seats = [seat for seat in acts[code].seats(case) if seat not in (Role.SYSTEM, Role.PUBLIC)]
                people = [user for found in holders(seats, case.scope(), self.at).values() for user in found]
                if people and self.do(
                    chance.randrange(2**20), case, code, User.objects.get(pk=chance.choice(people).pk)
                ):
                    return True
        return False

    @rule(who=st.integers(0, 999), which=st.integers(0, 999), act=st.integers(0, 999), seed=st.integers(0, 2**20))
    def anything(self, who, which, act, seed):
        """Anybody tries anything on anything."""
        cases = self.cases()
        case = cases[which % len(cases)]
        codes = sorted(acts_of(case))
        self.do(seed, case, codes[act % len(codes)], self.someone(who))

    @rule(days=st.integers(1, _MOST_DAYS))
    def time_passes(self, days):
        travel(self.at, self.at + timedelta(days=days))
        self.walk.at += timedelta(days=days)

    @rule(hours=st.integers(1, 30))
    def hours_pass(self, hours):
        travel(self.at, self.at + timedelta(hours=hours))
        self.walk.at += timedelta(hours=hours)

    @rule(named=st.booleans())
    def somebody_objects(self, named):
        application = Application.objects.filter(state="listed").order_by("pk").first()
        if application is not None:
            register_objection(
                application, at=self.at, objector="某公司" if named else "", is_unit=True, contact="010-62080000",
                text="数据与公开统计不一致。", evidence="年鉴页",
            )  # fmt: skip

    def someone(self, who):
        return User.objects.get(pk=self.people[who % len(self.people)].pk)

    def do(self, seed, case, code, person):
        """One act, sometimes by a double click: the second press must find that it was done."""
        act, chance = acts_of(case)[code], random.Random(seed)
        case = type(case).objects.select_related(*type(case).related).get(pk=case.pk)
        version = case.version
        try:
            given = filled(chance, act.form(obj=case, by=person, at=self.at))
        except (Refused, AttributeError, TypeError, LookupError):
            given = {}  # a form of a stage these rules do not know; the door refuses it in words
        rows = LedgerEntry.objects.filter(case_uuid=case.uuid).count()
        try:
            with transaction.atomic():
                perform(case, code, by=person, at=self.at, data=given, reason=_WORDS, version=version)
        except Refused:
            assert LedgerEntry.objects.filter(case_uuid=case.uuid).count() == rows
            return False
        if chance.random() < 0.3:
            again = User.objects.get(pk=person.pk)
            with pytest.raises(Stale), transaction.atomic():
                perform(case, code, by=again, at=self.at, data=given, reason=_WORDS, version=version)
        settle(self.at)
        return True

    # --- the laws, in the database -----------------------------------------------------------------------------
    @invariant()
    def no_certificate_without_approval_and_notice(self):
        rows = Certificate.objects.filter(state__in=["pending", "issued", "superseded"])
        for row in rows.select_related("designation__application__batch__rules_version"):
            application = row.designation.application
            if application is None:
                continue
            batch = application.batch
            assert (application.state, batch.signed_at is not None, batch.state) == ("approved", True, "issued")
            assert batch.documents.filter(void=False).exists()
            if batch.rules.notice:
                assert (
                    batch.notice_to is not None and batch.notice_to < clock.today(self.at)
                ) or application.own_notice_to

    @invariant()
    def no_certificate_outlives_its_title(self):
        for row in Certificate.objects.filter(state="issued").select_related("designation__batch__programme"):
            site = row.designation
            expired = site.state == "lapsed" and site.rules.renewal is None and site.rules.acceptance is None
            assert site.state not in ("revoked", "exited", "lapsed", "merged") or expired, site.state

    @invariant()
    def an_upheld_objection_ends_the_title(self):
        for objection in Objection.objects.filter(state="upheld").select_related("application"):
            site = Designation.objects.filter(application=objection.application, state__in=COUNTING).first()
            live = site is not None and site.certificates.filter(state="issued").exists()
            assert not live or site.revocations.filter(decision="").exists()

    @invariant()
    def nobody_decides_on_their_own(self):
        done = {}
        for row in LedgerEntry.objects.exclude(actor=None).values_list("case_model", "act", "actor_id"):
            done.setdefault((_NAMES.get(row[0]), row[1]), set()).add(row[2])
        for origin, judge in pairs():
            both = done.get(origin, set()) & done.get(judge, set())
            assert not both or not _one_matter(origin, judge, both), (origin, judge)

    @invariant()
    def what_is_open_has_an_owner(self):
        if not hasattr(self, "walk"):
            return
        owned = set(Deadline.objects.open().values_list("subject_uuid", flat=True))
        for case in self.cases():
            if case.uuid in owned or _rests(case):
                continue
            assert _waits(case, owned), (case._meta.model_name, case.state)

    @invariant()
    def versions_are_counted(self):
        for case in self.cases() if hasattr(self, "walk") else ():
            assert case.version == LedgerEntry.objects.filter(case_uuid=case.uuid).count()


_NAMES = {"pilots.batch": "batch", "pilots.application": "application", "pilots.designation": "site",
          "approvals.objection": "objection", "approvals.certificate": "certificate"}  # fmt: skip


def _one_matter(origin, judge, people):
    """True when somebody of `people` did both on cases that belong together (one application here, so nearly always)."""
    for person in people:
        first = LedgerEntry.objects.filter(actor=person, act=origin[1]).order_by("pk").first()
        for row in LedgerEntry.objects.filter(actor=person, act=judge[1], pk__gt=first.pk):
            if _NAMES.get(row.case_model) == judge[0] and _NAMES.get(first.case_model) == origin[0]:
                return True
    return False


def _rests(case):
    """Cases that are at an end, or titles that may stand as they are."""
    name = case._meta.model_name
    if name == "batch":
        return case.state in ("draft", "issued", "cancelled")
    if name == "application":
        return case.state in ENDED
    if name == "objection":
        return case.state in ("rejected", "upheld", "lead", "dismissed")
    if name == "designation":
        return case.state in OVER or (case.state == "holding" and case.term_end is None) or case.state == "operating"
    return True  # certificates are made by jobs


def _waits(case, owned):
    """An application that waits for its batch or an objection; a batch whose applications are on their way."""
    if case._meta.model_name == "application":
        waits_for = [case.batch.uuid, *case.objections.values_list("uuid", flat=True)]
        return case.state in ("ready", "listed", "held") and bool(owned & set(waits_for))
    if case._meta.model_name == "batch":
        rows = case.applications.values_list("uuid", flat=True)
        return bool(owned & set(rows)) or case.applications.filter(state="held").exists()
    return False


def filled(chance, form):
    """Input for a form: believable where it matters, drawn where it decides."""
    given, share = {}, chance.choice([9, 9, 9, 9, 8, 8, 7, 5, 2])
    for name, field in form.fields.items():
        value = _value(chance, name, field, form, share)
        if value is not None:
            given[name] = value
    return given


def _value(chance, name, field, form, share):  # noqa: C901 - one line per kind of field
    if isinstance(field, forms.ModelMultipleChoiceField):
        return [getattr(item, "pk", item) for item in (field.initial or field.queryset[:5])]
    if isinstance(field, forms.ModelChoiceField):
        first = field.queryset.first()
        return first.pk if first else None
    if isinstance(field, forms.MultipleChoiceField):
        return [value for value, _label in list(field.choices)[:1]]
    if isinstance(field, forms.ChoiceField):
        return chance.choice([value for value, _label in field.choices] or [""])
    if isinstance(field, forms.DecimalField | forms.IntegerField):
        most = field.max_value if field.max_value is not None else 100
        # High more often than low: lives are to get on.
        return str(int(most * share / 10)) if name != "rank" else "1"
    if isinstance(field, forms.DateField):
        return clock.today(form.at).isoformat()
    if isinstance(field, forms.BooleanField):
        return "on" if field.required or name.startswith("item_") else None
    if isinstance(field, forms.FileField):
        return None
    if name == "number":
        return f"国知发规字〔{clock.today(form.at).year}〕9号"
    if name == "items":
        return f"{(clock.today(form.at) + timedelta(days=60)).isoformat()} 补齐台账"
    if isinstance(field, forms.CharField):
        return _WORDS[: field.max_length or 60]
    return None


@pytest.mark.timeout(1500)
def test_random_lives_keep_the_laws(world, monkeypatch):
    monkeypatch.setattr("workflows.handlers.produce", lambda row, _at: b"%PDF-" + row.serial.encode())
    Lives.world = world
    run_state_machine_as_test(Lives, settings=settings(
        max_examples=LIVES, stateful_step_count=STEPS, deadline=None, derandomize="PILOTAGE_LIVES" not in os.environ,
        suppress_health_check=list(HealthCheck), database=None, print_blob=True,
        # A life is read as it was lived: making it shorter would take hours.
        phases=[Phase.generate],
    ))  # fmt: skip
    # Lives that never get anywhere would keep every law. Which case a random hand picks hangs on its key, and so on what
    # ran before; a recorded outcome would not hold, a share does.
    past = [n for (model, state), n in REACHED.items() if model == "application" and state in FAR]
    assert sum(past) >= LIVES // 3, REACHED
