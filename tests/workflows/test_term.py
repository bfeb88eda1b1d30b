"""The years of a term and its end: changes, mid-term, panel, mending, hearing, what follows; each refusal in words."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts import clock
from accounts.acts import Question, acts_of
from accounts.authority import Authority
from accounts.models import Grant, Organisation, User
from accounts.roles import Role
from approvals.grants import switch_off
from approvals.models import Certificate, Evaluation
from config.demo.paths import _to_acceptance, _to_site, _to_title
from config.demo.walk import _scaled, nine_after
from notifications.models import Deadline, Message
from notifications.orphans import orphans
from pilots import eligibility, mending
from pilots.drafting import Conflict, NotEditable
from pilots.models import Change, Designation, FormerName, Programme, RectificationItem, RulesVersion
from pilots.rules import loads
from pilots.timing import opening_of_evaluation
from pilots.views import nobody
from tests.world import TRIAL, _texts
from workflows import ledger, perform
from workflows.beginnings import begin_change
from workflows.models import CaseTask
from workflows.refusals import Denied, NotNow
from workflows.timeline import travel


@pytest.fixture(autouse=True)
def _paper(monkeypatch):
    monkeypatch.setattr("workflows.handlers.produce", lambda row, _at: b"%PDF-" + row.serial.encode())


@pytest.fixture
def built(world, walk):
    """A site whose plan is filed, and the walk at that moment."""
    site = walk.paper(_to_site(walk, world.place("徐汇区")), "file_plan")
    return walk, site


def fresh(case):
    return type(case).objects.get(pk=case.pk)


def codes(refusal):
    return {reason.code for reason in refusal.value.reasons}


def file(walk, site, kind, **given):
    given = {"grounds": "见附件。", "letter_number": "沪府函〔2018〕9号"} | given
    return begin_change(site, kind, given=given, by=walk.leader_of(site), at=walk.at)


# --- changes ------------------------------------------------------------------------------------------------------


def test_an_extension_moves_the_term_and_everything_after_it(built):
    walk, site = built
    end, opens = site.term_end, Deadline.objects.of(site).open().get(code="open_evaluation").due_on
    change = walk.change(site, "extension", months=2)
    site = fresh(site)
    assert (change.state, site.extensions, site.extended_months) == ("decided", 1, 2)
    assert site.term_end > end + timedelta(days=55)
    assert site.term_end.isoformat() in site.term_text
    assert Deadline.objects.of(site).open().get(code="open_evaluation").due_on > opens
    entry = ledger.of_case(site)[-1]
    assert (entry.act, change.number in entry.text) == ("apply_change", True)
    assert ledger.verify(site) == ledger.verify(fresh(change)) == []


def test_an_extension_is_given_once(built):
    walk, site = built
    walk.change(site, "extension", months=2)
    with pytest.raises(NotNow) as refusal:
        file(walk, fresh(site), "extension", months=1)
    assert codes(refusal) == {"extended"}
    assert "最多延期 1 次" in str(refusal.value)


def test_two_changes_run_beside_each_other_but_not_two_of_a_kind(built):
    walk, site = built
    file(walk, site, "scope", area="徐家汇街道")
    file(walk, site, "name", name="徐汇区政府")
    with pytest.raises(NotNow) as refusal:
        file(walk, site, "scope", area="漕河泾街道")
    assert codes(refusal) == {"already"}
    assert Change.objects.filter(state="filed").count() == 2
    assert Deadline.objects.open().filter(subject_model="pilots.change", role=Role.PROVINCE_OFFICER).count() == 2


def test_a_new_name_keeps_the_old_one(built):
    walk, site = built
    old, paper = site.holder_name, Certificate.objects.filter(designation=site).first().words["holder"]
    walk.change(site, "name", name="徐汇区新政府")
    site = fresh(site)
    assert site.holder_name == site.organisation.name == "徐汇区新政府"
    assert FormerName.objects.get(designation=site).name == old
    assert Certificate.objects.filter(designation=site).first().words["holder"] == paper == old


def test_a_new_operator_gets_the_to_dos(built, world):
    walk, site = built
    other = Organisation.objects.create(name="徐汇开发区管委会", kind="zone_committee", place=site.place)
    walk.change(site, "operator", organisation=other)
    assert fresh(site).organisation == other
    mine = Deadline.objects.of(site).open().exclude(role=Role.SYSTEM)
    assert {row.organisation_id for row in mine} == {other.pk}


def test_a_contact_is_handed_over_at_once(built, world):
    walk, site = built
    leader = walk.leader_of(site)
    new = User.objects.create(username="new", name="新人", organisation=site.organisation)
    outcome = file(walk, site, "contact", contact=new)
    assert outcome.obj.state == "decided"
    held = Grant.objects.in_force(walk.at + timedelta(seconds=1)).filter(role=Role.APPLICANT_CONTACT)
    assert [row.user for row in held.filter(organisation=site.organisation)] == [new]
    # The leader's own seat is untouched.
    assert leader.grants.in_force(walk.at + timedelta(seconds=1)).get().role == Role.APPLICANT_LEADER


def test_early_acceptance_waits_for_its_day_and_for_the_reports(built):
    walk, site = built
    with pytest.raises(NotNow) as refusal:
        file(walk, site, "early_acceptance")
    assert codes(refusal) == {"too_early"}
    walk.until(nine_after(site.term_start + timedelta(days=740)))
    with pytest.raises(NotNow) as refusal:
        file(walk, fresh(site), "early_acceptance")
    assert codes(refusal) == {"reports_missing"}
    while fresh(site).filings.filter(kind="report", filed_at=None, due_on__lt=clock.today(walk.at)).exists():
        site = walk.report(site)
    walk.change(fresh(site), "early_acceptance")
    assert fresh(site).state == "self_evaluation"
    site = walk.conclude(walk.evaluation(fresh(site)))
    assert (site.state, site.ended_on < site.term_end) == ("accepted", True)


def test_who_confirmed_does_not_decide(built, world):
    walk, site = built
    change = file(walk, site, "scope", area="徐家汇街道").obj
    officer = walk.province_of(site)
    change = walk.act(change, "confirm", officer, data={})
    with pytest.raises(Denied):
        perform(change, "decide", by=officer, at=walk.at)
    Grant.objects.create(user=officer, role=Role.DIVISION_HEAD, valid_from=world.start)
    with pytest.raises(NotNow) as refusal:
        perform(change, "decide", by=User.objects.get(pk=officer.pk), at=walk.at)
    assert codes(refusal) == {"separation"}


def test_a_refused_change_says_why_and_changes_nothing(built, world):
    walk, site = built
    change = file(walk, site, "scope", area="徐家汇街道").obj
    with pytest.raises(NotNow) as refusal:
        perform(change, "refuse", by=walk.province_of(site), at=walk.at)
    assert codes(refusal) == {"reason"}
    walk.act(change, "refuse", walk.province_of(site), reason="超出批复范围。")
    assert (fresh(change).state, fresh(site).area) == ("refused", "")
    assert Message.objects.filter(body__contains="超出批复范围", user=walk.leader_of(site)).exists()


def test_changes_end_with_their_site(built, world):
    walk, site = built
    change = file(walk, site, "scope", area="徐家汇街道").obj
    revoke(walk, site)
    assert fresh(change).state == "withdrawn"


# --- plan, reports, figures ---------------------------------------------------------------------------------------


def test_a_plan_is_deemed_waived_only_after_a_final_notice(world, walk):
    site = _to_site(walk, world.place("徐汇区"))
    due = Deadline.objects.of(site).open().get(code="plan")
    travel(walk.at, due.due_at)
    site = fresh(site)
    assert (site.state, site.final_notice_at is not None) == ("plan_due", True)
    last = Deadline.objects.of(site).open().get(code="plan_final")
    assert Message.objects.filter(kind="duty_opened", user=walk.leader_of(site), subject__contains="最后通知").exists()
    travel(due.due_at, last.due_at)
    assert fresh(site).state == "exited"


def test_a_report_is_returned_and_filed_again(built, world):
    walk, site = built
    walk.until(nine_after(site.filings.filter(kind="report").first().due_on))
    site = walk.paper(site, "file_report")
    filing = site.filings.filter(kind="report", filed_at__isnull=False).get()
    assert '"late_days":1' in ledger.of_case(site)[-1].text
    site = walk.act(site, "return_report", walk.province_of(site), data={"period": filing.period}, reason="缺数据。")
    again = site.filings.get(kind="report", period=filing.period, revision=2)
    assert again.due_on > clock.today(walk.at)
    filing.refresh_from_db()
    assert (filing.note, filing.answers != {}) == ("缺数据。", True)
    site = walk.report(site)
    assert site.indicator_values.filter(revision=2).exists()
    assert not Deadline.objects.of(site).open().filter(code__startswith="pass:").exists()


def test_a_corrected_figure_counts_once_the_province_confirms(built, world):
    walk, site = built
    with pytest.raises(NotNow) as refusal:
        perform(site, "correct_figure", by=walk.leader_of(site), at=walk.at, reason="x", data={})
    assert "no_figures" in codes(refusal)
    site = walk.report(site)
    value = site.indicator_values.first()
    key = f"{value.code}|{value.period}"
    same = {"figure": key, "value": str(value.value)}
    with pytest.raises(NotNow) as refusal:
        perform(site, "correct_figure", by=walk.leader_of(site), at=walk.at, reason="抄错", data=same)
    assert codes(refusal) == {"same"}
    site = walk.act(site, "correct_figure", walk.leader_of(site), reason="抄错", data={"figure": key, "value": "91"})
    from pilots.acts.term import standing

    assert standing(fresh(site))[value.code, value.period] == value.value
    with pytest.raises(NotNow) as refusal:
        perform(site, "correct_figure", by=walk.leader_of(site), at=walk.at, reason="又错",
                data={"figure": key, "value": "92"})  # fmt: skip
    assert codes(refusal) == {"pending"}
    row = site.indicator_values.get(state="proposed")
    site = walk.act(site, "confirm_figure", walk.province_of(site), data={"figure": row.pk})
    assert standing(fresh(site))[value.code, value.period] == 91
    assert site.indicator_values.filter(code=value.code, period=value.period).count() == 2


# --- mid-term -----------------------------------------------------------------------------------------------------


def test_half_time_opens_on_its_day(built):
    walk, site = built
    with pytest.raises(NotNow) as refusal:
        perform(site, "file_mid_term", by=walk.leader_of(site), at=walk.at, data={})
    assert "not_yet" in codes(refusal)
    assert Deadline.objects.of(site).open().filter(code="mid").exists()


@pytest.mark.parametrize(
    ("mark", "consequence", "duty"),
    [("8", "pass", None), ("5", "improve", "improve"), ("2", "propose_revocation", "heard")],
)
def test_half_time_has_consequences(built, mark, consequence, duty):
    walk, site = built
    site = walk.half_time(site, Decimal(mark))
    assert site.mid_term.consequence == consequence
    open_codes = set(Deadline.objects.of(site).open().values_list("code", flat=True))
    assert open_codes & {"mid", "mid_assess", "improve", "heard"} == ({duty} if duty else set())
    if consequence == "improve":
        site = walk.paper(site, "file_improvement")
        assert not Deadline.objects.of(site).open().filter(code="improve").exists()


# --- the panel ----------------------------------------------------------------------------------------------------


@pytest.fixture
def judged(world, walk):
    return walk, _to_acceptance(walk, world.place("徐汇区"))


def opened(walk, site):
    lead = walk.lead_of(site)
    form = acts_of(site)["open_panel"].form(obj=site, by=lead, at=walk.at)
    return walk.act(site, "open_panel", lead, data={"members": form["members"].initial})


def sheet(site, mark="8.5"):
    return {item.code: _scaled(Decimal(mark), item.scale) for item in site.rules.acceptance.criteria}


def test_the_lead_concludes_only_when_all_is_there(judged):
    walk, site = judged
    words = {"conclusion": "同意。"}
    with pytest.raises(NotNow) as refusal:
        perform(site, "conclude", by=walk.lead_of(site), at=walk.at, data=words)
    assert codes(refusal) == {"no_panel"}
    site = opened(walk, site)
    with pytest.raises(NotNow) as refusal:
        perform(site, "conclude", by=walk.lead_of(site), at=walk.at, data=words)
    assert codes(refusal) == {"opinions", "records"}
    waiting = site.awaited_members()
    assert all(row.user.name in str(refusal.value) for row in waiting)
    assert Deadline.objects.of(site).open().filter(code="opinion").count() == len(waiting) == 5


def test_the_lead_is_told_what_the_scores_mean_before_concluding(judged):
    walk, site = judged
    site = opened(walk, site)
    lead, members = walk.lead_of(site), list(site.awaited_members())
    scores = {item.code: _scaled(Decimal("5.5"), item.scale) for item in site.rules.acceptance.criteria}
    for member in members:
        assert told(site, lead, walk) == ""
        site = walk.act(site, "give_opinion", member.user, data=scores | {"comment": "尚有不足。"})
    for kind in site.rules.acceptance.methods:
        data = {"kind": kind, "on": clock.today(walk.at).isoformat(), "note": "按程序进行。"}
        site = walk.act(site, "record_work", lead, data=data)
    assert "55.00 分" in told(site, lead, walk)
    assert "限期整改" in told(site, lead, walk)


def told(site, by, walk):
    act = acts_of(site)["conclude"]
    return "".join(act.foretell(Question(site, by, act.seats(site)[0], walk.at)))


def test_the_grade_is_the_mean_of_the_opinions(judged):
    walk, site = judged
    site = opened(walk, site)
    for kind in site.rules.acceptance.methods:
        data = {"kind": kind, "on": clock.today(walk.at).isoformat(), "note": "。"}
        site = walk.act(site, "record_work", walk.lead_of(site), data=data)
    for member, mark in zip(site.awaited_members(), ("7", "7", "8", "9", "9"), strict=True):
        site = walk.act(site, "give_opinion", member.user, data=sheet(site, mark) | {"comment": "同意。"})
    site = walk.act(site, "conclude", walk.lead_of(site), data={"conclusion": "合格。"})
    assert (site.score, site.state) == (80, "accepted")
    assert Evaluation.objects.get(designation=site).opinions.count() == 5


def test_members_come_from_elsewhere_and_sign_for_themselves(judged, world):
    walk, site = judged
    home = world.cast["expert1"]
    home.organisation.place = site.place
    home.organisation.save()
    lead = walk.lead_of(site)
    form = acts_of(site)["open_panel"].form(obj=site, by=lead, at=walk.at)
    assert home.pk not in form["members"].initial
    assert "来自试点所在省份" in form.fields["members"].help_text
    with pytest.raises(NotNow) as refusal:
        perform(site, "open_panel", by=lead, at=walk.at, data={"members": form["members"].initial[:3]})
    assert codes(refusal) == {"too_few"}
    site = opened(walk, site)
    with pytest.raises(Denied):
        perform(site, "give_opinion", by=home, at=walk.at, data=sheet(site) | {"comment": "。"})
    member = site.awaited_members()[0].user
    site = walk.act(site, "give_opinion", member, data=sheet(site) | {"comment": "同意。"})
    with pytest.raises(NotNow) as refusal:
        perform(site, "give_opinion", by=member, at=walk.at, data=sheet(site) | {"comment": "改了。"})
    assert "signed" in codes(refusal)


def test_who_stands_aside_is_replaced(judged):
    walk, site = judged
    site = opened(walk, site)
    member = site.awaited_members()[0].user
    site = walk.act(site, "stand_aside", member, reason="曾任该区顾问。")
    assert not Designation.objects.visible_to(User.objects.get(pk=member.pk)).filter(pk=site.pk).exists()
    with pytest.raises(NotNow) as refusal:
        perform(site, "conclude", by=walk.lead_of(site), at=walk.at, data={"conclusion": "。"})
    assert "too_few" in codes(refusal)
    form = acts_of(site)["add_member"].form(obj=fresh(site), by=walk.lead_of(site), at=walk.at)
    assert member.pk not in form["members"].initial
    site = walk.act(site, "add_member", walk.lead_of(site), data={"members": form["members"].initial[:1]})
    assert len(site.awaited_members()) == 5


def test_a_member_who_has_left_is_replaced_by_the_lead(judged):
    walk, site = judged
    site = opened(walk, site)
    lead, member = walk.lead_of(site), site.awaited_members()[0].user
    with pytest.raises(NotNow) as refusal:
        perform(site, "replace_members", by=lead, at=walk.at, data={"members": []})
    assert codes(refusal) == {"nobody_left"}
    switch_off(User.objects.get(pk=member.pk), walk.at)
    assert orphans(Deadline.objects.of(site), walk.at).get().user == member
    # The lead is told at once and has it on the desk with the button; whoever may not press it reads who does.
    told = Message.objects.filter(kind="vacant", channel="inbox")
    assert lead.pk in set(told.values_list("user_id", flat=True))
    assert walk.cast["officer"].pk not in set(told.values_list("user_id", flat=True)), "not theirs to fill"
    [row] = nobody.as_rows(nobody.unheld(Authority(lead, walk.at), walk.at), Authority(lead, walk.at), walk.at)
    assert row["fix_url"] == reverse("act", args=["designation", site.uuid, "replace_members"])
    officer = Authority(walk.cast["officer"], walk.at)
    [row] = nobody.as_rows(nobody.unheld(officer, walk.at), officer, walk.at)
    assert (row["fix_url"], str(lead) in row["fix"]) == ("", True)
    form = acts_of(site)["replace_members"].form(obj=fresh(site), by=lead, at=walk.at)
    assert len(form["members"].initial) == 1
    site = walk.act(site, "replace_members", lead, data={"members": form["members"].initial})
    assert member not in [row.user for row in site.awaited_members()]
    assert len(site.awaited_members()) == 5
    assert not orphans(Deadline.objects.of(site), walk.at).exists()
    open_tasks = CaseTask.objects.filter(process__designation=site, finished__isnull=True, owner__isnull=False)
    assert set(open_tasks.values_list("owner_id", flat=True)) == {row.user_id for row in site.awaited_members()}
    assert ledger.verify(site) == []


PROVINCE_FIRST = (
    ('authority = "national_panel"', 'authority = "province_then_national"'),
    ('[[stage]]\ncode = "ACC"', '[[stage]]\ncode = "PACC"\nowner = "province_officer"\n'
     'due = { n = 4, unit = "month", basis = "城市办法：期满后 4 个月内" }\n\n[[stage]]\ncode = "ACC"'),
)  # fmt: skip


def other_rules(*replacements):
    """The trial zone's rules with some places replaced, published as its newest version."""
    from datetime import UTC, datetime

    text = _texts()[TRIAL]
    for old, new in (*replacements, ('version = "2026.2"', 'version = "2026.9"')):
        assert old in text, old
        text = text.replace(old, new, 1)
    loads(text)
    RulesVersion.objects.create(
        programme=Programme.objects.get(code=TRIAL), version="2026.9", text=text,
        published_at=datetime(2016, 1, 1, tzinfo=UTC),
    )  # fmt: skip


def test_the_province_looks_first_where_the_rules_say_so(world):
    other_rules(*PROVINCE_FIRST)
    walk = world.walk()
    site = walk.reports(_to_title(walk, world.place("徐汇区")))
    walk.until(nine_after(opening_of_evaluation(site)))
    walk.wait(days=1)
    site = walk.paper(fresh(site), "file_self_evaluation")
    assert site.state == "pre_acceptance"
    officer = walk.province_of(site)
    site = walk.act(site, "return_self_evaluation", officer, reason="没有写指标。")
    assert site.state == "self_evaluation"
    site = walk.paper(site, "file_self_evaluation")
    site = walk.act(site, "pre_accept", officer, data=sheet(site) | {"comment": "同意报送验收。"})
    assert (site.state, site.evaluations.get().stage) == ("acceptance", "province")
    assert walk.conclude(site).state == "accepted"


def test_one_lead_is_enough_where_the_rules_ask_for_one_opinion(world):
    other_rules(("opinions = 5", "opinions = 1"))
    walk = world.walk()
    site = _to_acceptance(walk, world.place("徐汇区"))
    assert walk.conclude(site).state == "accepted"


# --- mending ------------------------------------------------------------------------------------------------------


@pytest.fixture
def mended(judged):
    walk, site = judged
    return walk, walk.conclude(site, "rectify")


def test_a_band_that_asks_for_mending_asks_for_a_list(judged):
    walk, site = judged
    mark = next(band for band in site.rules.acceptance.bands if band.consequence == "rectify").floor / 10 + Decimal(
        "0.2"
    )
    site = walk.panel(site, mark)
    for items, code in (("", "no_items"), ("补齐台账", "input"), ("2010-01-01 补齐台账", "input")):
        with pytest.raises(NotNow) as refusal:
            perform(site, "conclude", by=walk.lead_of(site), at=walk.at, data={"conclusion": "。", "items": items})
        assert codes(refusal) == {code}, items


def test_every_item_is_answered_before_the_panel_looks_again(mended):
    walk, site = mended
    assert [item.number for item in site.rectification_items.all()] == [1, 2]
    with pytest.raises(NotNow) as refusal:
        perform(site, "rectify", by=walk.leader_of(site), at=walk.at, data={"summary": "好了。"})
    assert codes(refusal) == {"items_open"}
    assert "第 1、2 项" in str(refusal.value)
    assert walk.mend(site).state == "acceptance"


def test_two_people_on_one_item_see_each_other(mended):
    walk, site = mended
    leader = walk.leader_of(site)
    mending.save_answer(site, 1, "甲写的", rev=0, by=leader, at=walk.at)
    with pytest.raises(Conflict) as conflict:
        mending.save_answer(site, 1, "乙写的", rev=0, by=leader, at=walk.at)
    assert (conflict.value.theirs, conflict.value.rev) == ("甲写的", 1)
    assert RectificationItem.objects.get(designation=site, number=1).answer == "甲写的"
    mending.save_answer(site, 1, "合并后", rev=1, by=leader, at=walk.at)
    with pytest.raises(NotEditable):
        mending.save_answer(site, 1, "省局写的", rev=2, by=walk.province_of(site), at=walk.at)


def test_below_the_line_twice_is_failed(mended):
    walk, site = mended
    site = walk.conclude(walk.mend(site), "rectify")
    assert (site.state, site.banned_until > site.ended_on) == ("revoked", True)


# --- after the term -----------------------------------------------------------------------------------------------


def test_a_new_round_needs_its_plan_or_the_site_drops_out(world):
    walk = world.walk("strong_city_creation")
    site = walk.conclude(_to_acceptance(walk, world.place("南京市")), "new_round")
    assert site.follow_up_by > site.term_end
    due = Deadline.objects.of(site).open().get(code="follow_up")
    filed = walk.at
    travel(filed, due.due_at)
    site = fresh(site)
    assert (site.state, site.banned_until is not None) == ("exited", True)
    assert "后续方案" in site.end_reason


def test_a_plan_for_the_new_round_keeps_the_site(world):
    walk = world.walk("strong_city_creation")
    site = walk.conclude(_to_acceptance(walk, world.place("南京市")), "new_round")
    site = walk.paper(site, "file_follow_up")
    assert (site.state, Deadline.objects.of(site).open().count()) == ("new_round", 0)


def test_a_title_is_renewed_or_lapses(world):
    walk = world.walk("service_cluster_demo_zone")
    site = walk.conclude(_to_acceptance(walk, world.place("徐汇区")))
    until = site.valid_until
    with pytest.raises(NotNow) as refusal:
        perform(site, "file_renewal", by=walk.leader_of(site), at=walk.at, data={})
    assert "not_yet" in codes(refusal)
    walk.until(nine_after(until - timedelta(days=60)))
    site = walk.paper(site, "file_renewal")
    site = walk.act(site, "renew", walk.cast["assessor"], reason="复核合格。")
    assert (site.state, site.valid_until > until) == ("accepted", True)
    due = Deadline.objects.of(site).open().get(code="renewal")
    travel(walk.at, due.due_at)
    assert fresh(site).state == "lapsed"


def test_the_next_title_waits_for_the_first(built, world):
    walk, site = built
    up = world.walk("service_cluster_demo_zone", walk.at)
    batch = up.call()
    found = {item.code for item in eligibility.obstacles(batch, site.organisation, site.place, walk.at)}
    assert found == {"not_ready"}
    Designation.objects.filter(pk=site.pk).update(
        state="accepted", ended_on=clock.today(walk.at), score=80, grade="合格"
    )
    assert list(eligibility.obstacles(batch, site.organisation, site.place, walk.at)) == []
    assert eligibility.upgrade_until(fresh(site)) > site.term_end


# --- revocation ---------------------------------------------------------------------------------------------------


def propose(walk, site):
    return walk.act(site, "propose_revocation", walk.cast["head"], reason="材料不实。",
                    data={"evidence": "台账与现场不符。"})  # fmt: skip


def revoke(walk, site):
    site = propose(walk, site)
    site = walk.act(site, "answer_revocation", walk.leader_of(site), data={"answer": "情况属实。"})
    return walk.act(site, "revoke", walk.cast["leader"], reason="材料不实。")


def test_nobody_is_revoked_unheard(built):
    walk, site = built
    with pytest.raises(NotNow) as refusal:
        perform(site, "revoke", by=walk.cast["leader"], at=walk.at, reason="x")
    assert codes(refusal) == {"not_proposed"}
    site = propose(walk, site)
    with pytest.raises(NotNow) as refusal:
        perform(site, "revoke", by=walk.cast["leader"], at=walk.at, reason="x")
    assert codes(refusal) == {"to_be_heard"}
    answer = {"answer": "要求听证。", "wants_hearing": "on"}
    site = walk.act(site, "answer_revocation", walk.leader_of(site), data=answer)
    with pytest.raises(NotNow) as refusal:
        perform(site, "revoke", by=walk.cast["leader"], at=walk.at, reason="x")
    assert codes(refusal) == {"no_hearing"}
    heard = {"heard_on": clock.today(walk.at).isoformat(), "record": "双方到场。"}
    with pytest.raises(NotNow) as refusal:
        perform(site, "record_hearing", by=walk.cast["head"], at=walk.at, data=heard)
    assert codes(refusal) == {"separation"}, "whoever proposed it does not hear it"
    site = walk.act(site, "record_hearing", walk.cast["officer"], data=heard)
    site = walk.act(site, "revoke", walk.cast["leader"], reason="材料不实。")
    paper = site.batch.documents.get(kind="决定")
    assert (site.state, site.end_document) == ("revoked", paper.number)
    # The next number of the series after the approval's; the refusals before it took none.
    assert paper.number == f"国知发规字〔{paper.dated.year}〕2号"


def test_silence_does_not_stop_a_revocation(built):
    walk, site = built
    site = propose(walk, site)
    walk.wait(days=30)
    site = walk.act(site, "revoke", walk.cast["leader"], reason="材料不实。")
    assert site.state == "revoked"


def test_a_dropped_revocation_changes_nothing(built):
    walk, site = built
    site = walk.act(propose(walk, site), "answer_revocation", walk.leader_of(site), data={"answer": "已经更正。"})
    site = walk.act(site, "drop_revocation", walk.cast["leader"], reason="事实不足。")
    assert (site.state, site.revocations.get().decision) == ("building", "dropped")
    assert not Deadline.objects.of(site).open().filter(code__in=["heard", "rev_decide"]).exists()


def test_the_ban_is_told_with_its_paper(built, world):
    walk, site = built
    site = revoke(walk, site)
    batch = world.walk(at=walk.at).call()
    found = [item for item in eligibility.obstacles(batch, site.organisation, site.place, walk.at)
             if item.code == "banned"]  # fmt: skip
    assert site.end_document in found[0].text
    assert site.banned_until.isoformat() in found[0].text


def test_the_plaque_comes_back(built):
    walk, site = built
    site = revoke(walk, site)
    assert Deadline.objects.of(site).open().get().code == "plaque"
    early = {"returned_on": (site.ended_on - timedelta(days=1)).isoformat()}
    with pytest.raises(NotNow):
        perform(site, "receive_plaque", by=walk.cast["checker"], at=walk.at, data=early)
    site = walk.act(site, "receive_plaque", walk.cast["checker"], data={"returned_on": site.ended_on.isoformat()})
    assert Deadline.objects.of(site).open().count() == 0
