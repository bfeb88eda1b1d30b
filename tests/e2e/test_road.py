"""One application's whole life in a real browser: call, form, recommendation, checks, reviews, list, signatures,
notice, document, certificate verified by a passer-by; then three years on, acceptance."""

import re

import pytest

from accounts import clock
from approvals.models import Certificate, Review, SealUse
from pilots.models import Application, Batch, Designation, Programme
from tests.e2e.people import PDF, Visitor
from workflows import ledger, perform

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def path(case):
    return case.get_absolute_url()


def test_one_application_from_call_to_acceptance(page, live_server, demo_world):
    visitor = Visitor(page, live_server.url)

    # 1 发布通知
    visitor.become("officer")
    visitor.go("/batches/new/")
    page.locator('[name="programme"]').select_option("service_cluster_trial_zone")
    visitor.press("下一步")
    for name, value in (("title", "2018年试验区申报"), ("opens_on", "2018-03-06"), ("closes_on", "2018-04-02"),
                        ("call_text", "请符合条件的地方按要求申报。")):  # fmt: skip
        visitor.fill(name, value)
    visitor.press("保存")
    batch = Batch.objects.get()
    visitor.act(path(batch), "发布申报通知")

    # 2 申报
    visitor.become("applicant")
    visitor.go(f"/calls/{batch.uuid}/")
    visitor.press("开始申报")
    for radio in page.locator('main input[type="radio"][value="yes"]').all():
        radio.check(force=True)
    page.locator("main form button.btn--primary").last.click()
    page.wait_for_load_state()
    application = Application.objects.get()
    sections = [section.code for section in application.rules.sections]
    for code in sections:
        visitor.go(f"/applications/{application.uuid}/edit/{code}/")
        visitor.fill_everything()
        page.locator("main form.formpage button.btn--primary").click()
        page.wait_for_url(re.compile(f"^(?!.*/edit/{code}/)"))
    visitor.go(f"/applications/{application.uuid}/edit/materials/")
    for material in application.rules.materials:
        if material.required:
            page.locator(f'input[type="file"][name="{material.code}"]').set_input_files(
                {"name": f"{material.code}.pdf", "mimeType": "application/pdf", "buffer": PDF}
            )
    page.locator("main form.formpage button.btn--primary").click()
    page.wait_for_load_state()
    visitor.act(path(application), "提交申报")

    # 3 推荐, 4 形审
    visitor.become("province")
    visitor.act(path(application), "推荐", rank="1", letter_number="沪知函〔2018〕1号")
    visitor.become("checker")
    visitor.go(path(application))
    visitor.press("受理")
    visitor.tick_all()
    page.locator("main form.confirm button.btn").last.click()
    page.wait_for_load_state()

    # 5 评审: one expert by hand, the others by the demonstration
    visitor.become("officer")
    visitor.act(path(application), "分派专家")
    assert Review.objects.count() == 5
    mine = Review.objects.filter(expert__username="expert1").exists()
    visitor.become("expert1")
    if mine:
        visitor.go(f"/review/{application.uuid}/")
        for criterion in application.rules.scoring.criteria:
            page.locator(f'input[name="{criterion.code}"][value="9"]').check(force=True)
        page.get_by_role("button", name="提交，下一份").click()
        page.wait_for_url("**/review/")
    visitor.leap("让其余演示专家完成评审")
    application.refresh_from_db()
    assert application.state == "ready"

    # 6 批复发证: the window closes by itself, then list, signatures, notice, document
    visitor.leap("快进 30 天")
    visitor.become("officer")
    visitor.act(path(batch), "拟定名单上报")
    visitor.become("head")
    visitor.act(path(batch), "确认名单")
    visitor.become("countersigner")
    visitor.act(path(batch), "会签同意")
    visitor.become("leader")
    visitor.act(path(batch), "签发名单")
    visitor.become("checker")
    visitor.act(path(batch), "发布公示")
    visitor.go(f"/notices/{batch.uuid}/")
    assert "徐汇区" in page.locator("main").inner_text()
    visitor.leap("快进 30 天")
    visitor.become("checker")
    visitor.act(path(batch), "编号发文")
    visitor.leap("快进到下一期限")
    certificate = Certificate.objects.get()
    assert certificate.state == "pending"
    seal(visitor, page)
    certificate.refresh_from_db()
    assert certificate.state == "issued"

    # A passer-by verifies it without signing in.
    page.context.clear_cookies()
    visitor.go("/v/")
    visitor.fill("code", f"{certificate.code[:5].lower()} {certificate.code[5:]}")
    visitor.press("核验")
    assert page.locator("h1").inner_text() == "证书有效"
    with page.expect_download() as download:
        page.get_by_role("link", name="下载 PDF").click()
    assert download.value.path().read_bytes().startswith(b"%PDF-")

    # The same file is found by its hash, without the code and without being sent; a changed one is not.
    held = download.value.path().read_bytes()
    for data, words in ((held, "您手中的文件就是签发的原件"), (held[:-1] + b"x", "不是本系统签发的文件")):
        visitor.go("/v/")
        with page.expect_navigation():
            page.locator('.drop input[type="file"]').set_input_files(
                {"name": "held.pdf", "mimeType": "application/pdf", "buffer": data}
            )
        assert words in page.locator("main").inner_text()

    # 7 年度报告, 8 三年验收
    site = Designation.objects.get()
    visitor.become("applicant")
    visitor.go(path(site))
    visitor.press("报送建设方案")
    visitor.fill_everything()
    page.locator("main form.confirm button.btn").last.click()
    page.wait_for_load_state()
    visitor.leap("三年后")
    site.refresh_from_db()
    assert site.state == "self_evaluation"
    visitor.go(path(site))
    visitor.press("提交自评总结")
    visitor.fill_everything()
    page.locator("main form.confirm button.btn").last.click()
    page.wait_for_load_state()
    visitor.become("assessor")
    accept(visitor, page)
    site.refresh_from_db()
    assert site.state == "accepted"
    seal(visitor, page)
    visitor.go("/demo/")
    visitor.press("快进 30 天")
    page.context.clear_cookies()
    visitor.go(f"/v/{certificate.code}/")
    assert page.locator("h1").inner_text() == "证书已被替换"
    page.get_by_role("link", name="查看新证").click()
    page.wait_for_load_state()
    assert page.locator("h1").inner_text() == "证书有效"
    for case in (
        *Batch.objects.all(),
        *Application.objects.all(),
        *Designation.objects.all(),
        *Certificate.objects.all(),
    ):
        assert ledger.verify(case) == []
    assert Programme.objects.exists()


def seal(visitor, page):
    """The officer looks at what the pre-flight says and asks for the seal; the head agrees; the certificate is made."""
    visitor.become("officer")
    visitor.go("/seals/")
    visitor.press("核对并申请用印")
    visitor.press("下一步：核对名单")
    assert "对 1 份证书申请用印" in page.locator("main").inner_text()
    visitor.press("提交用印审批")
    request = SealUse.objects.order_by("-pk").first()
    visitor.become("head")
    visitor.act(path(request), "批准用印")
    visitor.leap("快进到下一期限")


def accept(visitor, page):
    """A panel is put together, its work recorded, every member signs, the lead concludes."""
    site = Designation.objects.get()
    visitor.act(path(site), "组成验收组")
    for kind in site.rules.acceptance.methods:
        visitor.open_act(path(site), "记录验收过程")
        page.locator(f'main [name="kind"][value="{kind}"]').check(force=True)
        visitor.fill("note", "听取汇报，逐项查看现场和台账。")
        page.locator("main form.confirm button.btn").last.click()
        page.wait_for_load_state()
    site = Designation.objects.get()
    scores = {item.code: str(int(item.scale * 9 / 10)) for item in site.rules.acceptance.criteria}
    by_hand = False
    for member in site.awaited_members():
        if member.user.username == "expert1":
            visitor.become("expert1")
            visitor.act(path(site), "签署验收意见", **scores, comment="同意。")
            by_hand = True
        else:
            data = scores | {"comment": "同意验收组意见。"}
            perform(Designation.objects.get(), "give_opinion", by=member.user, at=clock.now(), data=data)
    assert by_hand
    visitor.become("assessor")
    visitor.act(path(site), "作出验收结论", conclusion="听取汇报、查看现场、审阅材料，达到建设目标。")
