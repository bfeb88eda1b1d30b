"""The one page on which acts are done: what it says before, and how it refuses."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import Grant
from accounts.roles import Role
from pilots.models import Application, Batch, Designation, Filing
from workflows.models import LedgerEntry

pytestmark = pytest.mark.django_db


def url(case, code):
    return reverse("act", args=[case._meta.model_name, case.uuid, code])


def fresh(case):
    return type(case).objects.get(pk=case.pk)


def ticks(application, **more):
    return (
        {f"item_{n}": "on" for n in range(len(application.rules.checklist))}
        | {"version": application.version, "note": "材料齐全。"}
        | more
    )


@pytest.fixture
def checking(world, stand):
    walk, application = world.application(to="formality_check")
    stand(walk.at)
    return walk, fresh(application)


def test_the_page_says_what_will_happen_to_whom_and_who_is_next(checking, world, browse):
    _walk, application = checking
    text = browse(world.cast["checker"]).read(url(application, "accept"))
    assert "状态由“形式审查”变为“待派专家”。" in text
    assert f"下一步由评审秘书办理：{world.cast['officer'].name}。" in text
    assert "系统将结果通知徐汇区人民政府。" in text


def test_an_act_is_done_and_leads_back_to_the_case(checking, world, browse):
    _walk, application = checking
    answer = browse(world.cast["checker"]).post(url(application, "accept"), ticks(application), follow=True)
    assert answer.redirect_chain == [(application.get_absolute_url(), 302)]
    assert "已办理：形式审查通过。" in answer.content.decode()
    assert fresh(application).state == "panel_draw"


def test_a_missing_reason_keeps_everything_typed(checking, world, browse):
    _walk, application = checking
    answer = browse(world.cast["checker"]).post(
        url(application, "reject"), {"item_0": "on", "note": "只写了意见", "version": application.version}
    )
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "只写了意见</textarea>" in html
    assert 'name="item_0"' in html
    assert " checked" in html
    assert 'id="id_reason_error"' in html
    assert "<title>错误：" in html
    assert fresh(application).state == "formality_check"


def test_a_fault_of_the_input_stands_above_with_everything_typed(checking, world, browse):
    _walk, application = checking
    answer = browse(world.cast["checker"]).post(
        url(application, "accept"), {"note": "没有勾选", "version": application.version}
    )
    assert answer.status_code == 422
    assert "以下各项未勾选，不能受理" in answer.content.decode()
    assert "没有勾选</textarea>" in answer.content.decode()


def test_a_reason_typed_stays_when_the_rest_is_wrong(world, stand, browse):
    walk, application = world.application()
    stand(walk.at)
    officer = world.cast.province(application.province)
    answer = browse(officer).post(
        url(application, "recommend"),
        {"rank": "零", "letter_number": "知函〔2017〕1号", "version": fresh(application).version},
    )
    html = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="知函〔2017〕1号"' in html
    assert 'value="零"' in html
    assert 'id="id_rank_error"' in html


def test_what_is_not_possible_yet_shows_every_reason_and_no_form(world, stand, browse):
    walk, application = world.application(to="expert_review")
    stand(walk.at)
    html = browse(world.cast["officer"]).get(url(application, "conclude_review")).content.decode()
    assert "现在不能办理" in html
    assert "未达法定人数" in html
    assert 'name="version"' not in html


def test_who_else_can_is_told_to_officials_and_not_to_applicants(world, stand, browse):
    walk, application = world.application(to="panel_draw")
    stand(walk.at)
    page = url(application, "assign_experts")
    text = browse(world.cast["checker"]).read(page)
    assert world.cast["officer"].name in text
    text = browse(walk.leader_of(application)).read(page)
    assert "您没有办理此事项的角色" in text
    assert world.cast["officer"].name not in text


def test_a_press_without_a_seat_is_403_with_names_and_changes_nothing(checking, world, browse):
    _walk, application = checking
    answer = browse(world.cast["officer"]).post(url(application, "accept"), ticks(application))
    assert answer.status_code == 403
    assert world.cast["checker"].name in answer.content.decode()
    assert fresh(application).state == "formality_check"


def test_out_of_sight_is_404_for_looking_and_for_pressing(checking, world, browse):
    _walk, application = checking
    stranger = browse(world.cast.province(world.place("江苏省")))
    stranger.read(url(application, "accept"), status=404)
    assert stranger.post(url(application, "accept"), ticks(application)).status_code == 404


@pytest.mark.parametrize("code", ["no-such", "begin", "deem_withdrawn", "hold", "list_as_proposed"])
def test_acts_that_are_nobodys_button_do_not_exist(checking, world, browse, code):
    _walk, application = checking
    browse(world.cast["checker"]).read(url(application, code), status=404)
    assert browse(world.cast["checker"]).post(url(application, code), {}).status_code == 404


def test_models_that_are_no_cases_do_not_exist(checking, world, browse):
    _walk, application = checking
    for model in ("user", "grant", "ledgerentry"):
        browse(world.cast["checker"]).read(f"/do/{model}/{application.uuid}/accept/", status=404)


def test_a_double_click_counts_once_and_succeeds(checking, world, browse):
    _walk, application = checking
    browser, data = browse(world.cast["checker"]), ticks(application)
    first = browser.post(url(application, "accept"), data)
    second = browser.post(url(application, "accept"), data)
    assert [first.status_code, second.status_code] == [302, 302]
    assert second["Location"] == application.get_absolute_url()
    assert LedgerEntry.objects.filter(case_uuid=application.uuid, act="accept").count() == 1


def test_a_press_on_an_old_page_is_409_with_what_happened(checking, world, browse):
    walk, application = checking
    data = ticks(application)
    walk.act(application, "withdraw", walk.leader_of(application), reason="规划调整。")
    answer = browse(world.cast["checker"]).post(url(application, "accept"), data)
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "撤回申报" in html
    assert walk.leader_of(application).name not in html
    assert fresh(application).state == "withdrawn"


def test_the_same_act_by_a_colleague_is_no_double_click(checking, world, browse):
    _walk, application = checking
    data = ticks(application)
    colleague = world.cast["officer"]
    Grant.objects.create(user=colleague, role=Role.FORMALITY_CHECKER, valid_from=world.start)
    assert browse(world.cast["checker"]).post(url(application, "accept"), data).status_code == 302
    assert browse(colleague).post(url(application, "accept"), data).status_code == 409


def test_a_second_paper_from_an_old_page_is_not_swallowed(world, stand, browse):
    walk, application = world.application(to="ready")
    walk.close()
    walk.decide()
    walk.notice()
    walk.issue()
    site = walk.paper(Designation.objects.get(application=application), "file_plan")
    stand(walk.at)
    from config.demo.answers import filing

    form = __import__("pilots.acts.designation", fromlist=["FileReport"]).FileReport.form(
        obj=site, by=walk.leader_of(site), at=walk.at
    )
    data = filing(form.fields, site.rules) | {"version": fresh(site).version}
    browser = browse(walk.leader_of(site))
    assert browser.post(url(site, "file_report"), data).status_code == 302
    # Within a minute it is the same press; two minutes later it is next year's report from a page left open.
    assert browser.post(url(site, "file_report"), data).status_code == 302
    assert Filing.objects.filter(designation=site, kind="report", filed_at__isnull=False).count() == 1
    stand(walk.at + timedelta(minutes=2))
    assert browser.post(url(site, "file_report"), data).status_code == 409


def test_an_expert_who_withdraws_goes_to_the_desk(world, stand, browse):
    walk, application = world.application(to="expert_review")
    stand(walk.at)
    expert = application.reviews.first().expert
    answer = browse(expert).post(
        url(application, "recuse"), {"reason": "曾参与编制。", "version": fresh(application).version}
    )
    assert answer["Location"] == reverse("desk")


# --- acts that bind the office --------------------------------------------------------------------
@pytest.fixture
def to_sign(world, stand):
    walk, application = world.application(to="ready")
    walk.close()
    batch = walk.act(walk.batch, "draw_list", world.cast["officer"])
    batch = walk.act(batch, "confirm", world.cast["head"], data={})
    while batch.state == "countersign":
        batch = walk.act(batch, "countersign", world.cast["countersigner"], data={})
    stand(walk.at)
    return walk, Batch.objects.get(pk=batch.pk), application


def test_signing_asks_for_the_password_first(to_sign, world, browse):
    _walk, batch, _application = to_sign
    answer = browse(world.cast["leader"]).get(url(batch, "sign"))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    assert "next=%2Fdo%2Fbatch%2F" in answer["Location"]


def test_the_password_given_again_opens_the_page(to_sign, world, browse):
    _walk, batch, application = to_sign
    leader = world.cast["leader"]
    leader.set_password("demo")
    leader.save()
    browser = browse(leader)
    answer = browser.post(
        f"{reverse('account_reauthenticate')}?next={url(batch, 'sign')}",
        {"password": "demo", "next": url(batch, "sign")},
    )
    assert answer["Location"] == url(batch, "sign")
    text = browser.read(url(batch, "sign"))
    assert "涉及 1 项" in text
    assert application.number in text


def test_those_who_may_not_sign_are_told_so_without_a_password(to_sign, world, browse):
    _walk, batch, _application = to_sign
    assert world.cast["leader"].name in browse(world.cast["officer"]).read(url(batch, "sign"))


def test_a_signature_after_the_password_has_expired_keeps_what_was_typed(to_sign, world, browse, prove):
    _walk, batch, _application = to_sign
    prove(False)
    answer = browse(world.cast["leader"]).post(
        url(batch, "sign"), {"comment": "同意，抓紧办理。", "version": batch.version}
    )
    assert answer.status_code == 403
    assert "同意，抓紧办理。</textarea>" in answer.content.decode()
    assert "身份验证已过期" in answer.content.decode()
    assert fresh(batch).state == "leader"


def test_a_signature_in_time_is_taken(to_sign, world, browse, prove):
    _walk, batch, application = to_sign
    prove(True)
    answer = browse(world.cast["leader"]).post(url(batch, "sign"), {"comment": "同意。", "version": batch.version})
    assert answer.status_code == 302
    assert fresh(batch).state == "to_publish"
    assert Application.objects.get(pk=application.pk).state == "listed"
