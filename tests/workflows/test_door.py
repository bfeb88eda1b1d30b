"""The one door: permission as a gate, every reason at once, nothing half done, one row per act."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.acts import every_act
from accounts.models import Grant
from notifications.models import Deadline, Message
from pilots.models import Application, Batch, Designation
from workflows import door, explain, ledger, perform
from workflows.models import CaseTask, LedgerEntry
from workflows.refusals import Broken, Denied, NotNow, Stale, Unknown

# What an act may cost, not counting the acts that follow from it (design/performance.md).
MOST_STATEMENTS = 32


def rows():
    return (LedgerEntry.objects.count(), Deadline.objects.count(), Message.objects.count(), CaseTask.objects.count())


def test_a_stranger_is_denied_and_nothing_is_written(world):
    _walk, application = world.application(to="province_review")
    before = rows()
    with pytest.raises(Denied) as refusal:
        perform(application, "recommend", by=world.cast["expert1"], at=_walk.at,
                data={"rank": 1, "letter_number": "苏知函〔2017〕1号"})  # fmt: skip
    assert rows() == before
    assert [user.username for user in refusal.value.who] == ["prov310000"]
    assert Application.objects.get(pk=application.pk).state == "province_review"


def test_a_neighbouring_province_is_denied(world):
    walk, application = world.application(to="province_review")
    neighbour = world.cast.province(world.place("江苏省"))
    with pytest.raises(Denied):
        perform(
            application, "recommend", by=neighbour, at=walk.at, data={"rank": 1, "letter_number": "苏知函〔2017〕1号"}
        )


def test_an_expired_grant_opens_nothing(world):
    walk, application = world.application(to="formality_check")
    Grant.objects.filter(user=world.cast["checker"]).update(valid_to=walk.at)
    with pytest.raises(Denied):
        perform(application, "accept", by=world.cast["checker"], at=walk.at)


def test_every_unmet_condition_is_named_at_once(world):
    walk, application = world.application(to="draft")
    Application.objects.filter(pk=application.pk).update(answers={})
    after = walk.batch.closes_at + timedelta(minutes=1)
    with pytest.raises(NotNow) as refusal:
        perform(application, "submit", by=walk.leader_of(application), at=after)
    codes = {reason.code for reason in refusal.value.reasons}
    assert {"window_over", "incomplete"} <= codes


def test_a_stale_page_does_nothing_and_tells_what_changed(world):
    walk, application = world.application(to="province_review")
    seen = application.version
    walk.recommend(application)
    with pytest.raises(Stale) as refusal:
        perform(application, "decline", by=world.cast["prov310000"], at=walk.at, reason="x", version=seen)
    assert [row.act for row in refusal.value.changes] == ["recommend"]


def test_the_wrong_state_is_refused_in_words(world):
    walk, application = world.application(to="province_review")
    with pytest.raises(NotNow) as refusal:
        perform(application, "accept", by=world.cast["checker"], at=walk.at)
    assert refusal.value.reasons[0].code == "state"
    assert "省级推荐" in str(refusal.value)


def test_an_unknown_act_is_refused(world):
    walk, application = world.application(to="draft")
    with pytest.raises(Unknown):
        perform(application, "fly", by=world.cast["officer"], at=walk.at)


def test_the_system_cannot_decide(world):
    walk, application = world.application(to="province_review")
    with pytest.raises(Denied):
        perform(application, "recommend", by=door.SYSTEM, at=walk.at, data={"rank": 1, "letter_number": "x"})


def test_a_missing_reason_is_asked_for(world):
    walk, application = world.application(to="province_review")
    with pytest.raises(NotNow) as refusal:
        perform(application, "decline", by=world.cast["prov310000"], at=walk.at, reason="   ")
    assert [reason.field for reason in refusal.value.reasons] == ["reason"]


def test_nobody_decides_on_what_they_prepared(world):
    """The officer who drew the list cannot confirm it, whatever roles they are given (programmes.md §4)."""
    walk, _application = world.application(to="ready")
    walk.close()
    batch = walk.act(walk.batch, "draw_list", world.cast["officer"])
    Grant.objects.create(user=world.cast["officer"], role="division_head", valid_from=world.start)
    with pytest.raises(NotNow) as refusal:
        perform(batch, "confirm", by=world.cast["officer"], at=walk.at)
    assert [reason.code for reason in refusal.value.reasons] == ["separation"]


def test_a_failing_follow_up_rolls_everything_back(world, monkeypatch):
    walk, application = world.application(to="formality_check")
    before = rows()
    monkeypatch.setattr("workflows.door.replan", _fail)
    with pytest.raises(RuntimeError):
        perform(application, "accept", by=world.cast["checker"], at=walk.at, data=_ticks(application))
    assert rows() == before
    assert Application.objects.get(pk=application.pk).state == "formality_check"


def _fail(*_args):
    raise RuntimeError("planted")


def _ticks(application):
    return {f"item_{index}": "on" for index in range(len(application.rules.checklist))}


def test_a_flow_that_disagrees_with_the_state_is_refused(world, monkeypatch):
    walk, application = world.application(to="formality_check")
    from workflows.flows import ApplyFlow

    monkeypatch.setattr(ApplyFlow.panel, "state", "somewhere_else")
    with pytest.raises(Broken):
        perform(application, "accept", by=world.cast["checker"], at=walk.at, data=_ticks(application))
    assert Application.objects.get(pk=application.pk).state == "formality_check"


def test_an_act_costs_few_statements(world, monkeypatch):
    """Every human act of a whole life, measured without the acts that follow from it."""
    counts = {}
    real = door._do

    def measured(act, deed):
        with CaptureQueriesContext(connection) as captured:
            outcome = real(act, deed)
        mine = len(captured) - measured.inner
        measured.inner = len(captured)
        counts[act.code] = max(counts.get(act.code, 0), mine)
        return outcome

    measured.inner = 0
    real_perform = door.perform

    def fresh(*args, **kwargs):
        measured.inner = 0
        return real_perform(*args, **kwargs)

    monkeypatch.setattr(door, "_do", measured)
    monkeypatch.setattr("config.demo.walk.perform", fresh)
    walk, _application = world.application(to="ready")
    walk.close()
    walk.decide()
    walk.notice()
    walk.issue()
    assert {code: n for code, n in counts.items() if n > MOST_STATEMENTS} == {}
    assert len(counts) > 12


def test_every_act_names_a_seat_and_words():
    for label, act in every_act():
        assert act.roles, (label, act.code)
        assert str(act.label), (label, act.code)
        assert str(act.done), (label, act.code)


def test_explain_and_perform_agree(world):
    """What explain allows, the door does; what it does not allow, the door refuses for the same reasons."""
    walk, application = world.application(to="province_review")
    for person in (world.cast["prov310000"], world.cast["expert1"], world.cast["officer"], walk.leader_of(application)):
        for offer in explain(application, person, walk.at):
            if not offer.allowed:
                with pytest.raises((Denied, NotNow)):
                    perform(application, offer.code, by=person, at=walk.at, reason="x")
    offers = {offer.code: offer for offer in explain(application, world.cast["prov310000"], walk.at)}
    assert offers["recommend"].allowed
    assert not offers["withdraw"].allowed
    assert offers["withdraw"].who == [f"{walk.leader_of(application).name}（申报单位负责人）"]


def test_the_chain_holds_and_every_attack_on_it_is_seen(world):
    _walk, application = world.application(to="ready")
    application.refresh_from_db()
    assert ledger.verify(application) == []
    entries = ledger.of_case(application)
    third = entries[2]
    for change in ({"reason": "别的"}, {"text": third.text.replace("recommend", "decline")}, {"hash": "0" * 64},
                   {"act": "decline"}, {"actor_id": None}):  # fmt: skip
        kept = {key: getattr(third, key) for key in change}
        LedgerEntry.objects.filter(pk=third.pk).update(**change)
        assert ledger.verify(application), change
        LedgerEntry.objects.filter(pk=third.pk).update(**kept)
    assert ledger.verify(application) == []
    assert ledger.check(entries[:-1], application.head, application.version), "a cut tail is seen through the head"
    assert ledger.check(entries[:1] + entries[2:], application.head, application.version), "a missing row is seen"


def test_scores_weigh_as_the_rules_say(world):
    _walk, application = world.application(to="ready")
    assert Decimal("80") < application.score < Decimal("90")


def test_only_one_of_two_marks_the_quota_over(world):
    """The quota is counted inside the lock: place n+1 is refused in words."""
    walk = world.walk()
    walk.call()
    batch = Batch.objects.get(pk=walk.batch.pk)
    quota = batch.rules.quota.places
    batch.quotas.create(place=world.place("江苏省"), places=1)
    first = walk.apply(world.place("江宁区"))
    second = walk.apply(world.place("苏州市"))
    walk.recommend(first)
    officer = world.cast.province(world.place("江苏省"))
    with pytest.raises(NotNow) as refusal:
        perform(second, "recommend", by=officer, at=walk.at, data={"rank": 2, "letter_number": "苏知函〔2017〕2号"})
    assert refusal.value.reasons[0].code == "quota"
    assert quota


def test_a_life_ends_accepted_with_a_valid_certificate(world):
    from config.demo.paths import PATHS

    walk = world.walk()
    walk.lively = True
    PATHS["happy"].live(walk, world.place("徐汇区"))
    site = Designation.objects.get(batch=walk.batch)
    assert (site.state, walk.certificate.state, walk.certificate.kind) == ("accepted", "issued", "acceptance")
    assert site.certificates.get(kind="designation").state == "superseded"
    assert Deadline.objects.open().count() == 0
