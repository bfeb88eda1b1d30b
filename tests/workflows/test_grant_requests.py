"""A grant is given in a pair: what the second administrator is asked, what takes effect, what one may do alone."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.authority import Authority
from accounts.models import AccountEvent, Grant, User
from accounts.roles import Role
from accounts.seats import lend, lendable
from approvals.models import GrantLine, GrantRequest
from notifications.models import Deadline, Message
from tests.office import codes
from workflows import explain, ledger, perform
from workflows.beginnings import begin_grant_request
from workflows.refusals import Denied, NotNow

ADMINS = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN)


@pytest.fixture
def zhang(world):
    return User.objects.create(username="zhang", name="张三", organisation=world.cast["officer"].organisation)


@pytest.fixture
def house(world, zhang):
    return House(world, zhang)


class House:
    """The two administrators at work."""

    def __init__(self, world, zhang):
        self.cast, self.at, self.zhang = world.cast, world.start, zhang

    def line(self, role=Role.LEADER, user=None, **more):
        return GrantLine(user=user or self.zhang, role=role, **{"valid_from": self.at} | more)

    def propose(self, *lines, kind="give", by="sysadmin", at=None, **more):
        lines = lines or (self.line(),)
        by = User.objects.get(pk=by.pk) if isinstance(by, User) else self.person(by)
        return begin_grant_request(kind, lines, by=by, at=at or self.at, grounds="岗位调整", **more).obj

    def person(self, key):
        return User.objects.get(username=key)

    def decide(self, request, code="confirm_grant", by="secadmin", at=None, **more):
        return perform(request, code, by=self.person(by), at=at or self.at + timedelta(hours=1), **more).obj

    def given(self, *lines, **more):
        self.decide(self.propose(*lines, **more))
        return Grant.objects.order_by("pk").last()


def test_two_people_make_a_grant_and_it_names_both(house):
    request = house.propose(house.line(valid_to=house.at + timedelta(days=30)))
    assert not Grant.objects.filter(user=house.zhang).exists()
    assert Authority(house.zhang, house.at).held == ()
    request = house.decide(request)
    grant = Grant.objects.get(user=house.zhang)
    assert (grant.granted_by.username, grant.approved_by.username) == ("sysadmin", "secadmin")
    # What should have begun before it was confirmed begins with the confirmation.
    assert grant.valid_from == house.at + timedelta(hours=1)
    assert request.state == "confirmed"
    assert request.lines.get().grant == grant
    assert ledger.verify(request) == []
    assert [row.act for row in ledger.of_case(request)] == ["begin", "confirm_grant"]
    assert '"name":"张三"' in ledger.of_case(request)[1].text


def test_who_waits_is_told_and_reminded(house):
    request = house.propose()
    duty = Deadline.objects.of(request).get()
    assert (duty.role, duty.closed_at) == ("security_admin", None)
    assert Message.objects.filter(duty=duty.uuid, user=house.person("secadmin"), channel="inbox").exists()
    house.decide(request)
    assert Deadline.objects.of(request).unclosed().count() == 0


def test_strangers_do_neither(house):
    request = house.propose()
    for key in ("officer", "head", "leader", "auditor", "sysadmin"):
        with pytest.raises(Denied):
            house.decide(request, by=key)
    for key in ("officer", "head", "auditor", "secadmin"):
        with pytest.raises(Denied):
            house.propose(by=key)


def test_who_proposed_does_not_confirm_even_with_the_other_seat(house):
    request = house.propose()
    Grant.objects.filter(user=house.person("sysadmin")).update(role=Role.SECURITY_ADMIN)
    for code in ("confirm_grant", "refuse_grant"):
        with pytest.raises(NotNow) as refusal:
            house.decide(request, code, by="sysadmin", reason="无")
        assert "separation" in codes(refusal)


def test_the_database_refuses_it_too(house):
    request = house.propose()
    with pytest.raises(IntegrityError), transaction.atomic():
        GrantRequest.objects.filter(pk=request.pk).update(
            state="confirmed", decided_at=house.at, decided_by=request.proposed_by
        )


def test_nobody_gives_to_themselves(house):
    with pytest.raises(NotNow) as refusal:
        house.propose(house.line(user=house.person("sysadmin")))
    assert "own" in codes(refusal)
    Grant.objects.filter(user=house.person("secadmin")).update(valid_to=house.at + timedelta(days=3))
    later = house.line(Role.LEADER, house.person("secadmin"), valid_from=house.at + timedelta(days=4))
    request = house.propose(later)
    with pytest.raises(NotNow) as refusal:
        house.decide(request)
    assert codes(refusal) == {"own"}


def test_whoever_stands_in_for_another_counts_as_them(house):
    """No screen lends to an administrator any more; what an older database holds is taken as one person all the same."""
    head = house.person("head")
    seat = lendable(head, house.at)[0]
    lend(seat, house.person("sysadmin"), house.at + timedelta(days=9), by=head, at=house.at)
    with pytest.raises(NotNow) as refusal:
        house.propose(house.line(Role.COUNTERSIGNER, head))
    assert "own" in codes(refusal)
    request = house.propose()
    Grant.objects.filter(source=seat).update(user=house.person("secadmin"))
    lend(seat, house.person("sysadmin"), house.at + timedelta(days=9), by=head, at=house.at)
    with pytest.raises(NotNow) as refusal:
        house.decide(house.propose(house.line(Role.EXPERT, head)))
    assert "own" in codes(refusal)
    assert house.decide(request).state == "confirmed"


def test_everything_is_asked_again_when_it_is_confirmed(house):
    request = house.propose(house.line(Role.AUDITOR))
    Grant.objects.create(user=house.zhang, role=Role.DIVISION_HEAD, valid_from=house.at)
    with pytest.raises(NotNow) as refusal:
        house.decide(request)
    assert codes(refusal) == {"separated"}
    assert Grant.objects.filter(user=house.zhang).count() == 1
    Grant.objects.filter(user=house.zhang).delete()
    User.objects.filter(pk=house.zhang.pk).update(is_active=False)
    with pytest.raises(NotNow) as refusal:
        house.decide(request)
    assert codes(refusal) == {"inactive"}


def test_lines_changed_behind_the_door_are_not_confirmed(house):
    request = house.propose()
    GrantLine.objects.filter(request=request).update(role=Role.DIVISION_HEAD)
    with pytest.raises(NotNow) as refusal:
        house.decide(request)
    assert codes(refusal) == {"list_changed"}


def test_many_lines_are_one_request_and_all_or_nothing(house, world):
    people = [User.objects.create(username=f"p{n}", name=f"人{n}") for n in range(3)]
    lines = [house.line(Role.EXPERT, one) for one in people]
    with pytest.raises(NotNow) as refusal:
        house.propose(*lines, house.line(Role.AUDITOR, people[2]), house.line(Role.PROVINCE_OFFICER, people[0]))
    assert codes(refusal) == {"separated", "place"}
    assert "第 4 项" in str(refusal.value)
    assert not GrantRequest.objects.exists()
    request = house.propose(*[house.line(Role.EXPERT, one) for one in people])
    assert request.about == "人0 +2"
    house.decide(request)
    assert Grant.objects.filter(role=Role.EXPERT, user__in=people).count() == 3


def test_a_refusal_has_a_reason_and_a_request_is_taken_back_by_its_author(house):
    request = house.propose()
    with pytest.raises(NotNow):
        house.decide(request, "refuse_grant")
    assert house.decide(request, "refuse_grant", reason="岗位未核定").state == "refused"
    other = User.objects.create(username="sys2", name="另一位")
    Grant.objects.create(user=other, role=Role.SYSTEM_ADMIN, valid_from=house.at)
    request = house.propose()
    with pytest.raises(NotNow):
        house.decide(request, "withdraw", by="sys2")
    assert house.decide(request, "withdraw", by="sysadmin").state == "withdrawn"
    assert not Grant.objects.filter(user=house.zhang).exists()


# --- ending
def ending(house, grant, **more):
    return GrantLine(user=grant.user, role=grant.role, grant=grant, **more)


def test_an_end_is_a_pair_too_and_takes_what_was_lent_along(house):
    grant = house.given()
    deputy = User.objects.create(username="deputy", name="周", organisation=house.zhang.organisation)
    at = house.at + timedelta(days=2)
    lend(grant, deputy, at + timedelta(days=9), by=house.zhang, at=at)
    request = house.propose(ending(house, grant), kind="end", at=at)
    assert Authority(deputy, at).has(Role.LEADER)
    house.decide(request, at=at + timedelta(hours=1))
    assert Authority(house.zhang, at + timedelta(minutes=59)).has(Role.LEADER)
    for person in (house.zhang, deputy):
        assert not Authority(person, at + timedelta(hours=1)).has(Role.LEADER)


def test_an_end_may_be_set_for_a_day_and_a_seat_that_never_began_is_taken_away(house):
    grant = house.given()
    at = house.at + timedelta(days=2)
    house.decide(house.propose(ending(house, grant, valid_to=at + timedelta(days=5)), kind="end", at=at), at=at)
    grant.refresh_from_db()
    assert grant.valid_to == at + timedelta(days=5)
    with pytest.raises(NotNow) as refusal:
        house.propose(ending(house, grant, valid_to=at + timedelta(days=6)), kind="end", at=at)
    assert codes(refusal) == {"later"}
    future = house.given(house.line(Role.EXPERT, valid_from=at + timedelta(days=50)), at=at)
    request = house.decide(house.propose(ending(house, future), kind="end", at=at), at=at)
    assert not Grant.objects.filter(pk=future.pk).exists()
    assert request.lines.get().grant is None
    assert '"role":"expert"' in ledger.of_case(request)[1].text


def test_what_has_ended_is_not_ended_again(house):
    grant = house.given()
    first = house.propose(ending(house, grant), kind="end")
    second = house.propose(ending(house, grant), kind="end")
    house.decide(first, at=house.at + timedelta(days=1))
    with pytest.raises(NotNow) as refusal:
        house.decide(second, at=house.at + timedelta(days=2))
    assert codes(refusal) == {"ended"}


# --- alone
def test_the_security_administrator_takes_away_at_once_and_gives_nothing(house):
    grant = house.given()
    at = house.at + timedelta(days=1)
    done = house.propose(ending(house, grant), kind="end", by="secadmin", at_once=True, at=at)
    assert (done.state, done.at_once, done.decided_by.username) == ("confirmed", True, "secadmin")
    assert not Authority(house.zhang, at).has(Role.LEADER)
    assert ledger.of_case(done)[0].reason == "岗位调整"
    for kind, line in (("give", house.line()), ("on", GrantLine(user=house.zhang))):
        with pytest.raises((NotNow, IntegrityError)), transaction.atomic():
            house.propose(line, kind=kind, by="secadmin", at_once=True)
    with pytest.raises(Denied):
        house.propose(GrantLine(user=house.zhang), kind="off", by="sysadmin", at_once=True)
    with pytest.raises(NotNow) as refusal:
        house.propose(GrantLine(user=house.person("secadmin")), kind="off", by="secadmin", at_once=True)
    assert codes(refusal) == {"own"}


def test_a_proposed_end_is_not_hurried_through_alone(house):
    request = house.propose(GrantLine(user=house.zhang), kind="off")
    with pytest.raises(NotNow) as refusal:
        house.decide(request, "at_once", reason="急")
    assert codes(refusal) == {"not_first"}


# --- accounts off and on
def test_an_account_is_switched_off_alone_and_on_in_a_pair(house):
    house.given()
    at = house.at + timedelta(days=1)
    house.propose(GrantLine(user=house.zhang), kind="off", by="secadmin", at_once=True, at=at)
    house.zhang.refresh_from_db()
    assert not house.zhang.is_active
    assert not Authority(house.zhang, at).held
    with pytest.raises(NotNow) as refusal:
        house.propose(GrantLine(user=house.zhang), kind="off", at=at)
    assert codes(refusal) == {"off_already"}
    request = house.propose(GrantLine(user=house.zhang), kind="on", at=at)
    house.zhang.refresh_from_db()
    assert not house.zhang.is_active
    house.decide(request, at=at)
    assert Authority(house.person("zhang"), at).has(Role.LEADER)
    kinds = AccountEvent.objects.filter(user=house.zhang).order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["switched_off", "switched_on"]


def test_an_account_does_not_come_back_with_two_of_the_three_roles(house):
    User.objects.filter(pk=house.zhang.pk).update(is_active=False)
    for role in ADMINS:
        Grant.objects.create(user=house.zhang, role=role, valid_from=house.at)
    with pytest.raises(NotNow) as refusal:
        house.propose(GrantLine(user=house.person("zhang")), kind="on")
    assert codes(refusal) == {"separated"}


def test_what_only_they_could_do_is_reported_upward_at_once(world, house):
    walk, application = world.application(to="expert_review")
    expert = application.reviews.first().expert
    house.at = walk.at
    before = set(Message.objects.values_list("pk", flat=True))
    request = house.propose(GrantLine(user=expert), kind="off", by="secadmin", at_once=True)
    told = Message.objects.exclude(pk__in=before).filter(kind="vacant", channel="inbox")
    assert [row.user.username for row in told] == ["officer"]
    assert request.state == "confirmed"


# --- what is shown
def test_the_buttons_say_why_not(house):
    request = house.propose()
    offers = {offer.code: offer for offer in explain(request, house.person("secadmin"), house.at)}
    assert {code for code, offer in offers.items() if offer.allowed} == {"confirm_grant", "refuse_grant"}
    offers = {offer.code: offer for offer in explain(request, house.person("sysadmin"), house.at)}
    assert {code for code, offer in offers.items() if offer.allowed} == {"withdraw"}
    assert "范思敏" in offers["confirm_grant"].who[0]


def test_requests_are_the_administrators_own(house):
    request = house.propose()
    for key in ("officer", "head", "leader", "expert1"):
        assert not request.is_visible_to(house.person(key))
    for key in ("sysadmin", "secadmin", "auditor"):
        assert request.is_visible_to(house.person(key))
    duties = Deadline.objects.of(request)
    for key, seen in (("officer", False), ("leader", False), ("auditor", True), ("secadmin", True)):
        authority = Authority(house.person(key), house.at)
        assert Deadline.objects.visible_to(authority).filter(pk__in=duties).exists() is seen, key
        assert duties.get().is_visible_to(authority) is seen


def test_an_investigation_goes_back_to_the_seat(world, house):
    """What somebody had taken up does not hang on them: their colleagues have it among their own (trust.md F18)."""
    walk, application = world.application(to="ready")
    walk.close()
    walk.decide()
    walk.batch = walk.act(walk.batch, "publish_notice", walk.cast["checker"])
    application.refresh_from_db()
    objection, handler = walk.object(application), house.person("handler")
    other = User.objects.create(username="handler2", name="另一位核查员", organisation=handler.organisation)
    Grant.objects.create(user=other, role=Role.OBJECTION_HANDLER, valid_from=world.start)
    assert Deadline.objects.of(objection).unclosed().get().user == handler
    house.at = walk.at
    house.propose(GrantLine(user=handler), kind="off", by="secadmin", at_once=True)
    duty = Deadline.objects.of(objection).unclosed().get()
    assert (duty.user, duty.role) == (None, "objection_handler")
    assert Message.objects.filter(duty=duty.uuid, user=other, kind="duty_opened", channel="inbox").exists()
    perform(objection, "report_finding", by=other, at=walk.at, data={"report": "查实。"})
