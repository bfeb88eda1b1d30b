"""The shapes beside the first one: agreements, titles that are held, operation, money, prizes, other ways to apply."""

import itertools
from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.models import Organisation
from accounts.roles import Role
from approvals.acts.holding import last_grade
from approvals.listing import give_awards
from approvals.models import Certificate, ListItem
from config.demo.paths import PATHS, _graded, _to_good_end, _to_site, _to_title
from config.demo.walk import Walk, nine_after
from config.demo.world import first_place
from pilots import agreements, eligibility, terms
from pilots.models import Application, Batch, Designation
from pilots.rules.judgement import Cutoff
from pilots.rules.schema import AwardClass
from pilots.running import report_days
from workflows import perform
from workflows.beginnings import begin_application
from workflows.models import LedgerEntry
from workflows.refusals import Denied, NotNow
from workflows.sweep import settle
from workflows.timeline import travel

PDF = b"%PDF-1.4 "


@pytest.fixture(autouse=True)
def _quick_pdf(monkeypatch):
    monkeypatch.setattr("workflows.handlers.produce", lambda row, _at: PDF + row.serial.encode())


def of(world, code):
    walk = world.walk(code)
    return walk, first_place(walk.programme, world.cast)


def fresh(case):
    return type(case).objects.select_related(*type(case).related).get(pk=case.pk)


def refused(case, code, by, at, **more):
    with pytest.raises(NotNow) as refusal:
        perform(fresh(case), code, by=by, at=at, **more)
    return {reason.code for reason in refusal.value.reasons}


# --- the agreement ---------------------------------------------------------------------------------------------


def test_parties_sign_in_their_order_and_the_term_counts_from_the_last(world):
    walk, place = of(world, "soft_science_project")
    site = _to_site(walk, place)
    assert site.state == "agreement_due"
    assert not site.certificates.exists(), "the term is not settled yet"
    first, second = site.rules.agreement.parties
    ours, theirs = walk.party(site, Role(first.role)), walk.party(site, Role(second.role))
    signature = {"signer": "某某", "read": "on"}
    with pytest.raises(Denied):
        perform(site, "sign_agreement", by=theirs, at=walk.at, data=signature)
    assert refused(site, "sign_agreement", ours, walk.at, data={"signer": "某某"}) == {"input"}
    site = walk.act(site, "sign_agreement", ours, data=signature)
    assert (site.state, agreements.next_party(site)[0]) == ("agreement_due", 1)
    before = site.term_start
    walk.wait(days=9)
    site = walk.act(site, "sign_agreement", theirs, data=signature)
    walk.settle()
    assert site.state != "agreement_due"
    assert (site.term_start - before).days >= 9
    assert site.certificates.get().state == "issued"
    hashes = {row.sha256 for row in site.signatures.all()}
    assert len(hashes) == 1, "both signed the same text"


def test_the_text_of_an_agreement_names_what_it_is_about(world):
    walk, place = of(world, "soft_science_project")
    site = _to_site(walk, place)
    text = agreements.text_of(site)
    assert site.holder_name in text
    assert "{" not in text
    assert "自本协议签订之日起" in text or site.rules.term.anchor != "agreement_date"


# --- titles that are held --------------------------------------------------------------------------------------


def test_an_excellent_year_opens_the_early_upgrade(world):
    walk, place = of(world, "advantage_enterprise")
    site = _to_title(walk, place)
    higher = Walk(world.cast, world.programme("demonstration_enterprise"), walk.at, lively=False)
    batch = fresh(higher.call())
    body = site.organisation
    assert "not_ready" in {item.code for item in eligibility.obstacles(batch, body, place, higher.at)}
    site = _graded(walk, site, "excellent")
    assert last_grade(site).effect == "excellent"
    again = Walk(world.cast, higher.programme, walk.at, lively=False)
    batch = fresh(again.call())
    assert {item.code for item in eligibility.obstacles(batch, body, place, again.at)} == set()


def test_the_reexamined_join_the_term_of_the_current_batch(world):
    walk, place = of(world, "advantage_enterprise")
    site = _to_title(walk, place)
    other = Walk(world.cast, walk.programme, walk.at, lively=False)
    other.until(nine_after(site.term_end - timedelta(days=150)))
    _to_site(other, world.place("苏州市"))
    walk.at = other.at
    site = walk.examined(site)
    walk.settle()
    assert site.term_start.replace(day=1) == other.batch.document_date.replace(day=1)
    assert (site.valid_until, site.state) == (site.term_end, "holding")
    old, new = Certificate.objects.filter(designation=site).order_by("pk")
    assert (old.state, new.state, new.kind, new.valid_to) == ("superseded", "issued", "renewal", site.term_end)


def test_a_new_term_follows_the_old_one_without_a_batch_to_join(world):
    rules = world.programme("standardised_market").current.rules
    from datetime import date

    start, last, text = terms.renewed(rules, date(2020, 12, 26), 36)
    assert (start, last) == (date(2020, 12, 27), date(2023, 12, 26))
    assert text == terms.printed(rules, start, last)
    assert "2020年12月" in text


def test_a_bonus_is_capped(world):
    walk, place = of(world, "advantage_enterprise")
    site = _to_title(walk, place)
    walk.until(nine_after(site.term_end - timedelta(days=60)))
    site = walk.paper(site, "file_renewal")
    by = walk.province_of(site)
    data = {item.code: "9" for item in site.rules.renewal.criteria} | {"comment": "属实", "bonus": "50"}
    assert refused(site, "assess_renewal", by, walk.at, data=data) == {"input"}


def test_reports_of_a_title_without_an_end_are_planned_one_at_a_time(world):
    walk, place = of(world, "industry_ip_alliance")
    site = _to_title(walk, place)
    assert (site.term_end, site.state) == (None, "holding")
    for expected in (1, 1):
        waiting = site.filings.filter(kind="report", filed_at__isnull=True)
        assert waiting.count() == expected
        walk.until(nine_after(waiting.get().due_on - timedelta(days=5)))
        site = walk.report(site)
    assert site.filings.filter(kind="report").count() == 3


def test_a_quarterly_rhythm_has_four_days_a_year(world):
    from datetime import date

    rules = world.programme("regional_layout_pilot").current.rules
    assert rules.report.rhythm == "quarterly"
    days = [day for _period, day in report_days(rules, date(2018, 1, 10), date(2018, 12, 31))]
    assert len(days) == 4
    assert {(b.month - a.month) for a, b in itertools.pairwise(days)} == {3}


def test_a_restriction_needs_a_reason_and_is_lifted_by_the_head(world):
    walk, place = of(world, "protection_centre")
    site = _to_good_end(walk, place)
    assert (site.state, site.term_end is not None, site.operating_since is not None) == ("operating", True, True)
    assert site.certificates.get().valid_to is None
    assert "reason" in refused(site, "restrict", walk.cast["head"], walk.at)
    with pytest.raises(Denied):
        perform(site, "restrict", by=walk.cast["officer"], at=walk.at, reason="无")
    site = walk.act(site, "restrict", walk.cast["head"], reason="数据造假")
    assert [row.code for row in _open(site) if row.code == "restricted"] == ["restricted"]
    site = walk.act(site, "lift_restriction", walk.cast["head"], reason="已整改")
    assert site.state == "operating"


def test_a_restriction_that_follows_from_an_assessment_says_from_which(world):
    walk, place = of(world, "protection_centre")
    site = _graded(walk, _to_good_end(walk, place), "restrict")
    assert site.state == "restricted"
    row = LedgerEntry.objects.get(case_uuid=site.uuid, act="restrict")
    assert "年度考核" in row.reason
    assert row.actor is None


def _open(case):
    from notifications.models import Deadline

    return Deadline.objects.of(case).open()


# --- one title in the place of another ---------------------------------------------------------------------------


def test_only_what_the_rules_absorb_is_merged(world):
    walk, place = of(world, "rights_aid_centre")
    site = _to_title(walk, place)
    trial = world.walk("service_cluster_trial_zone", walk.at)
    other = _to_title(trial, world.place("徐汇区"))
    number = {"number": "国知发管函字〔2019〕7号"}
    head = walk.cast["head"]
    assert refused(site, "merge", head, trial.at, data=number | {"into": other.number}, reason="并入") == {
        "not_absorbed"
    }
    assert refused(site, "merge", head, trial.at, data=number | {"into": site.number}, reason="并入") == {"itself"}
    assert refused(site, "merge", head, trial.at, data=number | {"into": "X-1"}, reason="并入") == {"input"}


def test_nothing_is_converted_into_a_scheme_without_a_batch(world):
    trial = world.walk("service_cluster_trial_zone")
    site = _to_title(trial, world.place("徐汇区"))
    assert "no_batch" in refused(site, "convert", trial.cast["head"], trial.at, reason="转入")


def test_a_certificate_that_is_being_made_is_taken_back_with_the_title(world):
    walk, place = of(world, "service_cluster_trial_zone")
    walk.review(walk.assign(walk.check(walk.recommend(_begun(walk, place)))))
    walk.close()
    walk.decide()
    walk.notice()
    day = walk.at.date().isoformat()
    perform(fresh(walk.batch), "issue", by=walk.cast["checker"], at=walk.at, data={"dated": day})
    site = Designation.objects.get(batch=walk.batch)
    paper = site.certificates.get()
    assert paper.state == "pending"
    from approvals.acts.designation import revoke_certificates
    from workflows.door import consequence

    class _Deed:
        @staticmethod
        def perform(case, code, **more):
            return consequence(case, code, at=walk.at, **more)

    revoke_certificates(_Deed, site, "撤销")
    settle(walk.at)
    paper.refresh_from_db()
    assert (paper.state, paper.sha256) == ("revoked", "")


def _begun(walk, place):
    walk.call()
    return walk.apply(place)


# --- other ways to apply ---------------------------------------------------------------------------------------


def test_several_bodies_of_one_place_may_apply_each_once(world):
    walk, place = of(world, "standardised_market_cultivation")
    walk.call()
    first = walk.apply(place)
    batch = fresh(walk.batch)
    assert "already" in {item.code for item in eligibility.obstacles(batch, first.organisation, place, walk.at)}
    second = Organisation.objects.create(name="第二市场", kind=first.organisation.kind, place=place)
    assert {item.code for item in eligibility.obstacles(batch, second, place, walk.at)} == set()


def test_one_body_may_put_forward_several_projects(world):
    walk, place = of(world, "china_patent_award")
    walk.call()
    one, two = walk.apply(place, submit=False), walk.apply(place, submit=False)
    assert one.organisation == two.organisation
    assert one.claim != two.claim


def test_a_body_that_was_not_asked_cannot_take_part_nor_see_it(world):
    walk, place = of(world, "social_supervisor_pilot")
    walk.asked = (place,)
    batch = fresh(walk.call())
    asked, stranger = walk.applicant(place), walk.applicant(world.place("苏州市"))
    assert Batch.objects.visible_to(asked).filter(pk=batch.pk).exists()
    assert not Batch.objects.visible_to(stranger).filter(pk=batch.pk).exists()
    with pytest.raises(NotNow) as refusal:
        begin_application(
            batch, organisation=stranger.organisation, place=world.place("苏州市"), by=stranger, at=walk.at
        )
    assert "not_invited" in {reason.code for reason in refusal.value.reasons}


def test_a_commission_needs_somebody_to_ask(world):
    walk, _place = of(world, "social_supervisor_pilot")
    batch = walk.prepare()
    assert refused(batch, "open_intake", walk.cast["officer"], walk.at) == {"nobody"}
    assert refused(batch, "publish", walk.cast["officer"], walk.at) >= {"not_used"}


def test_a_rolling_intake_is_collected_when_there_is_something_and_goes_on(world):
    walk, place = of(world, "industry_ip_alliance")
    walk.call()
    draft = walk.apply(place, submit=False)
    assert refused(walk.batch, "close", walk.cast["officer"], walk.at) == {"nothing"}
    walk.recommend(walk.apply(world.place("苏州市")))
    batch = walk.act(walk.batch, "close", walk.cast["officer"])
    draft.refresh_from_db()
    following = fresh(draft).batch
    assert (batch.state, draft.state, following.state) == ("reviewing", "draft", "open")
    assert following.number != batch.number
    # The same body goes on where it was, and hands in there.
    assert walk.submit(fresh(draft)).batch_id == following.pk


def test_a_batch_from_which_everything_went_ends(world):
    walk, application = world.application(to="province_review")
    walk.act(application, "withdraw", walk.leader_of(application), reason="规划调整")
    walk.close()
    officer = walk.cast["officer"]
    assert "nobody" in refused(walk.batch, "draw_list", officer, walk.at)
    assert walk.act(walk.batch, "end_empty", officer, reason="申报单位均已撤回").state == "cancelled"


def test_a_batch_with_something_to_list_does_not_end_empty(world):
    walk, _application = world.application(to="ready")
    walk.close()
    assert refused(walk.batch, "end_empty", walk.cast["officer"], walk.at, reason="无") == {"ready"}


# --- prizes ----------------------------------------------------------------------------------------------------


def test_classes_are_filled_from_the_top():
    classes = [AwardClass(code="gold", name="金奖", places=2), AwardClass(code="silver", name="银奖", places=1),
               AwardClass(code="fine", name="优秀奖")]  # fmt: skip
    items = [ListItem(proposed=proposed) for proposed in (True, True, False, True, True, True)]
    give_awards(classes, items)
    assert [item.award for item in items] == ["gold", "gold", "", "silver", "fine", "fine"]
    give_awards([], items)
    assert {item.award for item in items} == {""}


def test_the_class_stands_with_the_prize(world):
    walk, place = of(world, "china_patent_award")
    site = _to_site(walk, place)
    first = site.rules.classes[0]
    assert (site.grade, site.state, site.term_end) == (first.name.zh, "holding", None)
    assert site.title.endswith(site.rules.name.zh)


def test_the_best_go_on_and_equals_at_the_line_do_not_part(world, monkeypatch):
    from approvals.acts import ranking

    walk, place = of(world, "china_patent_award")
    walk.asked = (place,)
    walk.call()
    applications = [walk.apply(place) for _n in range(4)]
    for score, row in zip((90, 80, 80, 70), applications, strict=True):
        Application.objects.filter(pk=row.pk).update(state="ready", score=score)
    rounds = walk.batch.rules.scoring.rounds
    monkeypatch.setattr(ranking, "rounds_ahead", lambda batch: [rounds[0].model_copy(update={"go_on": 2})])
    on, out = ranking.split(fresh(walk.batch))
    assert [row.pk for row in on] == [row.pk for row in applications[:3]]
    assert [row.pk for row in out] == [applications[3].pk]


def test_the_list_waits_for_the_rounds(world):
    walk, place = of(world, "china_patent_award")
    walk.call()
    walk.review(walk.assign(walk.check(walk.recommend(walk.apply(place)))))
    walk.until(walk.batch.closes_at)
    officer = walk.cast["officer"]
    assert "rounds" in refused(walk.batch, "draw_list", officer, walk.at)
    batch = walk.act(walk.batch, "next_round", officer)
    application = batch.applications.get()
    assert (batch.round, application.round, application.state, application.score) == (2, 2, "panel_draw", None)
    application = walk.review(walk.assign(application))
    assert application.state == "ready"
    assert {row.round for row in application.reviews.all()} == {1, 2}
    assert "last" in refused(walk.batch, "next_round", officer, walk.at)


# --- money -----------------------------------------------------------------------------------------------------


def test_tranches_fall_due_by_what_happened_and_the_band(world):
    walk, place = of(world, "operation_system_city")
    site = _to_site(walk, place)
    rules = site.rules
    planned = [row.planned for row in site.tranches.all()]
    assert sum(planned) == rules.funding.amount
    assert [row.state for row in site.tranches.all()] == [
        "due" if tranche.condition == "approved" else "waiting" for tranche in rules.tranches
    ]  # fmt: skip
    site = walk.enter(site)
    half = next(row for row in rules.mid_term.bands if row.consequence == "improve")
    site = walk.half_time(site, (half.floor + 1) / 10)
    row = site.tranches.get(condition="mid_term")
    share = rules.tranches[row.number - 1].by_band.get(half.code, 100)
    assert row.amount == (row.planned * share / 100).quantize(Decimal("0.01"))


def test_more_than_was_paid_is_not_recovered(world):
    walk, place = of(world, "operation_system_city")
    site = walk.enter(_to_site(walk, place))
    paid = site.tranches.filter(state="released").first()
    assert paid is not None
    assert "state" in refused(site, "recover_tranche", walk.cast["head"], walk.at, reason="撤销")
    site = walk.act(site, "propose_revocation", walk.cast["head"], data={"evidence": "造假"}, reason="造假")
    travel(walk.at, walk.at + timedelta(days=40))
    walk.at += timedelta(days=40)
    site = walk.act(site, "revoke", walk.cast["leader"], reason="造假")
    assert [row.code for row in _open(site) if row.code.startswith("recover:")] == [f"recover:{paid.number}"]
    data = {"tranche": str(paid.number), "recovered": str(paid.amount + 1), "voucher": "收1"}
    assert refused(site, "recover_tranche", walk.cast["head"], walk.at, data=data, reason="撤销") == {"too_much"}


# --- objections after the title --------------------------------------------------------------------------------


def test_an_appeal_upheld_after_the_title_proposes_its_revocation(world):
    walk, application = world.application(to="ready", walk=world.walk("pilot_demo_city"), place="苏州市")
    walk.close()
    walk.decide()
    case = None

    def during():
        nonlocal case
        case = walk.object(application)
        case = walk.act(case, "reject", walk.cast["head"], data={"finding": "不属实。"})

    walk.notice(during)
    walk.issue()
    site = Designation.objects.get(batch=walk.batch)
    if walk.at.date() > case.concluded_at.date() + timedelta(days=7):
        perform(
            fresh(case), "lodge_appeal", by=None, at=case.concluded_at + timedelta(days=1), data={"appeal": "请再查。"}
        )
    else:
        perform(fresh(case), "lodge_appeal", by=None, at=walk.at, data={"appeal": "请再查。"})
    perform(fresh(case), "uphold_appeal", by=walk.cast["leader"], at=walk.at, data={"finding": "属实。"})
    site = fresh(site)
    proposal = site.revocations.get()
    assert (proposal.decision, "复核成立" in proposal.grounds) == ("", True)
    walk.wait(days=40)
    assert "upheld" in refused(site, "drop_revocation", walk.cast["leader"], walk.at, reason="算了")


def test_every_path_has_a_programme_that_knows_it():
    from pilots.rules.document import cached
    from tests.world import _texts

    rules = [cached(text) for text in _texts().values()]
    unknown = [name for name, path in PATHS.items() if not any(path.possible(one) for one in rules)]
    assert unknown == []


def test_a_cutoff_without_places_lets_everybody_in():
    assert Cutoff().max_places is None
