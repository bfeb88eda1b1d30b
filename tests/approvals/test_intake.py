"""Quotas, channels, late windows, one letter for all, the formality check: acts and pages."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import clock
from accounts.models import User
from accounts.roles import Role
from approvals.models import FormalityCheck, Letter, Recommendation
from approvals.papers import words as papers
from notifications.models import Deadline, Message
from pilots import quotas
from pilots.models import Application, Quota, Reopening
from workflows import explain, perform
from workflows.beginnings import begin_application
from workflows.door import SYSTEM
from workflows.models import CaseTask, LedgerEntry
from workflows.recommending import Verdict, recommend_all
from workflows.refusals import Denied, NotNow, Stale
from workflows.sweep import settle

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
LIST = 12


@pytest.fixture
def stand(monkeypatch):
    def _stand(moment):
        monkeypatch.setattr(clock, "now", lambda: moment)

    return _stand


@pytest.fixture
def enter(client, stand):
    """A browser signed in as somebody at a moment."""

    def _enter(user, at):
        stand(at)
        client.force_login(User.objects.get(pk=user.pk), backend=BACKEND)
        return client

    return _enter


def fresh(row):
    return type(row).objects.select_related(*type(row).related).get(pk=row.pk)


def codes(refusal):
    return [reason.code for reason in refusal.value.reasons]


def cost(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address)
    assert answer.status_code == 200, answer
    return len(captured)


# --- quotas -------------------------------------------------------------------------------------------------------
def set_quotas(world, walk, numbers, reason="按国家局分配方案。", by="officer"):
    data = {f"q_{world.place(name).pk}": number for name, number in numbers.items()}
    return perform(walk.batch, "set_quotas", by=world.cast[by], at=walk.at, data=data, reason=reason)


def test_a_quota_of_its_own_is_kept_with_its_facts_and_reason(world):
    walk = world.walk()
    walk.call()
    done = set_quotas(world, walk, {"上海市": 3, "江苏省": 2})
    # Two is the rules' number: no own number is kept for it.
    assert [(row.place.name, row.places) for row in Quota.objects.all()] == [("上海市", 3)]
    assert done.entry.reason == "按国家局分配方案。"
    assert '"quotas":{"310000":[2,3]}' in done.entry.text
    done = set_quotas(world, walk, {})
    assert not Quota.objects.exists()
    assert fresh(walk.batch).quota_of(world.place("上海市")) == 2


def test_a_quota_is_not_set_without_a_reason_below_what_is_used_unchanged_or_by_a_stranger(world):
    walk, application = world.application(to="formality_check")
    assert application.province_rank
    with pytest.raises(NotNow) as refusal:
        set_quotas(world, walk, {"上海市": 0})
    assert codes(refusal) == ["below_used"]
    with pytest.raises(NotNow) as refusal:
        set_quotas(world, walk, {})
    assert codes(refusal) == ["unchanged"]
    with pytest.raises(NotNow) as refusal:
        set_quotas(world, walk, {"上海市": 5}, reason="")
    assert codes(refusal) == ["reason"]
    with pytest.raises(Denied):
        set_quotas(world, walk, {"上海市": 5}, by="head")
    walk.close()
    with pytest.raises(NotNow) as refusal:
        set_quotas(world, walk, {"上海市": 5})
    assert codes(refusal) == ["state"]


def test_the_quota_page_previews_refuses_and_saves(world, enter):
    walk = world.walk()
    walk.call()
    browser, place = enter(world.cast["officer"], walk.at), world.place("上海市")
    address = reverse("batch_quotas", args=[walk.batch.uuid])
    assert (
        reverse("batch_quotas", args=[walk.batch.uuid]) in browser.get(walk.batch.get_absolute_url()).content.decode()
    )
    said = browser.post(address, {f"q_{place.pk}": "4", "preview": "1"}).content.decode()
    assert "2 → 4" in said
    assert not Quota.objects.exists()
    bad = browser.post(address, {f"q_{place.pk}": "-1", "preview": "1"})
    assert bad.status_code == 422
    assert 'value="-1"' in bad.content.decode()
    refused = browser.post(address, {f"q_{place.pk}": "4", "confirm": "1", "reason": ""})
    assert refused.status_code == 422
    assert 'value="4"' in refused.content.decode()
    assert browser.post(address, {f"q_{place.pk}": "4", "confirm": "1", "reason": "增补"}).status_code == 302
    assert Quota.objects.get().places == 4
    stale = browser.post(address, {f"q_{place.pk}": "5", "confirm": "1", "reason": "再增", "version": "1"})
    assert stale.status_code == 409
    # Whoever was too late decides by what they see now, and what they typed is still there.
    again = {f"q_{place.pk}": "5", "confirm": "1", "reason": "再增", "version": stale.context["version"]}
    assert browser.post(address, again).status_code == 302
    assert Quota.objects.get().places == 5


def test_the_quota_page_costs_the_same_for_any_number_of_provinces(world, enter):
    walk = world.walk()
    walk.call()
    browser = enter(world.cast["officer"], walk.at)
    address = reverse("batch_quotas", args=[walk.batch.uuid])
    few = cost(browser, address)
    for place in quotas.provinces(clock.today(walk.at)):
        Quota.objects.create(batch=walk.batch, place=place, places=4)
    assert cost(browser, address) == few <= LIST


# --- channels, the province itself ---------------------------------------------------------------------------------
SECOND = (
    'role = "province_officer"\n',
    'role = "province_officer"\n\n[[recommendation.channel]]\ncode = "sector"\nname = { zh = "行业主管部门推荐", en = "Sector" }\n'
    'role = "programme_officer"\n',
)


def test_the_applicant_chooses_the_channel_and_its_seat_gets_the_work(world, amend):
    amend(SECOND)
    walk = world.walk()
    walk.call()
    draft = walk.apply(world.place("徐汇区"), submit=False)
    leader = walk.leader_of(draft)
    with pytest.raises(NotNow) as refusal:
        perform(draft, "submit", by=leader, at=walk.at, data={})
    assert codes(refusal) == ["input"]
    application = walk.act(draft, "submit", leader, data={"channel": "sector"})
    assert application.channel == "sector"
    assert Deadline.objects.of(application).open().get(code="prov").role == Role.PROGRAMME_OFFICER
    task = CaseTask.objects.get(process__application=application, finished__isnull=True)
    assert task.owner_permission == Role.PROGRAMME_OFFICER
    data = {"rank": 1, "letter_number": "工信函〔2017〕1号", "opinion": ""}
    with pytest.raises(Denied):
        perform(application, "recommend", by=world.cast.province(world.place("上海市")), at=walk.at, data=data)
    application = walk.act(application, "recommend", world.cast["officer"], data=data)
    assert application.state == "formality_check"
    # The province's own number is not touched by another channel.
    assert quotas.used(fresh(walk.batch)) == {}


def test_a_province_level_applicant_has_nobody_above_it(world, amend):
    amend(
        (
            'place_kinds = ["sub_provincial_city"',
            'place_kinds = ["municipality", "plan_listed_city", "sub_provincial_city"',
        )
    )
    walk = world.walk()
    walk.call()
    shanghai = walk.apply(world.place("上海市"))
    assert shanghai.state == "formality_check"
    from pilots.views.journey import steps

    step = next(row for row in steps(shanghai) if row["state"] == "skipped")
    assert "不经推荐" in step["note"]
    # A plan-listed city's own office recommends.
    assert walk.apply(world.place("青岛市")).state == "province_review"


# --- a late window ---------------------------------------------------------------------------------------------------
def reopen(world, walk, place="上海市", days=5, reason="暴雨停电，材料迟到。", by="officer"):
    until = clock.today(walk.at) + timedelta(days=days)
    return perform(walk.batch, "reopen_for", by=world.cast[by], at=walk.at, reason=reason,
                   data={"place": world.place(place).pk, "until": until.isoformat()})  # fmt: skip


def test_a_closed_window_opens_again_for_one_province_and_ends_by_itself(world):
    walk = world.walk()
    walk.call()
    world.cast.province(world.place("上海市"))
    draft = walk.apply(world.place("徐汇区"), submit=False)
    walk.close()
    assert Application.objects.get(pk=draft.pk).state == "deemed_withdrawn"
    done = reopen(world, walk)
    assert done.entry.reason == "暴雨停电，材料迟到。"
    assert Message.objects.filter(kind="reopened", user=world.cast.province(world.place("上海市"))).exists()
    with pytest.raises(NotNow) as refusal:
        walk.apply(world.place("江宁区"))
    assert codes(refusal) == ["window_over"]
    # What was typed before the window closed is brought along, files too.
    leader = walk.leader_of(draft)
    again = begin_application(
        fresh(walk.batch), organisation=leader.organisation, place=draft.place, by=leader, at=walk.at
    ).obj
    assert again.answers == draft.answers
    assert again.uploads.count() == draft.uploads.count()
    row = Deadline.objects.of(again).open().get(code="submit")
    assert row.due_on == Reopening.objects.get().until
    application = walk.recommend(walk.act(again, "submit", leader))
    assert application.state == "formality_check"
    walk.review(walk.assign(walk.check(application)))
    with pytest.raises(NotNow) as refusal:
        perform(walk.batch, "draw_list", by=world.cast["officer"], at=walk.at)
    assert codes(refusal) == ["reopened"]
    walk.wait(days=8)
    assert Reopening.objects.get().ended_at is not None
    assert LedgerEntry.objects.filter(case_uuid=walk.batch.uuid, act="end_reopening").count() == 1
    assert walk.act(walk.batch, "draw_list", world.cast["officer"]).state == "listed"


def test_a_draft_left_in_a_late_window_counts_as_withdrawn_at_its_end(world):
    walk = world.walk()
    walk.call()
    draft = walk.apply(world.place("徐汇区"), submit=False)
    other = walk.apply(world.place("江宁区"), submit=False)
    # Opened before the window closes: the province's drafts live on, the others do not.
    walk.until(walk.batch.closes_at - timedelta(days=1))
    reopen(world, walk, days=6)
    walk.close()
    assert Application.objects.get(pk=draft.pk).state == "draft"
    assert Application.objects.get(pk=other.pk).state == "deemed_withdrawn"
    walk.wait(days=8)
    assert Application.objects.get(pk=draft.pk).state == "deemed_withdrawn"


def test_a_window_is_not_opened_again_without_a_reason_twice_backwards_or_by_a_stranger(world):
    walk = world.walk()
    walk.call()
    with pytest.raises(NotNow) as refusal:
        reopen(world, walk, days=3)
    assert codes(refusal) == ["too_early"]
    walk.close()
    with pytest.raises(NotNow) as refusal:
        reopen(world, walk, reason="")
    assert codes(refusal) == ["reason"]
    with pytest.raises(Denied):
        reopen(world, walk, by="checker")
    reopen(world, walk)
    with pytest.raises(NotNow) as refusal:
        reopen(world, walk)
    assert codes(refusal) == ["reopened"]
    with pytest.raises(NotNow):
        perform(walk.batch, "end_reopening", by=SYSTEM, at=walk.at)


# --- the province's desk ---------------------------------------------------------------------------------------------
@pytest.fixture
def three(world):
    """Three applications of one province that wait for it; two may be recommended."""
    walk = world.walk()
    walk.call()
    officer = world.cast.province(world.place("江苏省"))
    return walk, officer, [walk.apply(world.place(name)) for name in ("江宁区", "南京市", "苏州市")]


def fill(cases, verdicts, **more):
    """The desk's form: verdicts are "recommend", "decline:reason" or "later", in the order of `cases`."""
    data = {"order": ",".join(str(case.uuid) for case in cases), "letter_number": "苏知函〔2017〕8号"}
    for case, verdict in zip(cases, verdicts, strict=True):
        word, _colon, reason = verdict.partition(":")
        data |= {f"verdict-{case.uuid}": word, f"reason-{case.uuid}": reason, f"version-{case.uuid}": str(case.version)}
    return data | more


def shown(answer):
    return answer.context["desk"].print


def test_one_letter_carries_ranks_and_reasons_for_all(world, three, enter):
    walk, officer, cases = three
    browser, address = enter(officer, walk.at), reverse("recommend", args=[walk.batch.uuid])
    form = fill(cases, ["recommend", "decline:指标偏低。", "recommend"])
    up = browser.post(address, form | {"move": f"{cases[2].uuid}:up"})
    assert [row.pk for row in up.context["desk"].waiting] == [cases[0].pk, cases[2].pk, cases[1].pk]
    form["order"] = up.context["desk"].order
    preview = browser.post(address, form | {"preview": "1"})
    assert "推荐 2 件，不推荐 1 件" in preview.content.decode()
    assert not Letter.objects.exists()
    done = browser.post(address, form | {"confirm": "1", "shown": shown(preview)})
    assert done.status_code == 302
    letter = Letter.objects.get()
    assert [(row["rank"], row["number"]) for row in letter.recommended] == [(1, cases[0].number), (2, cases[2].number)]
    assert letter.declined[0]["reason"] == "指标偏低。"
    assert {fresh(case).state for case in cases} == {"formality_check", "not_recommended"}
    assert set(Recommendation.objects.values_list("letter", flat=True)) == {letter.pk}
    pdf = browser.get(reverse("letter", args=[letter.uuid]))
    assert pdf.content.startswith(b"%PDF")
    assert pdf.content == papers.letter(letter)
    foreign = world.cast.province(world.place("上海市"))
    assert enter(foreign, walk.at).get(reverse("letter", args=[letter.uuid])).status_code == 404
    assert enter(walk.leader_of(cases[0]), walk.at).get(reverse("letter", args=[letter.uuid])).status_code == 403


def test_what_is_over_quota_is_refused_whole_and_nothing_typed_is_lost(world, three, enter):
    walk, officer, cases = three
    browser, address = enter(officer, walk.at), reverse("recommend", args=[walk.batch.uuid])
    form = fill(cases, ["recommend"] * 3, opinion="均较成熟。")
    preview = browser.post(address, form | {"preview": "1"})
    assert "只剩 2 个名额" in preview.content.decode()
    refused = browser.post(address, form | {"confirm": "1", "shown": shown(preview)})
    said = refused.content.decode()
    assert refused.status_code == 422
    assert "配额 2 个已用完" in said
    assert "均较成熟。" in said
    assert "苏知函〔2017〕8号" in said
    assert not Letter.objects.exists()
    assert {fresh(case).state for case in cases} == {"province_review"}


def test_a_desk_refuses_what_was_not_previewed_what_lacks_a_reason_and_what_others_did_first(world, three, enter):
    walk, officer, cases = three
    browser, address = enter(officer, walk.at), reverse("recommend", args=[walk.batch.uuid])
    form = fill(cases, ["recommend", "decline:", "later"])
    preview = browser.post(address, form | {"preview": "1"})
    changed = browser.post(
        address, form | {f"verdict-{cases[2].uuid}": "recommend", "confirm": "1", "shown": shown(preview)}
    )
    assert changed.status_code == 200
    assert not Letter.objects.exists()
    refused = browser.post(address, form | {"confirm": "1", "shown": shown(preview)})
    assert refused.status_code == 422
    assert "不推荐须写明理由" in refused.content.decode()
    form[f"reason-{cases[1].uuid}"] = "指标偏低。"
    preview = browser.post(address, form | {"preview": "1"})
    walk.act(cases[0], "return_to_applicant", officer, reason="请补充。")
    walk.act(fresh(cases[0]), "submit", walk.leader_of(cases[0]))
    late = browser.post(address, form | {"confirm": "1", "shown": shown(preview)})
    assert late.status_code == 409
    assert "苏知函〔2017〕8号" in late.content.decode()
    assert not Letter.objects.exists()
    # The rows as they are now are before them; confirming these sends the letter.
    form |= {f"version-{row.uuid}": str(row.seen) for row in late.context["desk"].waiting}
    assert browser.post(address, form | {"confirm": "1", "shown": shown(late)}).status_code == 302
    assert Letter.objects.count() == 1


def test_two_officers_cannot_both_take_the_last_place(world, three):
    walk, officer, cases = three
    walk.recommend(cases[0], 1)
    walk.recommend(cases[1], 2)
    with pytest.raises(NotNow) as refusal:
        recommend_all(
            walk.batch, cases[2].province, [Verdict(cases[2], 3)], number="苏知函〔2017〕9号", by=officer, at=walk.at
        )
    assert codes(refusal) == ["quota"]
    assert not Letter.objects.exists()
    with pytest.raises(Stale):
        recommend_all(walk.batch, cases[2].province, [Verdict(cases[2], reason="超额", version=0)], number="1", by=officer,
                      at=walk.at)  # fmt: skip


def test_joint_recommenders_sign_by_name(world, amend):
    amend(("letter_required = true", 'letter_required = true\njoint = [{ zh = "省工业和信息化厅", en = "MIIT" }]'))
    walk, application = world.application(to="province_review")
    officer = world.cast.province(world.place("上海市"))
    data = {"rank": 1, "letter_number": "沪知函〔2017〕1号"}
    with pytest.raises(NotNow) as refusal:
        perform(application, "recommend", by=officer, at=walk.at, data=data)
    assert codes(refusal) == ["input"]
    with pytest.raises(NotNow) as refusal:
        recommend_all(walk.batch, application.province, [Verdict(application, 1)], number="1", by=officer, at=walk.at)
    assert codes(refusal) == ["joint"]
    letter = recommend_all(walk.batch, application.province, [Verdict(application, 1)], number="1", by=officer, at=walk.at,
                           joint={"joint_0": "李工"})  # fmt: skip
    assert letter.joint == [{"office": "省工业和信息化厅", "signer": "李工"}]
    assert Recommendation.objects.get().joint == letter.joint


def test_the_desk_costs_the_same_for_any_number_of_applications(world, three, enter):
    walk, officer, cases = three
    browser, address = enter(officer, walk.at), reverse("recommend", args=[walk.batch.uuid])
    many = cost(browser, address)
    Application.objects.filter(pk=cases[2].pk).update(state="withdrawn", ended_at=walk.at)
    walk.recommend(cases[0])
    assert many <= LIST
    assert cost(browser, address) <= LIST


# --- the formality check ---------------------------------------------------------------------------------------------
DEEMED = ('ladder = [-2, -1, 0, 1, 3]\n\n[[stage]]\ncode = "SUPP"',
          'ladder = [-2, -1, 0, 1, 3]\nthen = "deemed_accepted"\n\n[[stage]]\ncode = "SUPP"')  # fmt: skip


def ticks(application, *but):
    return {f"item_{n}": "on" for n in range(len(application.rules.checklist)) if n not in but}


def test_one_request_states_every_defect_and_there_is_no_second_one(world):
    walk, application = world.application(to="formality_check")
    checker = world.cast["checker"]
    with pytest.raises(NotNow) as refusal:
        perform(application, "ask_supplement", by=checker, at=walk.at, data=ticks(application))
    assert codes(refusal) == ["no_defect"]
    data = ticks(application, 1, 2) | {"detail_2": "第 3 页公章不清", "note": "另附承诺书。"}
    application = walk.act(application, "ask_supplement", checker, data=data)
    check = FormalityCheck.objects.get()
    assert [item["defect"] for item in check.items if not item["ok"]][1].endswith("（第 3 页公章不清）")
    told = LedgerEntry.objects.filter(case_uuid=application.uuid, act="ask_supplement").get().reason
    assert told.count("\n") == 2
    assert "另附承诺书。" in told
    body = Message.objects.filter(kind="outcome", user=walk.leader_of(application)).latest("pk").body
    assert "第 3 页公章不清" in body
    assert "另附承诺书。" in body
    application = walk.act(application, "supplement", walk.leader_of(application))
    with pytest.raises(NotNow) as refusal:
        perform(application, "ask_supplement", by=checker, at=walk.at, data=data)
    assert codes(refusal) == ["asked_before"]


def test_no_request_in_time_is_acceptance_where_the_rules_say_so(world, amend):
    amend(DEEMED)
    walk, application = world.application(to="formality_check")
    with pytest.raises(NotNow) as refusal:
        perform(application, "deem_accept", by=SYSTEM, at=walk.at)
    assert codes(refusal) == ["still_time"]
    due = Deadline.objects.of(application).open().get(code="form")
    assert due.then_act == "deem_accept"
    with pytest.raises(NotNow) as refusal:
        perform(application, "ask_supplement", by=world.cast["checker"], at=due.due_at, data=ticks(application, 1))
    assert codes(refusal) == ["too_late"]
    settle(due.due_at)
    application = fresh(application)
    assert application.state == "panel_draw"
    check = application.checks.get()
    assert (check.result, check.by) == ("deemed", None)
    assert Message.objects.filter(kind="outcome", user=walk.leader_of(application), body__contains="视为受理").exists()


def test_without_that_rule_a_late_check_waits_for_its_checker(world):
    walk, application = world.application(to="formality_check")
    walk.wait(days=20)
    assert fresh(application).state == "formality_check"
    assert "deem_accept" not in {
        offer.code for offer in explain(application, world.cast["checker"], walk.at, all_acts=True)
    }


def test_the_queue_goes_from_case_to_case_and_keeps_what_was_typed(world, enter):
    walk = world.walk()
    walk.call()
    for name in ("上海市", "江苏省", "湖北省"):
        world.cast.province(world.place(name))
    cases = [walk.recommend(walk.apply(world.place(name))) for name in ("徐汇区", "江宁区", "武汉市")]
    browser = enter(world.cast["checker"], walk.at)
    assert reverse("check_one", args=[cases[0].uuid]) in browser.get(reverse("check_queue")).content.decode()
    address = reverse("check_one", args=[cases[1].uuid])
    page = browser.get(address)
    assert (page.context["position"], page.context["total"]) == (2, 3)
    said = page.content.decode()
    for key in "jkar":
        assert f'data-key="{key}"' in said
    refused = browser.post(
        address, ticks(cases[1], 0) | {"act": "accept", "note": "核对无误", "version": cases[1].version}
    )
    assert refused.status_code == 422
    assert "核对无误" in refused.content.decode()
    done = browser.post(address, ticks(cases[1]) | {"act": "accept", "version": cases[1].version})
    assert done.url == reverse("check_one", args=[cases[2].uuid])
    stale = browser.post(
        reverse("check_one", args=[cases[2].uuid]), ticks(cases[2]) | {"act": "accept", "version": "0"}
    )
    assert stale.status_code == 409
    garbled = browser.post(stale.request["PATH_INFO"], ticks(cases[2]) | {"act": "accept", "version": "9" * 5000})
    assert garbled.status_code == 409
    asked = browser.post(
        stale.request["PATH_INFO"],
        ticks(cases[2], 3) | {"act": "ask_supplement", "version": garbled.context["version"]},
    )
    assert asked.url == reverse("check_one", args=[cases[0].uuid])
    assert browser.get(address).url == reverse("check_queue")


def test_what_changed_since_the_request_is_marked(world, enter):
    walk, application = world.application(to="formality_check")
    application = walk.act(application, "ask_supplement", world.cast["checker"], data=ticks(application, 1))
    answers = application.answers
    answers["overview"]["core_area"] = "新范围"
    answers["goals"]["indicators"]["service_firms"]["target"] = "99999"
    answers["foundation"]["policies"] = []
    answers["foundation"]["policies"].append(
        {"policy_title": "新办法", "policy_number": "1号", "policy_year": "2016", "policy_funds": "3"}
    )
    Application.objects.filter(pk=application.pk).update(answers=answers)
    upload = application.uploads.first()
    application.uploads.filter(pk=upload.pk).update(sha256="f" * 64)
    walk.act(application, "supplement", walk.leader_of(application))
    page = enter(world.cast["checker"], walk.at).get(reverse("check_one", args=[application.uuid])).content.decode()
    assert page.count("补正前：") >= 2
    assert "补正后有修改" in page
    assert "补正时替换" in page
    assert "已告知补正的内容" in page


def test_the_queue_costs_the_same_at_any_length(world, enter):
    walk = world.walk()
    walk.call()
    for name in ("上海市", "江苏省", "湖北省"):
        world.cast.province(world.place(name))
    first = walk.recommend(walk.apply(world.place("徐汇区")))
    browser = enter(world.cast["checker"], walk.at)
    queue, one = cost(browser, reverse("check_queue")), cost(browser, reverse("check_one", args=[first.uuid]))
    for name in ("江宁区", "武汉市"):
        walk.recommend(walk.apply(world.place(name)))
    assert cost(browser, reverse("check_queue")) == queue <= LIST
    assert cost(browser, reverse("check_one", args=[first.uuid])) == one <= 20


# --- the receipt ----------------------------------------------------------------------------------------------------
def test_a_receipt_is_the_same_bytes_for_applicant_and_province_and_nobody_else(world, enter):
    walk, application = world.application(to="province_review")
    address = reverse("receipt", args=[application.uuid])
    leader = walk.leader_of(application)
    mine = enter(leader, walk.at).get(address)
    assert mine.content.startswith(b"%PDF")
    assert f"{application.number}-HZ01" in mine.headers["Content-Disposition"]
    theirs = enter(world.cast.province(world.place("上海市")), walk.at + timedelta(hours=5)).get(address)
    assert theirs.content == mine.content
    world.cast.province(world.place("江苏省"))
    assert enter(world.cast.province(world.place("江苏省")), walk.at).get(address).status_code == 404
    assert enter(leader, walk.at).get(address + "?revision=9").status_code == 404


def test_a_draft_has_no_receipt_and_odd_names_do_not_break_one(world, enter):
    walk, draft = world.application(to="draft")
    leader = walk.leader_of(draft)
    browser = enter(leader, walk.at)
    assert browser.get(reverse("receipt", args=[draft.uuid])).status_code == 404
    draft.uploads.update(name="方案🎉𠮷<b>.pdf")
    walk.act(draft, "submit", leader)
    assert browser.get(reverse("receipt", args=[draft.uuid])).content.startswith(b"%PDF")
