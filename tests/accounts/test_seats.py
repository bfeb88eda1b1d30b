"""Lending a seat while away: it acts on behalf, ends by itself, and two people count as one."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import Grant, User
from accounts.roles import Role
from accounts.seats import lend, lendable, lending_faults
from workflows import ledger, perform
from workflows.refusals import Denied, NotNow


@pytest.fixture(autouse=True)
def proven(monkeypatch):
    """The password was given again just now; what happens without it stands in test_proof.py."""
    monkeypatch.setattr("accounts.proof.recently_proven", lambda request: True)


@pytest.fixture
def lent(world):
    """The head's seat lent to a colleague for ten days, and a batch that waits for the head."""
    walk, _application = world.application(to="ready")
    walk.close()
    batch = walk.act(walk.batch, "draw_list", world.cast["officer"])
    head = world.cast["head"]
    deputy = User.objects.create(username="deputy", name="周副司长", organisation=head.organisation)
    grant = lend(lendable(head, walk.at)[0], deputy, walk.at + timedelta(days=10), by=head, at=walk.at)
    return walk, batch, head, deputy, grant


def test_a_delegate_acts_on_behalf_and_the_ledger_says_so(lent):
    walk, batch, head, deputy, _grant = lent
    outcome = perform(batch, "confirm", by=deputy, at=walk.at, data={"comment": "同意。"})
    assert (outcome.entry.actor, outcome.entry.on_behalf, outcome.entry.on_behalf_name) == (deputy, head, head.name)
    assert ledger.verify(outcome.obj) == []


def test_a_delegation_ends_by_itself_and_with_its_source(lent):
    walk, batch, head, deputy, _grant = lent
    with pytest.raises(Denied):
        perform(batch, "confirm", by=User.objects.get(pk=deputy.pk), at=walk.at + timedelta(days=10))
    Grant.objects.filter(user=head).update(valid_to=walk.at)
    with pytest.raises(Denied):
        perform(batch, "confirm", by=User.objects.get(pk=deputy.pk), at=walk.at + timedelta(hours=1))


def test_neither_may_do_what_the_other_may_not(lent, world):
    walk, batch, head, _deputy, _grant = lent
    officer = world.cast["officer"]
    Grant.objects.filter(source__isnull=False).delete()
    lend(lendable(head, walk.at)[0], officer, walk.at + timedelta(days=5), by=head, at=walk.at)
    with pytest.raises(NotNow) as refusal:
        perform(batch, "confirm", by=User.objects.get(pk=officer.pk), at=walk.at, data={})
    assert [reason.code for reason in refusal.value.reasons] == ["separation"]


def test_what_was_done_on_behalf_counts_for_the_one_who_was_away(world):
    walk, _application = world.application(to="ready")
    walk.close()
    officer = world.cast["officer"]
    deputy = User.objects.create(username="deputy", name="周代理", organisation=officer.organisation)
    seat = next(grant for grant in lendable(officer, walk.at) if grant.role == Role.PROGRAMME_OFFICER)
    lend(seat, deputy, walk.at + timedelta(days=5), by=officer, at=walk.at)
    batch = perform(walk.batch, "draw_list", by=deputy, at=walk.at).obj
    Grant.objects.create(user=officer, role=Role.DIVISION_HEAD, valid_from=world.start)
    with pytest.raises(NotNow) as refusal:
        perform(batch, "confirm", by=User.objects.get(pk=officer.pk), at=walk.at, data={})
    assert "委托人或受托人" in str(refusal.value)


def test_what_cannot_be_lent(lent, world):
    walk, _batch, head, deputy, grant = lent
    at = walk.at
    own = lendable(head, at)[0]

    def faults(grant, to, until, by=head):
        return {fault.code for fault in lending_faults(grant, to, until, by=by, at=at)}

    later = at + timedelta(days=3)
    assert faults(own, deputy, later) == {"lent_already"}
    assert faults(own, world.cast["expert1"], at) == {"not_a_colleague", "over_already", "lent_already"}
    # What was lent is not lent on.
    assert "not_yours" in faults(grant, head, later, by=deputy)
    assert lendable(world.cast["expert1"], at) == []


@pytest.fixture
def page(lent, client, monkeypatch):
    from accounts import clock

    walk, _batch, head, *_rest = lent
    monkeypatch.setattr(clock, "now", lambda: walk.at + timedelta(minutes=5))
    client.force_login(head, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client, lent


def test_the_page_lends_and_takes_back(page):
    client, (walk, _batch, head, deputy, grant) = page
    url = reverse("my_seats")
    assert "周副司长代办" in client.get(url).content.decode()
    assert client.post(url, {"do": "take_back", "grant": grant.pk}).status_code == 302
    day = (walk.at + timedelta(days=4)).date().isoformat()
    own = lendable(head, walk.at)[0]
    bad = client.post(url, {"do": "lend", "grant": own.pk, "to": deputy.pk, "until": "2001-01-01"})
    assert (bad.status_code, "截止日期不能早于今天" in bad.content.decode()) == (422, True)
    assert client.post(url, {"do": "lend", "grant": own.pk, "to": deputy.pk, "until": day}).status_code == 302
    assert Grant.objects.filter(source=own).count() == 2


def test_somebody_elses_delegation_is_not_taken_back(page, world, client):
    client, (_walk, _batch, _head, _deputy, grant) = page
    client.force_login(world.cast["officer"], backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = client.post(reverse("my_seats"), {"do": "take_back", "grant": grant.pk})
    assert answer.status_code == 422
    grant.refresh_from_db()
    assert grant.valid_to > _walk.at + timedelta(days=9)
    assert client.post(reverse("my_seats"), {"do": "hand_over", "contact": "1"}).status_code == 422


def test_a_leader_hands_over_the_contact(world, client, monkeypatch):
    from accounts import clock

    walk, application = world.application(to="draft")
    leader = walk.leader_of(application)
    new = User.objects.create(username="new", name="新经办", organisation=leader.organisation)
    monkeypatch.setattr(clock, "now", lambda: walk.at)
    client.force_login(leader, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.post(reverse("my_seats"), {"do": "hand_over", "contact": new.pk}).status_code == 302
    held = Grant.objects.in_force(walk.at).filter(role=Role.APPLICANT_CONTACT, organisation=leader.organisation)
    assert [row.user for row in held] == [new]
