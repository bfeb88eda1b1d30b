"""Several people on one application: asked in part by part, seen while they are there, gone when it is handed in."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Organisation, User
from config.demo.answers import _PDF
from notifications.models import Message
from pilots.models import Application, Collaborator, Presence
from workflows import perform
from workflows.models import LedgerEntry
from workflows.refusals import Denied, NotNow


@pytest.fixture
def draft(world, stand):
    walk, application = world.application(to="draft")
    stand(walk.at)
    return walk, application


@pytest.fixture
def helper(world):
    other = Organisation.objects.create(name="外单位（示例）", kind="institution", place=world.place("江宁区"))
    return User.objects.create(username="helper", name="张三", organisation=other)


def invite(walk, application, user, sections=("overview",), by=None, **more):
    data = {"username": user.username, "sections": list(sections)} | more
    return walk.act(application, "invite", by or walk.leader_of(application), data=data)


def page(application, section="overview"):
    return reverse("application_edit", args=[application.uuid, section])


def test_a_helper_sees_and_fills_in_the_parts_asked_for_and_no_others(draft, helper, browse):
    walk, application = draft
    browser = browse(helper)
    browser.read(page(application), status=404)
    invite(walk, application, helper)
    assert Message.objects.filter(kind="invited", user=helper).exists()
    facts = LedgerEntry.objects.get(case_uuid=application.uuid, act="invite").text
    assert '"sections":["overview"]' in facts
    assert "张三" in facts
    browser = browse(helper)
    said = browser.read(page(application))
    assert "建设方案" not in said.split("填报申请")[1]
    for section in ("goals", "materials", "preview"):
        assert browser.get(page(application, section)).status_code == 403
    saved = browser.post(
        reverse("application_save", args=[application.uuid, "overview"]),
        {"field": "core_area", "value": "北片", "rev": ""},
    )
    assert saved.status_code in (200, 409)
    for name in ("application_sheet", "sheet_template"):
        assert browser.get(reverse(name, args=[application.uuid])).status_code == 403
    assert browser.get(reverse("application", args=[application.uuid])).url == page(application)
    for name in ("evidence",):
        assert browser.get(reverse(name, args=["application", application.uuid])).status_code == 404
    assert browser.get(reverse("receipt", args=[application.uuid])).status_code == 404
    upload = application.uploads.first()
    assert browser.get(reverse("upload", args=[upload.uuid])).status_code == 404
    with pytest.raises(Denied):
        perform(application, "submit", by=helper, at=walk.at)


def test_a_helper_of_the_materials_uploads_and_removes(draft, helper, browse):
    walk, application = draft
    invite(walk, application, helper, ["materials"])
    browser = browse(helper)
    file = SimpleUploadedFile("新承诺函.pdf", _PDF)
    assert browser.post(page(application, "materials"), {"commitment": file}).status_code == 302
    said = browser.read(page(application, "materials"))
    assert "新承诺函.pdf" in said
    assert "已替换 1 份" in said
    assert "上限 200" in said


def test_out_of_sight_when_removed_and_when_handed_in_and_back_for_a_supplement(draft, helper, browse, world):
    walk, application = draft
    invite(walk, application, helper)
    leader = walk.leader_of(application)
    application = walk.act(Application.objects.get(pk=application.pk), "submit", leader)
    assert browse(helper).get(page(application)).status_code == 404
    application = walk.recommend(application)
    application = walk.check(application, "ask_supplement", reason="缺章。")
    assert browse(helper).get(page(application)).status_code == 200
    row = Collaborator.objects.get()
    walk.act(application, "uninvite", leader, data={"collaborator": row.pk})
    assert browse(helper).get(page(application)).status_code == 404
    assert not Application.objects.visible_to(helper).exists()


def test_who_may_not_be_asked_and_why(draft, world, helper):
    walk, application = draft
    leader = walk.leader_of(application)
    with pytest.raises(NotNow, match="没有用户名"):
        perform(application, "invite", by=leader, at=walk.at, data={"username": "nobody", "sections": ["overview"]})
    with pytest.raises(NotNow):
        perform(application, "invite", by=leader, at=walk.at, data={"username": "helper", "sections": ["nothing"]})
    for user in (world.cast["checker"], world.cast["expert1"], world.cast.province(world.place("上海市"))):
        with pytest.raises(NotNow, match="办理人员或评审专家"):
            invite(walk, application, user)
    with pytest.raises(NotNow, match="不必邀请"):
        invite(walk, application, leader)
    application = invite(walk, application, helper)
    with pytest.raises(NotNow, match="已是协作人"):
        invite(walk, application, helper)
    with pytest.raises(Denied):
        invite(walk, application, world.cast["auditor"], by=helper)


def test_two_people_read_both_texts(draft, helper, browse):
    walk, application = draft
    invite(walk, application, helper)
    mine, theirs = browse(walk.leader_of(application)), browse(helper)
    address = reverse("application_save", args=[application.uuid, "overview"])
    rev = mine.get(page(application)).context["rev"]
    assert mine.post(address, {"field": "core_area", "value": "东片", "rev": rev}).status_code == 200
    clash = theirs.post(address, {"field": "core_area", "value": "西片", "rev": rev})
    assert clash.status_code == 409
    assert "东片" in clash.content.decode()
    assert "西片" in clash.content.decode()


def test_others_are_seen_while_they_are_there(draft, helper, browse, stand):
    walk, application = draft
    invite(walk, application, helper)
    stand(walk.at)
    address = reverse("application_presence", args=[application.uuid, "overview"])
    assert "正在编辑" not in browse(helper).post(address).content.decode()
    stand(walk.at + timedelta(minutes=2))
    said = browse(walk.leader_of(application)).post(address).content.decode()
    assert "正在编辑：张三，2 分钟前" in said
    assert Presence.objects.count() == 2
    stand(walk.at + timedelta(minutes=30))
    assert "张三" not in browse(walk.leader_of(application)).post(address).content.decode()
    assert browse(helper).post(reverse("application_presence", args=[application.uuid, "goals"])).status_code == 403


def test_presence_costs_the_same_for_any_number_of_people(draft, helper, browse, world):
    walk, application = draft
    invite(walk, application, helper)
    browser = browse(walk.leader_of(application))
    address = reverse("application_presence", args=[application.uuid, "overview"])
    browser.post(address)
    with CaptureQueriesContext(connection) as few:
        browser.post(address)
    for number in range(5):
        user = User.objects.create(username=f"p{number}", name=f"人{number}", organisation=helper.organisation)
        Presence.objects.create(application=application, user=user, section="goals", seen_at=walk.at)
    with CaptureQueriesContext(connection) as many:
        browser.post(address)
    assert len(many) == len(few) <= 15


def test_all_files_together_have_a_limit(draft, browse, settings):
    walk, application = draft
    settings.UPLOAD_TOTAL_MB = 1
    application.uploads.filter(material="work_plan_file").update(size=1024 * 1024)
    browser = browse(walk.leader_of(application))
    answer = browser.post(page(application, "materials"), {"commitment": SimpleUploadedFile("大.pdf", _PDF)})
    assert answer.status_code == 422
    assert "超过上限" in answer.content.decode()
