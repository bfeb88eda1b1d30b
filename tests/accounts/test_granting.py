"""Who may hold what: three administrators apart, and every door by which a grant is made asks the same question."""

from datetime import timedelta
from itertools import product

import pytest

from accounts.authority import Authority, Scope
from accounts.granting import (
    Proposal,
    Separated,
    counts_as,
    excludes,
    granting_faults,
    overlap,
    separation_faults,
)
from accounts.holders import Directory, holders
from accounts.models import Grant, Organisation, User
from accounts.roles import ADMINISTRATORS, REACH, UNGRANTABLE, Reach, Role
from accounts.seats import hand_over, lend, lendable, lending_faults
from notifications.models import Deadline
from workflows.heads import case_models

GRANTABLE = [role for role in Role if role not in UNGRANTABLE]
# Written by hand: the oracle of `excludes`.
THREE = {"system_admin", "security_admin", "auditor"}


def codes(faults):
    return sorted({fault.code for fault in faults})


@pytest.fixture
def zhang(world):
    body = Organisation.objects.create(name="信息中心", kind="institution", place=world.place("北京市"))
    return User.objects.create(username="zhang", name="张三", organisation=body)


def grant(user, role, start, end=None, **more):
    return Grant.objects.create(user=user, role=role, valid_from=start, valid_to=end, **more)


def test_which_roles_go_together():
    for one, other in product(GRANTABLE, GRANTABLE):
        apart = one != other and bool({one.value, other.value} & THREE)
        assert excludes(one, other) is apart, (one, other)


DAYS = ((0, 5), (3, 8), (5, 9), (5, None), (0, None), (-3, 0), (-3, None))


def test_two_spans_overlap_when_a_day_lies_in_both():
    def days(span):
        return {day for day in range(-5, 12) if span[0] <= day and (span[1] is None or day < span[1])}

    for one, other in product(DAYS, DAYS):
        assert overlap(one, other) is bool(days(one) & days(other)), (one, other)


def test_an_administrator_holds_nothing_else_at_the_same_time(world, zhang):
    at = world.start
    grant(zhang, Role.AUDITOR, at, at + timedelta(days=10))
    for role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.DIVISION_HEAD, Role.EXPERT):
        assert codes(separation_faults(zhang, role, (at + timedelta(days=9), None))) == ["separated"]
        assert codes(separation_faults(zhang, role, (at + timedelta(days=10), None))) == []
    assert codes(separation_faults(zhang, Role.AUDITOR, (at, None))) == []


def test_an_account_that_is_off_may_come_back_so_its_seats_count(world, zhang):
    grant(zhang, Role.SYSTEM_ADMIN, world.start)
    User.objects.filter(pk=zhang.pk).update(is_active=False)
    zhang.refresh_from_db()
    faults = granting_faults(Proposal(zhang, Role.AUDITOR, world.start), world.start)
    assert codes(faults) == ["inactive", "separated"]


@pytest.mark.parametrize(
    ("role", "fields", "expected"),
    [
        ("programme_officer", {}, []),
        ("programme_officer", {"place": "北京市"}, ["place"]),
        ("province_officer", {}, ["place"]),
        ("province_officer", {"place": "北京市"}, []),
        ("applicant_leader", {}, ["organisation"]),
        ("applicant_leader", {"organisation": True}, []),
        ("system_admin", {"programme": "x"}, ["programme"]),
        ("auditor", {"programme": "x"}, ["programme"]),
        ("security_admin", {}, []),
        ("system", {}, ["role"]),
        ("nonsense", {}, ["role"]),
        ("leader", {"valid_to": -1}, ["order"]),
        ("leader", {"valid_from": -9, "valid_to": -1}, ["over_already"]),
    ],
)
def test_the_faults_of_a_grant(world, zhang, role, fields, expected):
    at = world.start
    more = dict(fields)
    if "place" in more:
        more["place"] = world.place(more["place"])
    if "organisation" in more:
        more["organisation"] = zhang.organisation
    start = at + timedelta(days=more.pop("valid_from", 0))
    end = at + timedelta(days=more.pop("valid_to")) if "valid_to" in more else None
    assert codes(granting_faults(Proposal(zhang, role, start, end, **more), at)) == expected


def test_lines_of_one_request_are_held_against_each_other(world, zhang):
    at = world.start
    first = Proposal(zhang, Role.LEADER, at, at + timedelta(days=5))
    assert codes(granting_faults(Proposal(zhang, Role.AUDITOR, at), at, besides=[first])) == ["separated"]
    assert codes(granting_faults(Proposal(zhang, Role.LEADER, at), at, besides=[first])) == ["held"]
    later = Proposal(zhang, Role.AUDITOR, at + timedelta(days=5))
    assert codes(granting_faults(later, at, besides=[first])) == []


def test_nobody_lends_to_an_administrator_nor_an_administrator_s_seat(world):
    at, head = world.start, world.cast["head"]
    deputy = User.objects.create(username="deputy", name="周", organisation=head.organisation)
    seat = lendable(head, at)[0]
    for role in ADMINISTRATORS:
        own = grant(deputy, role, at)
        assert codes(lending_faults(seat, deputy, at + timedelta(days=3), by=head, at=at)) == ["separated"]
        assert lendable(deputy, at) == []
        own.delete()
    assert codes(lending_faults(seat, deputy, at + timedelta(days=3), by=head, at=at)) == []


def test_whoever_has_borrowed_a_seat_is_no_administrator_until_it_has_ended(world):
    at, head = world.start, world.cast["head"]
    deputy = User.objects.create(username="deputy", name="周", organisation=head.organisation)
    lend(lendable(head, at)[0], deputy, at + timedelta(days=3), by=head, at=at)
    assert codes(separation_faults(deputy, Role.AUDITOR, (at, None))) == ["separated"]
    assert counts_as(deputy, at) == counts_as(head, at) == {deputy.pk, head.pk}
    # The borrowed seat ends with its source.
    Grant.objects.filter(user=head).update(valid_to=at + timedelta(days=1))
    assert codes(separation_faults(deputy, Role.AUDITOR, (at + timedelta(days=1), None))) == []


def test_a_contact_is_not_handed_to_an_administrator(world, zhang):
    grant(zhang, Role.AUDITOR, world.start)
    with pytest.raises(Separated):
        hand_over(zhang.organisation, zhang, by=zhang, at=world.start)
    assert not Grant.objects.filter(role=Role.APPLICANT_CONTACT, user=zhang).exists()


# --- what they see
def test_who_looks_after_accounts_sees_nothing_of_business(world, zhang):
    """Every model that moves, every deadline, every seat: nothing lies within their reach."""
    walk, _application = world.application(to="expert_review")
    seen = Authority(world.cast["officer"], walk.at)
    for role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN):
        Grant.objects.filter(user=zhang).delete()
        grant(zhang, role, world.start)
        authority = Authority(zhang, walk.at)
        assert authority.roles == {role}
        for model in case_models():
            if model.__name__ == "GrantRequest":
                continue
            assert not model.objects.visible_to(authority).exists(), model
        assert not Deadline.objects.visible_to(authority).exists()
        for place in ("", "1."):
            assert authority.seat(list(Role), Scope(place, None, walk.programme.code)) is None
    assert Deadline.objects.visible_to(seen).exists()


def test_no_seat_of_business_reaches_what_is_the_house_s(world):
    house = Scope(house=True)
    for key in ("officer", "head", "leader", "checker"):
        assert Authority(world.cast[key], world.start).seat(list(Role), house) is None
    assert Authority(world.cast["auditor"], world.start).seat([Role.AUDITOR], house) == Role.AUDITOR
    found, listed = holders(GRANTABLE, house, world.start), Directory(GRANTABLE, world.start)
    assert {role: listed.of(role, house) for role in found} == found
    assert set(found) <= ADMINISTRATORS
    assert all(not listed.of(role, house) for role in GRANTABLE if role not in ADMINISTRATORS)
    assert [role for role, reach in REACH.items() if reach is Reach.HOUSE] == [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN]
