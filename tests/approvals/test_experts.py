"""The pool and the draw for a batch: acts, pages, jobs, and what they cost."""

import io
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import Workbook

from accounts.models import Grant, Organisation, User
from accounts.roles import Role
from approvals import drawing, panel
from approvals.models import Credit, Draw, DrawnPanel, Expert, Review, Tie
from notifications import jobs
from notifications.models import Job
from pilots.models import Application, Batch
from workflows import ledger, perform
from workflows.beginnings import list_expert
from workflows.refusals import Denied, NotNow

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
LIST = 12


def signed_in(client, user):
    client.force_login(user, backend=BACKEND)
    return client


def cost(client, address):
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address)
    assert answer.status_code == 200, answer
    return len(captured)


def crowd(world, n, places=("广东省", "湖北省", "陕西省", "安徽省")):
    """n more experts of as many bodies, with profiles, in four provinces."""
    bodies = Organisation.objects.bulk_create(
        Organisation(name=f"第{k}研究院", kind="institution", place=world.place(places[k % len(places)]))
        for k in range(n)
    )
    people = User.objects.bulk_create(User(username=f"x{k}", name=f"专家{k}", organisation=bodies[k]) for k in range(n))
    Grant.objects.bulk_create(Grant(user=one, role=Role.EXPERT, valid_from=world.start) for one in people)
    Expert.objects.bulk_create(
        Expert(user=one, fields=["law"], term_from=date(2017, 1, 1), term_to=date(2027, 1, 1)) for one in people
    )
    return people


@pytest.fixture
def waiting(world):
    """A batch with three applications that wait for a panel."""
    walk = world.walk()
    walk.call()
    for name in ("徐汇区", "海淀区", "江宁区"):
        world.application(place=name, to="panel_draw", walk=walk)
    return walk


def confirm(walk, seed=7, by=None, **more):
    made = drawing.plan(Batch.objects.select_related(*Batch.related).get(pk=walk.batch.pk), seed, walk.at)
    data = {"seed": seed, "sha256": made.sha256} | more
    return perform(walk.batch, "draw_experts", by=by or walk.cast["officer"], at=walk.at, data=data)


# --- the pool --------------------------------------------------------------------------------------------------------


def test_a_declared_tie_keeps_away_until_it_has_been_over_for_three_years(world):
    walk, application = world.application(to="panel_draw")
    expert = world.cast.experts[0]
    profile = expert.expert
    data = {"organisation": application.organisation.name, "kind": "adviser", "promise": "on"}
    with pytest.raises(NotNow) as refusal:
        perform(
            profile, "declare_tie", by=expert, at=walk.at, data=data | {"organisation": "没有的单位", "promise": ""}
        )
    assert {reason.field for reason in refusal.value.reasons} == {"organisation", "promise"}
    with pytest.raises(Denied):
        perform(profile, "declare_tie", by=world.cast.experts[1], at=walk.at, data=data)
    perform(profile, "declare_tie", by=expert, at=walk.at, data=data)
    profile.refresh_from_db()
    assert profile.promised_at == walk.at
    assert ledger.verify(profile) == []

    def reason():
        return next(seat.excluded for seat in panel.pool(application, walk.at) if seat.expert == expert)

    assert reason() == "申报过与申报单位的利害关系"
    for until, told in ((walk.at.date() - timedelta(days=700), True), (walk.at.date() - timedelta(days=1200), False)):
        Tie.objects.update(until=until)
        assert bool(reason()) == told


def test_the_suspended_and_those_out_of_term_are_not_drawn(world):
    walk, application = world.application(to="panel_draw")
    first, second = world.cast.experts[0].expert, world.cast.experts[1].expert
    with pytest.raises(NotNow):
        perform(first, "suspend", by=world.cast["officer"], at=walk.at)
    perform(first, "suspend", by=world.cast["officer"], at=walk.at, reason="出国")
    yesterday = walk.at.date() - timedelta(days=1)
    Expert.objects.filter(pk=second.pk).update(term_from=yesterday, term_to=yesterday)
    away = {seat.expert for seat in panel.pool(application, walk.at) if seat.excluded == "暂停或不在聘期"}
    assert away == {first.user, second.user}
    perform(first, "resume", by=world.cast["officer"], at=walk.at)
    with pytest.raises(NotNow, match="已在专家库"):
        list_expert(first.user, by=world.cast["officer"], at=walk.at, fields=[])


def test_pages_of_the_pool(world, client):
    walk, _application = world.application(to="expert_review")
    expert = Review.objects.first().expert
    profile = expert.expert
    perform(profile, "note_credit", by=world.cast["officer"], at=walk.at, data={"kind": "praised", "note": "认真"})
    with pytest.raises(Denied):
        perform(profile, "note_credit", by=expert, at=walk.at, data={"kind": "praised", "note": "自夸"})
    signed_in(client, world.cast["officer"])
    page = client.get(reverse("experts")).content.decode()
    assert expert.name in page
    assert "表扬 1 次" in page
    assert "没有符合条件的专家" in client.get(reverse("experts"), {"q": "查无此人"}).content.decode()
    for filters in (
        {"field": "law"},
        {"state": "over"},
        {"province": world.place("湖北省").pk},
        {"province": "x"},
        {"sort": "-load"},
    ):
        assert client.get(reverse("experts"), filters).status_code == 200
    assert "认真" in client.get(profile.get_absolute_url()).content.decode()
    signed_in(client, expert)
    assert client.get(reverse("expert_mine")).url == profile.get_absolute_url()
    own = client.get(profile.get_absolute_url()).content.decode()
    assert "申报利害关系" in own
    assert world.cast["officer"].name not in own, "who keeps the pool is not on the expert's page"
    other = next(one.expert for one in world.cast.experts if one != expert)
    assert client.get(other.get_absolute_url()).status_code == 404
    assert client.get(reverse("act", args=["expert", profile.uuid, "declare_tie"])).status_code == 200
    Expert.objects.filter(pk=profile.pk).delete()
    assert "还没有入库" in client.get(reverse("expert_mine")).content.decode()


def test_somebody_is_listed_in_the_browser(world, client):
    signed_in(client, world.cast["officer"])
    assert "没有可入库的账号" in client.get(reverse("expert_new")).content.decode()
    person = crowd(world, 1)[0]
    Expert.objects.filter(user=person).delete()
    form = {
        "user": person.pk,
        "title": "教授",
        "fields_of": ["law"],
        "term_from": "2017-01-01",
        "term_to": "2016-01-01",
    }
    answer = client.post(reverse("expert_new"), form)
    assert answer.status_code == 422
    assert "聘期结束不能早于开始" in answer.content.decode()
    assert 'value="教授"' in answer.content.decode()
    assert client.post(reverse("expert_new"), form | {"term_to": "2020-01-01"}).status_code == 302
    assert person.expert.fields == ["law"]


def test_a_sheet_is_read_shown_and_then_listed(world, client):
    people = crowd(world, 3)
    Expert.objects.filter(user__in=people[:2]).delete()
    book = Workbook()
    for row in (
        ["账号", "职称", "专业", "评审领域", "聘期开始", "聘期结束"],
        ["x0", "教授", "法学", "法律与维权、产业与园区", "2017-01-01", date(2020, 1, 1)],
        ["x1", "", "", "算命", "2017-01-01", "2016-01-01"],
        ["x2", "", "", "law", "2017-01-01", "2020-01-01"],
        ["nobody", "", "", "law", "很久", "2020-01-01"],
    ):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    signed_in(client, world.cast["officer"])

    def send(**more):
        return client.post(reverse("expert_import"), {"file": SimpleUploadedFile("库.xlsx", out.getvalue()), **more})

    page = send().content.decode()
    for words in (
        "可入库 1 行，有误 3 行",
        "不认识的评审领域：算命",
        "聘期结束早于开始",
        "已在专家库",
        "没有账号“nobody”",
        "聘期须写成",
    ):
        assert words in page
    assert not Expert.objects.filter(user=people[0]).exists()
    assert send(confirmed="1").status_code == 302
    assert Expert.objects.get(user=people[0]).fields == ["industry", "law"]
    for name, data in (("库.xlsx", b"x"), ("库.csv", "姓名\n甲".encode()), ("库.csv", b"\xff\xfe\xfa")):
        answer = client.post(reverse("expert_import"), {"file": SimpleUploadedFile(name, data)})
        assert answer.status_code == 422


# --- the draw --------------------------------------------------------------------------------------------------------


def test_a_draw_is_stored_and_carried_out_by_jobs_once(world, waiting, client):
    walk = waiting
    crowd(world, 12)
    signed_in(client, world.cast["officer"])
    address = reverse("batch_draw", args=[walk.batch.uuid])
    assert "seed=" in client.get(address).url
    assert "抽签号 7" in client.get(address, {"seed": "7"}).content.decode()
    with pytest.raises(NotNow, match="有变动"):
        confirm(walk, sha256="0" * 64)
    outcome = confirm(walk)
    assert '"seed":7' in outcome.entry.text
    assert (Draw.objects.count(), DrawnPanel.objects.count(), Job.objects.filter(kind="assign_panel").count()) == (
        1,
        3,
        3,
    )
    page = client.get(walk.batch.get_absolute_url()).content.decode()
    assert "正在分派专家" in page
    assert client.get(reverse("draw_progress", args=[walk.batch.uuid])).status_code == 200
    for _turn in range(2):
        jobs.work(walk.at)
        Job.objects.filter(kind="assign_panel").update(state="queued")
    assert client.get(reverse("draw_progress", args=[walk.batch.uuid])).status_code == 286
    assert set(Application.objects.values_list("state", flat=True)) == {"expert_review"}
    stored = {one.application_id: {seat["expert"] for seat in one.seats} for one in DrawnPanel.objects.all()}
    for application in Application.objects.all():
        assert {review.expert_id for review in application.reviews.all()} == stored[application.pk]
        assert ledger.verify(application) == []
    application = Application.objects.first()
    story = client.get(application.get_absolute_url() + "?tab=scores").content.decode()
    assert "为什么是这几位专家" in story
    assert "抽签号 7" in story
    assert "抽签序第" in story
    assert "没有待派专家的申报" in client.get(address, {"seed": "7"}).content.decode()


def test_what_has_changed_since_the_draw_is_not_forced(world, waiting):
    walk = waiting
    crowd(world, 12)
    confirm(walk)
    drawn = DrawnPanel.objects.select_related("application__organisation").first()
    expert = Expert.objects.get(user_id=drawn.seats[0]["expert"])
    Tie.objects.create(expert=expert, organisation=drawn.application.organisation, kind="kin", declared_at=walk.at,
                       declared_by=world.cast["officer"])  # fmt: skip
    jobs.work(walk.at)
    drawn.refresh_from_db()
    assert drawn.state == "refused"
    assert "不能评审本件" in drawn.reason
    assert DrawnPanel.objects.filter(state="done").count() == 2
    confirm(walk, seed=8)
    jobs.work(walk.at)
    assert not Application.objects.filter(state="panel_draw").exists()


def test_the_draw_is_for_those_who_organise_reviews(world, waiting, client):
    for key in ("head", "auditor"):
        with pytest.raises(Denied):
            confirm(waiting, by=world.cast[key])
    address = reverse("batch_draw", args=[waiting.batch.uuid])
    Grant.objects.filter(user=world.cast["officer"]).update(programme="strong_city_creation")
    assert signed_in(client, world.cast["officer"]).get(address).status_code == 404
    assert not Draw.objects.exists()


def test_a_short_pool_is_said_with_the_smallest_relaxation(world, waiting, client):
    Grant.objects.filter(role=Role.EXPERT).update(valid_to=waiting.at)
    crowd(world, 8, places=("北京市", "上海市"))
    signed_in(client, world.cast["officer"])
    page = client.get(reverse("batch_draw", args=[waiting.batch.uuid]), {"seed": "3"}).content.decode()
    assert "还缺 1 位" in page
    assert "放宽“来自申报单位所在省份”一条即可凑齐" in page
    confirm(waiting, seed=3)
    assert [one.application.place.name for one in DrawnPanel.objects.all()] == ["江宁区"], "the others stay and wait"


def test_a_programme_that_assigns_by_hand_is_not_drawn(world, ruled, client):
    ruled('draw = "balanced"', 'draw = "by_hand"')
    walk, _application = world.application(to="panel_draw")
    signed_in(client, world.cast["officer"])
    assert client.get(reverse("batch_draw", args=[walk.batch.uuid])).status_code == 404
    with pytest.raises(NotNow, match="不使用这一环节"):
        perform(walk.batch, "draw_experts", by=world.cast["officer"], at=walk.at, data={})


def test_a_replacement_comes_by_the_same_rules(world, client):
    walk, application = world.application(to="expert_review")
    gone = application.reviews.select_related("expert").first().expert
    walk.act(application, "recuse", gone, reason="任顾问")
    signed_in(client, world.cast["officer"])
    page = client.get(reverse("act", args=["application", application.uuid, "add_expert"])).content.decode()
    assert "按规则推荐" in page
    assert f'value="{gone.pk}"' not in page
    assert page.count(" checked") == 1


def test_pool_and_draw_cost_the_same_at_any_size(world, waiting, client):
    signed_in(client, world.cast["officer"])
    pages = [reverse("experts"), reverse("batch_draw", args=[waiting.batch.uuid]) + "?seed=5"]
    few = [cost(client, page) for page in pages]
    people = crowd(world, 120)
    for profile in Expert.objects.filter(user__in=people):
        Credit.objects.create(expert=profile, kind="late", at=waiting.at)
    many = [cost(client, page) for page in pages]
    assert many == few
    assert max(many) <= LIST


def test_confirming_a_draw_costs_few_statements(world, waiting):
    crowd(world, 40)
    with CaptureQueriesContext(connection) as captured:
        confirm(waiting)
    assert len(captured) <= 30 + 6, "with the plan of the preview"
