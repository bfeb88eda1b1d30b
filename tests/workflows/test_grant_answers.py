"""Who proposed a grant and whom it is about hear how it ended: each once, in their own language, of their own alone."""

from datetime import timedelta

import pytest

from accounts.models import Grant, User
from accounts.roles import Role
from approvals.models import GrantLine
from notifications import outbox
from notifications.models import Message
from tests.workflows.test_grant_requests import House
from workflows.refusals import NotNow, Refused


@pytest.fixture
def zhang(world):
    office = world.cast["officer"].organisation
    return User.objects.create(username="zhang", name="张三", organisation=office, email="zhang@office.cn")


@pytest.fixture
def house(world, zhang):
    return House(world, zhang)


def inbox(user):
    """[(subject, body, address)] of the outcomes in somebody's inbox, oldest first."""
    rows = Message.objects.filter(user=user, kind="outcome", channel="inbox").order_by("pk")
    return list(rows.values_list("subject", "body", "url"))


def test_both_hear_that_it_takes_effect(house):
    request = house.decide(house.propose())
    (subject, _body, url), = inbox(house.person("sysadmin"))  # fmt: skip
    assert subject == f"{request.number} 授予角色（张三）：复核同意，已生效"
    assert url == request.get_absolute_url()
    (subject, _body, url), = inbox(house.zhang)  # fmt: skip
    # The page of the request is the administrators' own; theirs is where their seats stand.
    assert (subject, url) == ("授予角色：局领导：复核同意，已生效", "/me/seats/")
    assert not inbox(house.person("secadmin"))


def test_each_hears_it_in_their_own_language_over_what_they_chose(house):
    User.objects.filter(pk=house.zhang.pk).update(language="en", telling={"mail": {"outcome": "now"}})
    User.objects.filter(username="sysadmin").update(telling={"mail": {"outcome": "off"}})
    house.zhang.refresh_from_db()
    house.decide(house.propose())
    rows = Message.objects.filter(user=house.zhang, kind="outcome")
    assert sorted(rows.values_list("channel", flat=True)) == ["email", "inbox"]
    assert not rows.get(channel="email").digest
    assert "授" not in rows.get(channel="email").subject
    assert [row.channel for row in Message.objects.filter(user__username="sysadmin", kind="outcome")] == ["inbox"]


def test_a_refusal_says_why_and_a_withdrawal_is_told_to_whom_it_is_about(house):
    house.decide(house.propose(), "refuse_grant", reason="岗位未核定")
    for person in (house.person("sysadmin"), house.zhang):
        assert next(body for _s, body, _u in inbox(person)).endswith("复核不同意。岗位未核定")
    house.decide(house.propose(), "withdraw", by="sysadmin")
    # Who takes it back knows.
    assert len(inbox(house.person("sysadmin"))) == 1
    assert inbox(house.zhang)[1][0] == "授予角色：局领导：撤回授权申请"


def test_an_end_is_told_in_a_pair_and_alone(house):
    grant = house.given()
    at = house.at + timedelta(days=1)
    line = GrantLine(user=house.zhang, role=grant.role, grant=grant, valid_to=at + timedelta(days=9))
    house.decide(house.propose(line, kind="end", at=at), at=at)
    assert inbox(house.zhang)[1][0] == "终止授权：局领导：复核同意，已生效"
    line = GrantLine(user=house.zhang, role=grant.role, grant=grant)
    house.propose(line, kind="end", by="secadmin", at_once=True, at=at)
    assert inbox(house.zhang)[2][1] == "终止授权：局领导：即时收回权限。岗位调整"
    assert not inbox(house.person("secadmin"))


def test_of_many_each_reads_their_own_alone_and_in_one_message(house):
    people = [User.objects.create(username=f"p{n}", name=f"人{n}") for n in range(3)]
    lines = [house.line(role, one) for one in people for role in (Role.EXPERT, Role.LEADER)]
    house.decide(house.propose(*lines))
    for one in people:
        (subject, body, _url), = inbox(one)  # fmt: skip
        assert subject == "授予角色：评审专家、局领导：复核同意，已生效"
        assert not any(other.name in subject + body for other in people)


def test_nobody_hears_it_twice(house):
    request = house.propose()
    house.decide(request)
    for code in ("confirm_grant", "refuse_grant", "withdraw"):
        with pytest.raises(Refused):
            house.decide(request, code, by="sysadmin" if code == "withdraw" else "secadmin", reason="再办一次")
    assert len(inbox(house.zhang)) == len(inbox(house.person("sysadmin"))) == 1
    row = Message.objects.get(user=house.zhang, kind="outcome", channel="inbox")
    # What a worker tries again is the same message.
    outbox.put([Message(key=row.key, user=row.user, kind=row.kind, channel="inbox", created_at=row.created_at,
                        not_before=row.not_before, subject="再来")])  # fmt: skip
    assert len(inbox(house.zhang)) == 1


def test_what_is_refused_at_the_door_is_told_to_nobody(house):
    request = house.propose()
    Grant.objects.create(user=house.zhang, role=Role.AUDITOR, valid_from=house.at)
    with pytest.raises(NotNow):
        house.decide(request)
    assert not inbox(house.zhang)


def test_an_account_that_is_off_finds_it_when_it_comes_back_and_gets_no_mail(house):
    house.propose(GrantLine(user=house.zhang), kind="off", by="secadmin", at_once=True)
    assert inbox(house.zhang)[0][1] == "停用账号：即时收回权限。岗位调整"
    outbox.send_due(house.at + timedelta(days=9))
    assert not Message.objects.filter(user=house.zhang, kind="outcome", channel="email", state="sent").exists()
