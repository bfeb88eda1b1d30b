"""People and rights in the browser: what the three administrators see, and what each of them does there."""

import json
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import Workbook

from accounts import activation
from accounts.models import Grant, Organisation, User
from accounts.roles import Role
from approvals.models import GrantLine, GrantRequest
from tests.pilots.conftest import _light, browse, stand, words  # noqa: F401 - fixtures
from workflows import perform
from workflows.beginnings import begin_grant_request
from workflows.models import LedgerEntry
from workflows.refusals import NotNow


@pytest.fixture
def here(world, stand):  # noqa: F811
    stand(world.start)
    return world


@pytest.fixture
def zhang(here):
    body = here.cast["officer"].organisation
    return User.objects.create(
        username="zhang", name="张三丰", organisation=body, email="zhang@example.cn", password="!"
    )


def waiting(here, user, role=Role.COUNTERSIGNER, **more):
    line = GrantLine(user=user, role=role, valid_from=here.start)
    return begin_grant_request("give", [line], by=here.cast["sysadmin"], at=here.start, grounds="岗位调整", **more).obj


# --- reading
def test_the_desk_of_an_administrator_shows_what_waits(here, browse, zhang):  # noqa: F811
    request = waiting(here, zhang)
    for key in ("sysadmin", "secadmin"):
        page = browse(here.cast[key]).read(reverse("desk"))
        assert request.number in page
        assert "人员" in page
        assert "项目与规则" not in page
        assert "申报" not in page.split("工作台")[0]
    assert "复核授权申请" in browse(here.cast["secadmin"]).read(reverse("tasks"))


def test_the_list_is_narrowed(here, browse, zhang):  # noqa: F811
    visitor = browse(here.cast["auditor"])
    everybody = visitor.read(reverse("people"))
    assert "开立账号" not in everybody
    Grant.objects.create(user=zhang, role=Role.COUNTERSIGNER, valid_from=here.start)
    User.objects.filter(username="expert2").update(is_active=False)
    cases = (
        ("q=三丰", "张三丰", "王颖"), ("role=countersigner", "张三丰", "王颖"), ("organisation=规划发展", "王颖", "赵明"),
        ("state=off", "吴雨桐", "王颖"), (f"place={here.place('北京市').pk}", "周文海", "王颖"),
    )  # fmt: skip
    for query, there, gone in cases:
        page = visitor.read(f"{reverse('people')}?{query}")
        assert there in page, query
        assert gone not in page, query
    assert "没有符合条件的人员" in visitor.read(f"{reverse('people')}?q=nobody-like-this")
    assert "已忽略" in visitor.read(f"{reverse('people')}?role=nonsense")


@pytest.mark.parametrize("name", ["people", "organisations", "grants"])
def test_lists_cost_the_same_at_any_size(here, browse, zhang, name):  # noqa: F811
    visitor = browse(here.cast["sysadmin"])
    waiting(here, zhang)
    visitor.get(reverse(name))

    def count():
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert visitor.get(reverse(name)).status_code == 200
        return len(seen)

    small = count()
    place = here.place("北京市")
    for number in range(15):
        body = Organisation.objects.create(name=f"单位{number}", kind="institution", place=place)
        user = User.objects.create(username=f"p{number}", name=f"人{number}", organisation=body)
        Grant.objects.create(user=user, role=Role.EXPERT, valid_from=here.start)
        waiting(here, user)
    assert count() == small <= 12


def test_one_request_costs_the_same_at_any_size(here, browse, zhang):  # noqa: F811
    visitor = browse(here.cast["secadmin"])
    people = [User.objects.create(username=f"p{n}", name=f"人{n}", password="!") for n in range(12)]

    def count(users):
        lines = [GrantLine(user=one) for one in users]
        by = here.cast["sysadmin"]
        made = begin_grant_request("off", lines, by=by, at=here.start, grounds="离岗").obj
        visitor.get(made.get_absolute_url())
        with CaptureQueriesContext(connection) as seen:
            assert visitor.get(made.get_absolute_url()).status_code == 200
        return len(seen)

    assert count(people[:2]) == count(people)


def test_the_page_of_a_person_tells_now_past_and_to_come(here, browse, zhang):  # noqa: F811
    at = here.start
    Grant.objects.create(user=zhang, role=Role.LEADER, valid_from=at - timedelta(days=9), valid_to=at)
    Grant.objects.create(user=zhang, role=Role.COUNTERSIGNER, valid_from=at)
    Grant.objects.create(user=zhang, role=Role.DOCUMENT_CLERK, valid_from=at + timedelta(days=9))
    waiting(here, zhang, Role.PUBLICITY_OFFICER)
    page = browse(here.cast["sysadmin"]).read(reverse("person", args=[zhang.pk]))
    assert page.index("会签人") < page.index("文印专员") < page.index("局领导")
    for text in ("申请终止", "申请停用账号", "发送启用链接", "SQ-2017-0001"):
        assert text in page
    page = browse(here.cast["secadmin"]).read(reverse("person", args=[zhang.pk]))
    assert "立即终止" in page
    assert "申请终止" not in page
    page = browse(here.cast["auditor"]).read(reverse("person", args=[zhang.pk]))
    assert not {"申请终止", "立即终止", "发送启用链接"} & set(page.split())
    own = browse(here.cast["secadmin"]).read(reverse("person", args=[here.cast["secadmin"].pk]))
    assert "这是您本人的账号" in own
    assert "立即停用账号" not in own


def test_a_request_says_what_it_would_do(here, browse, zhang):  # noqa: F811
    request = waiting(here, zhang, Role.FORMALITY_CHECKER)
    page = browse(here.cast["secadmin"]).read(request.get_absolute_url())
    for text in ("形式审查员可以办理", "复核同意", "账号未启用", "岗位调整"):
        assert text in page
    Grant.objects.create(user=zhang, role=Role.AUDITOR, valid_from=here.start)
    page = browse(here.cast["auditor"]).read(request.get_absolute_url())
    assert "三员分立" in page
    assert "不能复核同意" in page


# --- doing
def test_the_road_of_a_grant(here, browse, zhang, prove):  # noqa: F811
    visitor = browse(here.cast["sysadmin"])
    assert 'value="zhang"' in visitor.get(f"{reverse('grant_new')}?user=zhang").content.decode()
    given = {
        "user": "zhang",
        "role": "province_officer",
        "place": "鼓楼",
        "valid_from": "2017-03-07",
        "grounds": "任职",
    }
    answer = visitor.post(reverse("grant_new"), given)
    assert answer.status_code == 422
    assert "没有地区" in words(answer)
    assert "任职" in words(answer)
    answer = visitor.post(reverse("grant_new"), given | {"place": "320000", "valid_to": "2017-03-31"})
    request = GrantRequest.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, request.get_absolute_url())
    line = request.lines.get()
    assert (line.place.name, str(line.last_day)) == ("江苏省", "2017-03-31")
    url = reverse("act", args=["grantrequest", request.uuid, "confirm_grant"])
    second = browse(here.cast["secadmin"])
    prove(False)
    assert "/reauthenticate/" in second.get(url)["Location"]
    assert second.post(url, {"version": "1"}).status_code == 403
    assert not Grant.objects.filter(user=zhang).exists()
    prove(True)
    page = words(second.get(url))
    assert "省局推荐员可以" in page
    assert "省局推荐员（江苏省）" in page
    assert second.post(url, {"version": "1"}).status_code == 302
    assert Grant.objects.get(user=zhang).approved_by == here.cast["secadmin"]


def test_faults_stand_at_their_fields(here, browse, zhang):  # noqa: F811
    Grant.objects.create(user=zhang, role=Role.LEADER, valid_from=here.start)
    given = {
        "user": "zhang",
        "role": "auditor",
        "valid_from": "2017-03-07",
        "valid_to": "2017-03-01",
        "grounds": "任职",
    }
    answer = browse(here.cast["sysadmin"]).post(reverse("grant_new"), given)
    assert set(answer.context["form"].errors) == {"valid_to"}
    answer = browse(here.cast["sysadmin"]).post(reverse("grant_new"), given | {"valid_to": ""})
    assert set(answer.context["form"].errors) == {"role"}
    assert "局领导" in words(answer)
    own = given | {"user": "sysadmin", "role": "leader", "valid_to": ""}
    assert browse(here.cast["sysadmin"]).post(reverse("grant_new"), own).status_code == 422
    assert not GrantRequest.objects.exists()


def test_an_end_and_a_switch_are_proposed(here, browse, zhang):  # noqa: F811
    grant = Grant.objects.create(user=zhang, role=Role.LEADER, valid_from=here.start)
    visitor = browse(here.cast["sysadmin"])
    answer = visitor.post(reverse("grant_end", args=[grant.pk]), {"last": "2017-03-20", "grounds": "离任"})
    assert answer.status_code == 302
    assert str(GrantRequest.objects.get(kind="end").lines.get().last_day) == "2017-03-20"
    assert visitor.post(reverse("account_switch", args=[zhang.pk]), {"grounds": "离职"}).status_code == 302
    assert visitor.post(reverse("account_switch", args=[zhang.pk]), {"grounds": ""}).status_code == 422
    assert list(GrantRequest.objects.values_list("kind", "state").order_by("pk")) == [
        ("end", "waiting"),
        ("off", "waiting"),
    ]


def test_an_address_is_changed_by_two_and_the_old_one_hears_of_it(
    here,
    browse,  # noqa: F811
    zhang,
    prove,
    mailoutbox,
    django_capture_on_commit_callbacks,
):
    zhang.email, zhang.phone = "zhang@old.example.cn", "010-1"
    zhang.save()
    User.objects.create(username="other", name="他人", email="taken@example.cn")
    visitor, url = browse(here.cast["sysadmin"]), reverse("contact_new", args=[zhang.pk])
    assert url in visitor.get(reverse("person", args=[zhang.pk])).content.decode()
    assert 'value="zhang@old.example.cn"' in visitor.get(url).content.decode()
    given = {"email": "zhang@new.example.cn", "phone": "010-2", "grounds": "单位换了邮箱"}
    for wrong in (
        {"email": "x"},
        {"email": "TAKEN@example.cn"},
        {"email": zhang.email, "phone": "010-1"},
        {"grounds": ""},
    ):
        answer = visitor.post(url, given | wrong)
        assert answer.status_code == 422
        assert set(answer.context["form"].errors) & {"email", "grounds", "__all__"}
    assert visitor.post(reverse("contact_new", args=[here.cast["sysadmin"].pk]), given).status_code == 422
    assert not GrantRequest.objects.exists()
    assert visitor.post(url, given).status_code == 302
    request = GrantRequest.objects.get()
    page = words(visitor.get(request.get_absolute_url()))
    assert "zhang@new.example.cn" in page
    assert "zhang@old.example.cn" in page
    zhang.refresh_from_db()
    assert zhang.email == "zhang@old.example.cn"
    assert mailoutbox == []
    # Who proposed it cannot confirm it.
    confirm = reverse("act", args=["grantrequest", request.uuid, "confirm_grant"])
    assert visitor.post(confirm, {"version": "1"}).status_code == 403
    second = browse(here.cast["secadmin"])
    prove(True)
    assert "原邮箱收到告知" in words(second.get(confirm))
    sent = activation.tokens.make_token(zhang)
    with django_capture_on_commit_callbacks(execute=True):
        assert second.post(confirm, {"version": "1"}).status_code == 302
    zhang.refresh_from_db()
    assert (zhang.email, zhang.phone) == ("zhang@new.example.cn", "010-2")
    assert not activation.tokens.check_token(zhang, sent)
    assert [mail.to for mail in mailoutbox if "改用其他邮箱" in mail.subject] == [["zhang@old.example.cn"]]
    assert [(one.kind, one.note) for one in zhang.events.all()] == [("contact_changed", request.number)]
    facts = json.loads(LedgerEntry.objects.get(act="confirm_grant").text)["facts"]
    assert facts["lines"][0]["email"] == "zhang@new.example.cn"


def test_an_address_that_another_account_got_meanwhile_is_not_confirmed(here, zhang):
    line = GrantLine(user=zhang, email="one@example.cn")
    request = begin_grant_request("contact", [line], by=here.cast["sysadmin"], at=here.start, grounds="换邮箱").obj
    User.objects.create(username="other", name="他人", email="ONE@example.cn")
    with pytest.raises(NotNow) as refusal:
        perform(request, "confirm_grant", by=here.cast["secadmin"], at=here.start)
    assert [item.code for item in refusal.value.reasons] == ["taken"]
    changed = GrantLine.objects.get()
    changed.email = "thief@example.cn"
    changed.save()
    with pytest.raises(NotNow) as refusal:
        perform(request, "confirm_grant", by=here.cast["secadmin"], at=here.start)
    assert "list_changed" in [item.code for item in refusal.value.reasons]


def test_nobody_alone_changes_an_address_at_once(here, zhang):
    line = GrantLine(user=zhang, email="one@example.cn")
    with pytest.raises((NotNow, IntegrityError)), transaction.atomic():
        begin_grant_request("contact", [line], by=here.cast["secadmin"], at=here.start, grounds="换邮箱", at_once=True)
    zhang.refresh_from_db()
    assert zhang.email == "zhang@example.cn"


def test_taking_away_at_once_asks_for_proof_and_a_reason(here, browse, zhang, prove):  # noqa: F811
    grant = Grant.objects.create(user=zhang, role=Role.LEADER, valid_from=here.start - timedelta(days=1))
    visitor, url = browse(here.cast["secadmin"]), reverse("person_cut", args=[zhang.pk])
    prove(False)
    assert visitor.get(url).status_code == 302
    answer = visitor.post(url, {"grounds": "账号被盗用"})
    assert answer.status_code == 403
    assert "账号被盗用" in answer.content.decode()
    prove(True)
    assert visitor.post(url, {"grounds": ""}).status_code == 422
    assert visitor.post(f"{url}?grant={grant.pk}", {"grounds": "离任未报"}).status_code == 302
    grant.refresh_from_db()
    assert grant.valid_to == here.start
    assert visitor.post(url, {"grounds": "账号被盗用"}).status_code == 302
    zhang.refresh_from_db()
    assert not zhang.is_active
    other = Grant.objects.filter(user=here.cast["head"]).first()
    assert visitor.get(f"{url}?grant={other.pk}").status_code == 404
    assert visitor.get(f"{url}?grant=x").status_code == 404


def test_a_body_and_an_account_are_opened(here, browse):  # noqa: F811
    visitor = browse(here.cast["sysadmin"])
    body = {"name": "示例中心", "kind": "institution", "place": "北京市", "credit_code": "", "name_en": ""}
    assert visitor.post(reverse("organisation_new"), body).status_code == 302
    assert visitor.post(reverse("organisation_new"), body).status_code == 422
    given = {"name": "李四", "username": "lisi", "organisation": "示例中心", "phone": "", "email": "lisi@example.cn"}
    assert visitor.post(reverse("person_new"), given | {"organisation": "示例"}).status_code == 422
    assert visitor.post(reverse("person_new"), given | {"is_superuser": "on", "is_staff": "on"}).status_code == 302
    user = User.objects.get(username="lisi")
    assert not user.has_usable_password()
    assert not user.is_superuser
    assert not user.is_staff
    assert not user.grants.exists()
    assert user.events.get().kind == "opened"
    for fields in ({"username": "LISI", "email": ""}, {"username": "other", "email": "LISI@example.cn"}):
        assert visitor.post(reverse("person_new"), given | fields).status_code == 422


# --- a sheet
HEAD = ["账号", "角色", "辖区", "单位", "项目", "生效日期", "失效日期"]


def sheet(*rows):
    book = Workbook()
    for row in (HEAD, *rows):
        book.active.append(row)
    out = BytesIO()
    book.save(out)
    return SimpleUploadedFile("grants.xlsx", out.getvalue())


def test_a_sheet_is_shown_with_its_faults_and_proposed_as_one(here, browse, zhang):  # noqa: F811
    rows = (
        ("zhang", "会签人", "", "", "", "2017-03-08", ""),
        ("nobody", "会签人", "", "", "", "", ""),
        ("expert1", "审计员", "", "", "", "", ""),
        ("expert2", "省局推荐员", "320000", "", "", "", "2017-12-31"),
        ("expert3", "省局推荐员", "无此地", "", "", "", ""),
        ("expert4", "项目主管", "", "", "no_such_programme", "", ""),
        ("zhang", "审计员", "", "", "", "", ""),
        ("expert5", "厨师", "", "", "", "昨天", ""),
    )
    visitor, url = browse(here.cast["sysadmin"]), reverse("grant_sheet")
    answer = visitor.post(url, {"file": sheet(*rows), "grounds": "年度调整", "confirmed": "1"})
    assert answer.status_code == 200
    assert not GrantRequest.objects.exists()
    assert [bool(row.faults) for row in answer.context["rows"]] == [False, True, True, False, True, True, True, True]
    for text in (
        "没有账号“nobody”",
        "同期持有“评审专家”",
        "没有地区“无此地”",
        "没有项目“no_such_programme”",
        "没有角色“厨师”",
        "可申请 2 行，涉及 2 人；有误 6 行",
    ):
        assert text in words(answer), text
    kept = answer.context["kept"]
    assert visitor.post(url, {"kept": kept, "grounds": "", "confirmed": "1"}).status_code == 422
    assert (
        browse(here.cast["sysadmin"]).post(url, {"kept": kept + "x", "grounds": "x", "confirmed": "1"}).status_code
        == 422
    )
    answer = visitor.post(url, {"kept": kept, "grounds": "年度调整", "confirmed": "1"})
    request = GrantRequest.objects.get()
    assert answer["Location"] == request.get_absolute_url()
    assert [(line.user.username, line.role) for line in request.lines.all()] == [
        ("zhang", "countersigner"), ("expert2", "province_officer"),
    ]  # fmt: skip


def test_a_csv_is_read_and_a_broken_file_is_refused(here, browse, zhang):  # noqa: F811
    visitor, url = browse(here.cast["sysadmin"]), reverse("grant_sheet")
    text = ",".join(HEAD) + "\nzhang,局领导,,,,,\n"
    answer = visitor.post(url, {"file": SimpleUploadedFile("g.csv", text.encode("gb18030")), "grounds": "x"})
    assert [row.faults for row in answer.context["rows"]] == [[]]
    for name, data in (("g.xlsx", b"PK no zip"), ("g.csv", b"a,b\n1,2\n"), ("g.csv", b"")):
        assert visitor.post(url, {"file": SimpleUploadedFile(name, data), "grounds": "x"}).status_code == 422


def test_who_comes_second_reads_who_was_first_and_with_what(here, browse, zhang, prove):  # noqa: F811
    prove(True)
    request = waiting(here, zhang)
    second = User.objects.create(username="secadmin2", name="另一位安全管理员")
    Grant.objects.create(user=second, role=Role.SECURITY_ADMIN, valid_from=here.start - timedelta(days=1))
    url = reverse("act", args=["grantrequest", request.uuid, "refuse_grant"])
    visitor = browse(second)
    assert visitor.get(url).status_code == 200
    perform(request, "confirm_grant", by=here.cast["secadmin"], at=here.start)
    answer = visitor.post(url, {"reason": "岗位未核定", "version": request.version})
    page = answer.content.decode()
    assert answer.status_code == 409
    for words_ in ("有人先办理了", "复核同意，已生效", str(Role.SECURITY_ADMIN.label)):
        assert words_ in page
    assert Grant.objects.filter(user=zhang).count() == 1
